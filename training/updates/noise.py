"""All chance of a training step as a pure function of (seed, step).

Nothing remembers a random state, so a resumed run draws what the uninterrupted one would have
drawn. Every replica draws the noise of the whole global batch and keeps its own rows, so the number
of replicas does not change what an example meets.
"""

import tensorflow as tf

ALGORITHM = "philox"
"""By name, so that devices agree. XLA's own philox counts otherwise (TensorFlow 2.17): from the
same seed, a step compiled by XLA draws other numbers than one that is not."""

# What a number is drawn for; the order is part of every run's reproducibility, so only append.
LATENT_FOR_CRITIC, MIX, SHIFTS_SCORE, SHIFTS_PENALTY, LATENT_FOR_GENERATOR, SHIFTS_GENERATOR = (
    range(6)
)
CODE, CODE_FOR_FLOW, START_OF_FLOW, TIME_OF_FLOW = range(6, 10)
STRETCH, TILT, PARTNER, EXCHANGE = range(10, 14)
DROPOUT = 14
CHANGE_FOR_CRITIC, CHANGE_FOR_GENERATOR = 15, 16


class StepNoise:
    """The random numbers of one generator update and the critic updates before it.

    Args:
        seed: the run's seed.
        step: int64 scalar, the number of generator updates done.
        rows: examples in this replica's part of the batch.

    """

    def __init__(self, seed: int, step: tf.Tensor, rows: int):
        context = tf.distribute.get_replica_context()
        self._global_rows = rows * context.num_replicas_in_sync
        self._first_row = context.replica_id_in_sync_group * rows
        self._rows = rows
        self._seed = tf.stack([tf.constant(seed, tf.int32), tf.cast(step, tf.int32)])

    def seed(self, purpose: int, update: int = 0) -> tf.Tensor:
        """Seed, int32 (2,), for ``purpose`` in critic update ``update``; alike on all replicas."""
        folded = tf.random.fold_in(self._seed, purpose, ALGORITHM)
        return tf.random.fold_in(folded, update, ALGORITHM)

    def normal(self, purpose: int, *shape: int) -> tf.Tensor:
        """N(0, 1), float32 (rows, *shape)."""
        return self._own(
            tf.random.stateless_normal(
                (self._global_rows, *shape), self.seed(purpose), alg=ALGORITHM
            )
        )

    def uniform(self, purpose: int, *shape: int) -> tf.Tensor:
        """U(0, 1), float32 (rows, *shape)."""
        return self._own(
            tf.random.stateless_uniform(
                (self._global_rows, *shape), self.seed(purpose), alg=ALGORITHM
            )
        )

    def _own(self, values: tf.Tensor) -> tf.Tensor:
        return tf.slice(
            values,
            [self._first_row] + [0] * (len(values.shape) - 1),
            [self._rows, *values.shape[1:]],
        )
