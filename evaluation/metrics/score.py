"""One number by which checkpoints and classes are ranked."""

from collections.abc import Mapping

import numpy as np

# What the score holds each figure against: the value at which a term is worth 1.
FRECHET_RATIO_BAR = 3.0
LABEL_GAP_BAR = 0.05
COVERAGE_GAP_BAR = 0.5
IMAGE_DB_BAR = 1.5
TAIL_GAP_DB_BAR = 6.0
VARIETY_GAP_BAR = 0.4


def score(scalars: Mapping[str, float]) -> float:
    """Return the number; lower is better.

    ```
    mean over terms of log2(1 + term)
    ```

    Negative terms count as 0: being better than real earns nothing. A score of 1 is the score of a
    model that just meets every bar. The logarithm keeps one figure that is far off, as all are at
    the start, from hiding the others.

    Args:
        scalars: what `terms` reads.

    """
    worth = np.maximum(list(terms(scalars).values()), 0.0)
    return float(np.mean(np.log2(1.0 + worth)))


def terms(scalars: Mapping[str, float]) -> dict[str, float]:
    """Return each term of the score, 1 where the figure just meets its bar.

    ```
    distance   logmel_frechet_ratio / 3                         three times the real distance
    labels     (label_accuracy_floor - label_accuracy) / 0.05   5 % fewer right than of real ones
    coverage   (coverage_floor - coverage) / 0.5                coverage 0.5 under the real one
    tone       image_peak_db / 1.5                              peaks 1.5 dB over what is around
    tail       tail_gap_db / 6                                  tails 6 dB over the real ones
    variety    (1 - diversity) / 0.4                            sounds 60 % as varied as real ones
    ```
    """
    return {
        "distance": scalars["logmel_frechet_ratio"] / FRECHET_RATIO_BAR,
        "labels": (scalars["label_accuracy_floor"] - scalars["label_accuracy"]) / LABEL_GAP_BAR,
        "coverage": (scalars["coverage_floor"] - scalars["coverage"]) / COVERAGE_GAP_BAR,
        "tone": scalars["image_peak_db"] / IMAGE_DB_BAR,
        "tail": scalars["tail_gap_db"] / TAIL_GAP_DB_BAR,
        "variety": (1.0 - scalars["diversity"]) / VARIETY_GAP_BAR,
    }
