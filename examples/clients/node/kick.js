// Asks a server for a kick and writes it as a WAV file:
//   npm install && node kick.js localhost:8500 kick.wav
const fs = require("fs");
const path = require("path");
const grpc = require("@grpc/grpc-js");
const loader = require("@grpc/proto-loader");

const proto = path.join(__dirname, "../../../serving/client/proto/drums.proto");
const { tensorflow } = grpc.loadPackageDefinition(loader.loadSync(proto, { keepCase: true }));
const [target, file] = process.argv.slice(2);
const client = new tensorflow.serving.PredictionService(target, grpc.credentials.createInsecure(), {
  // 64 sounds are more than the 4 MiB that gRPC takes by default.
  "grpc.max_receive_message_length": 64 * 2 ** 20,
});
const one = { dim: [{ size: 1 }] };
const request = {
  model_spec: { name: "drums", signature_name: "seeded" },
  inputs: {
    seed: { dtype: "DT_INT64", tensor_shape: one, int64_val: [7] },
    label: { dtype: "DT_INT32", tensor_shape: one, int_val: [0] },
  },
};
client.Predict(request, { deadline: Date.now() + 10000 }, (error, answer) => {
  if (error) {
    console.error(error.message);
    process.exit(1);
  }
  const audio = answer.outputs.audio.float_val;
  const data = Buffer.alloc(44 + 2 * audio.length);
  data.write("RIFF", 0);
  data.writeUInt32LE(36 + 2 * audio.length, 4);
  data.write("WAVEfmt ", 8);
  data.writeUInt32LE(16, 16);
  [1, 1].forEach((value, i) => data.writeUInt16LE(value, 20 + 2 * i)); // PCM, mono
  [44100, 88200].forEach((value, i) => data.writeUInt32LE(value, 24 + 4 * i));
  [2, 16].forEach((value, i) => data.writeUInt16LE(value, 32 + 2 * i)); // bytes, bits
  data.write("data", 36);
  data.writeUInt32LE(2 * audio.length, 40);
  const sample = (value) => Math.round(32767 * Math.max(-1, Math.min(1, value)));
  audio.forEach((value, i) => data.writeInt16LE(sample(value), 44 + 2 * i));
  fs.writeFileSync(file, data);
  console.log(file);
});
