"""The light client: numpy and grpcio alone, neither TensorFlow nor Keras."""
