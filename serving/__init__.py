"""Serving: export, server, client. Importing this package loads neither TensorFlow nor Keras."""
