"""A callback that counts as the run does."""

import keras


class StepCallback(keras.callbacks.Callback):
    """Calls `on_step` with the number of generator updates done since the run began.

    Keras counts batches from 0 in each call of ``fit``; a run has one call for each phase and for
    each time it is resumed.
    """

    _first = 0

    def start_at(self, step: int) -> None:
        """Say how many steps were done before this ``fit``."""
        self._first = step

    def on_train_batch_end(self, batch, logs=None):
        """Keras' hook."""
        self.on_step(self._first + batch + 1)

    def on_step(self, step: int) -> None:
        """Act after step ``step``, counted from 1."""
        raise NotImplementedError
