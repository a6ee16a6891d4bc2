"""Audio files in, sharded TFRecords and ``tf.data`` out. Importing it loads no TensorFlow."""
