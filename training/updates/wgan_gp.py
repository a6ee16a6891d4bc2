"""The conditional Wasserstein GAN with gradient penalty as one trainable Keras model."""

import tensorflow as tf

from .adversarial import AdversarialModel
from .critic_calls import CriticLoss, Shifts
from .losses import critic_loss, generator_loss, gradient_norm, gradient_penalty, interpolate


class WassersteinGan(AdversarialModel, gap="wasserstein"):
    """The paper's training: see `losses` for what generator and critic minimise.

    Reference:
        Gulrajani et al. 2017, algorithm 1; Drysdale et al. 2020, section 3.

    """

    def critic_loss(self, real, fake, label, mix, shifts: Shifts, fade) -> CriticLoss:
        """Return Wasserstein distance, turned round, and penalty at a mix of both sounds."""
        real_score, fake_score = self.scores(real, fake, label, shifts.score, fade)
        norm = gradient_norm(
            lambda sound: self.critic(sound, label, shifts.penalty, fade),
            interpolate(real, fake, mix),
        )
        penalty = gradient_penalty(norm)
        loss = critic_loss(real_score, fake_score, penalty, self.gp_weight)
        return CriticLoss(loss, real_score - fake_score, penalty, norm)

    def generator_loss(self, real, fake, label, shifts, fade) -> tf.Tensor:
        """Return the negative score of the generated sounds."""
        return generator_loss(self.critic(fake, label, shifts, fade))
