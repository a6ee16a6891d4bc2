"""Audio files in, sharded TFRecords and ``tf.data`` out. Importing this package loads no TensorFlow."""
