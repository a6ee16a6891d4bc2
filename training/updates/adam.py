"""Adam for networks that grow."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("drumsmith")
class GrowingAdam(keras.optimizers.Adam):
    """Adam whose bias correction counts each variable's own updates.

    When a network grows, its old variables keep their moments and its new ones start from zero.
    Corrected by the optimizer's common count, the new ones would make first steps some five times
    too large (beta_1 0.5, beta_2 0.99), so each variable remembers in ``born`` how many updates had
    been made before its first. Without growth this is Adam.

    The update is TensorFlow's fused kernel: one pass over memory instead of a dozen.

    Attributes:
        born: int64 scalar variables, one for each trainable variable, in their order.
        gradient_norm: mean over updates of the length of the gradient, all replicas' summed.

    Reference:
        Kingma and Ba 2015, algorithm 1.

    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.gradient_norm = keras.metrics.Mean(name="gradient_norm")

    def build(self, variables):
        """Create moments and birth dates for ``variables``."""
        if self.built:
            return
        super().build(variables)
        self.born = [
            self.add_variable((), "zeros", dtype="int64", name=f"born_{index}")
            for index in range(len(variables))
        ]

    @property
    def trained(self) -> list:
        """The variables that are updated."""
        return self._trainable_variables

    @property
    def moments(self) -> dict[str, list]:
        """The running averages, each a list in the order of the trainable variables."""
        return {"momentum": self._momentums, "velocity": self._velocities}

    def update_step(self, gradient, variable, learning_rate):
        """Update one variable in place."""
        index = self._get_variable_index(variable)
        age = tf.cast(self.iterations.value - self.born[index].value + 1, tf.float32)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=tf.pow(self.beta_1, age),
            beta2_power=tf.pow(self.beta_2, age),
            lr=tf.cast(learning_rate, tf.float32),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(gradient, tf.float32),
        )

    def _all_reduce_sum_gradients(self, grads_and_vars):
        # The one place where the gradient of the global batch is known.
        summed = list(super()._all_reduce_sum_gradients(grads_and_vars))
        self.gradient_norm.update_state(tf.linalg.global_norm([grad for grad, _ in summed]))
        return summed
