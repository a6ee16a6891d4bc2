import tensorflow as tf
from tensorflow_serving.apis import predict_pb2

from .tiny_export import random_z


def good_request():
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "drums"
    request.inputs["z"].CopyFrom(tf.make_tensor_proto(random_z(1)))
    request.inputs["label"].CopyFrom(tf.make_tensor_proto([0], tf.int32))
    return request
