"""Does a sound have the label that was asked for?"""

from typing import TYPE_CHECKING

from .registry import LABELS, SHARE, Metric, Target, register
from .sampling import Estimate, mean_estimate

if TYPE_CHECKING:
    from ..sounds.sound_features import Features


def accuracy(candidate: "Features", reference: "Features", chunk: int, seed: int) -> Estimate:
    """Measure the share of sounds that the classifier gives the label asked for."""
    right = candidate.guess == candidate.label
    return mean_estimate(right, seed=seed, bounds=SHARE)


register(
    Metric(
        "accuracy",
        "Labels right",
        "",
        LABELS,
        "higher",
        "Share of sounds that a small network, trained on real training sounds alone, gives the "
        "label that was asked for. The control is its accuracy on held-out real sounds.",
        "Ravuri and Vinyals 2019 (classification accuracy score); recipe in classifier.py",
        accuracy,
        target=Target(
            0.98,
            "value",
            "heard as what was asked for",
            "not always heard as what was asked for",
            at_least=True,
            or_control=True,
        ),
    )
)
