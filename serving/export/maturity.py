"""Is an exported model far from trained? An export of noise is valid; its user should know."""

from ...common.sounds.faults import FAR_FROM_TRAINED, commonest_fault
from ..saved_model.local_model import LocalModel

SOUNDS = 16
"""Sounds of each label that are listened to."""


def far_from_trained(model: LocalModel) -> str:
    """Return a sentence on the labels whose sounds are mostly faulty; empty if there are none."""
    found = []
    for label in model.labels:
        audio = model.generate(label, SOUNDS, seed=0).audio
        share, commonest = commonest_fault(audio, model.sample_rate)
        if share >= FAR_FROM_TRAINED:
            found.append(f"{label} {share:.0%}, mostly {commonest}")
    if not found:
        return ""
    return f"this model is far from trained: most of its sounds are faulty ({'; '.join(found)})"
