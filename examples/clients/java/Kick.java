// Asks a server for a kick and writes it as a WAV file. With the jars of grpc-java and protobuf-java
// in the folder jars, and protoc-gen-grpc-java on the PATH:
//
//   protoc -I ../../../serving/client/proto --java_out=. --grpc-java_out=. drums.proto
//   javac -cp 'jars/*:.' -d . Kick.java drumsmith/drums/*.java
//   java -cp 'jars/*:.' Kick localhost:8500 kick.wav
import drumsmith.drums.*;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;

class Kick {
  public static void main(String[] args) throws Exception {
    ManagedChannel channel = ManagedChannelBuilder.forTarget(args[0])
        .usePlaintext()
        // 64 sounds are more than the 4 MiB that gRPC takes by default.
        .maxInboundMessageSize(64 << 20)
        .build();
    TensorShape one = TensorShape.newBuilder()
        .addDim(TensorShape.Dim.newBuilder().setSize(1)).build();
    TensorProto seed = TensorProto.newBuilder()
        .setDtype(DataType.DT_INT64).setTensorShape(one).addInt64Val(7).build();
    TensorProto label = TensorProto.newBuilder()
        .setDtype(DataType.DT_INT32).setTensorShape(one).addIntVal(0).build();
    PredictRequest request = PredictRequest.newBuilder()
        .setModelSpec(ModelSpec.newBuilder().setName("drums").setSignatureName("seeded"))
        .putInputs("seed", seed).putInputs("label", label).build();
    PredictResponse answer = PredictionServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(10, TimeUnit.SECONDS).predict(request);
    channel.shutdown();
    TensorProto audio = answer.getOutputsOrThrow("audio");
    ByteBuffer samples = ByteBuffer.allocate(2 * audio.getFloatValCount());
    for (float value : audio.getFloatValList()) {
      samples.putShort((short) Math.round(32767 * Math.max(-1, Math.min(1, value))));
    }
    AudioFormat mono = new AudioFormat(44100, 16, 1, true, true); // big-endian as a ByteBuffer is
    AudioInputStream sound = new AudioInputStream(
        new ByteArrayInputStream(samples.array()), mono, audio.getFloatValCount());
    AudioSystem.write(sound, AudioFileFormat.Type.WAVE, new File(args[1]));
  }
}
