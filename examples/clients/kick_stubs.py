"""The same from drums.proto alone, without drumsmith, as generated code of any language does.

pip install grpcio-tools
python -m grpc_tools.protoc -I serving/client/proto --python_out=. --grpc_python_out=. drums.proto
python kick_stubs.py localhost:8500 kick.wav
"""

import array
import sys
import wave

import drums_pb2
import drums_pb2_grpc
import grpc

target, path = sys.argv[1:]
with grpc.insecure_channel(target) as channel:
    request = drums_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = "drums", "seeded"
    one = drums_pb2.TensorShape(dim=[drums_pb2.TensorShape.Dim(size=1)])
    request.inputs["seed"].dtype = drums_pb2.DT_INT64
    request.inputs["seed"].tensor_shape.CopyFrom(one)
    request.inputs["seed"].int64_val.append(7)
    request.inputs["label"].dtype = drums_pb2.DT_INT32
    request.inputs["label"].tensor_shape.CopyFrom(one)
    request.inputs["label"].int_val.append(0)
    answer = drums_pb2_grpc.PredictionServiceStub(channel).Predict(request, timeout=10)
audio = answer.outputs["audio"].float_val
samples = array.array("h", [round(32767 * max(-1.0, min(1.0, value))) for value in audio])
if sys.byteorder == "big":
    samples.byteswap()
with wave.open(path, "wb") as file:
    file.setnchannels(1)
    file.setsampwidth(2)
    file.setframerate(44100)
    file.writeframes(samples.tobytes())
print(path)
