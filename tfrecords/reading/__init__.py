"""From records to batches: tf.data, order, augmentation."""
