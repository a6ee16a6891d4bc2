"""Relativistic pairing with penalties on both real and generated sounds, as one Keras model."""

import tensorflow as tf

from ...model.critic import Critic
from .adversarial import AdversarialModel
from .critic_calls import CriticLoss, Shifts, score_both
from .losses import gradient_norm, relativistic_loss


def paired_critic_loss(
    critic: Critic, real, fake, label, shifts: Shifts, fade, gp_weight: float
) -> CriticLoss:
    """Return a critic's relativistic loss with R1 and R2: squared gradients at both sounds.

    Args:
        critic: the critic.
        real: float32 (batch, length).
        fake: generated sounds, likewise, pair by pair of the same labels.
        label: int32 (batch,).
        shifts: of the critic's calls.
        fade: of the stage.
        gp_weight: gamma; each penalty counts half of it.

    """
    real_score, fake_score = score_both(critic, real, fake, label, shifts.score, fade)
    norms = gradient_norm(
        lambda sound: critic(sound, tf.concat([label, label], 0), shifts.penalty, fade),
        tf.concat([real, fake], 0),
    )
    of_real, of_fake = tf.split(norms, 2)
    penalty = 0.5 * (tf.square(of_real) + tf.square(of_fake))
    gap = real_score - fake_score
    return CriticLoss(relativistic_loss(gap) + gp_weight * penalty, gap, penalty, of_real)


class RelativisticGan(AdversarialModel):
    """Scores are compared pair by pair, a real sound with a generated one of its label.

    ``gp_weight`` is the paper's gamma: each penalty, R1 and R2, counts half of it.

    Reference:
        Huang et al., "The GAN is dead; long live the GAN! A modern baseline GAN", NeurIPS 2024,
        section 2; Jolicoeur-Martineau 2019 (relativistic); Mescheder et al. 2018 (R1, R2).

    """

    def critic_loss(self, real, fake, label, mix, shifts: Shifts, fade) -> CriticLoss:
        """Return the pair's loss and both penalties, see `paired_critic_loss`."""
        return paired_critic_loss(self.critic, real, fake, label, shifts, fade, self.gp_weight)

    def generator_loss(self, real, fake, label, shifts, fade) -> tf.Tensor:
        """Return the pair's loss the other way round."""
        real_score, fake_score = self.scores(real, fake, label, shifts, fade)
        return relativistic_loss(fake_score - real_score)
