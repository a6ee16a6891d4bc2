"""Where a sound begins, and how often it is struck.

A sound begins where it rises out of whatever comes before it: silence, hiss, hum, a breath. A level
alone cannot tell: half a second of hiss at -34 dB lies within 40 dB of a hit's peak.

    envelope, 1 ms a frame, dB under the peak
      0                       _
    -12                      / \\_____          reaches -12 dB within 30 ms
    -14 ..................../.........\\......  starts from -14 dB at most
    -34  ~~~~~~~~~~~~~~~~~~|             \\__   at least twice what the 30 ms before it reach
                           ^ onset
"""

from dataclasses import dataclass

import numpy as np

FRAME_S = 0.001
BEFORE = 30  # frames that a rise is measured against: one period of 33 Hz
REACH = 30  # frames in which a rise must become loud
_RISE = 2.0  # a first hit stands out of what comes before it by 6 dB
_QUIET = 0.2  # which lies 14 dB under the peak
_LOUD = 0.25  # and gets within 12 dB of the peak
_TOGETHER = 30  # frames between rises of one attack
_FIRST_LOUD = 0.5
# A further hit rises by 12 dB within 10 ms, comes within 20 dB of the peak, 50 ms after another.
_HIT_RISE, _HIT_FRAMES, _HIT_LEVEL, _HIT_APART = 4.0, 10, 0.1, 50


@dataclass(frozen=True)
class Onsets:
    """Where the first hit begins, and the hits after it, as sample numbers."""

    first: int
    further: tuple[int, ...] = ()


def find_onsets(audio: np.ndarray, rate: int, onset_db: float) -> Onsets:
    """Find the hits of a sound.

    Args:
        audio: (samples,), not silent, without DC.
        rate: in Hz.
        onset_db: where nothing rises sharply, and out of digital silence, the sound begins with
            the first sample within so many dB of the peak.
    """
    hop = max(1, round(rate * FRAME_S))
    level = np.abs(audio)
    envelope = np.maximum.reduceat(level, np.arange(0, len(level), hop))
    peak = float(envelope.max())
    before = _over_past(envelope)
    first, background = _first_hit(envelope, before, peak, onset_db)
    begin = max(first - 1, 0) * hop
    threshold = max(_RISE * background, peak * 10 ** (-onset_db / 20))
    onset = begin + int(np.argmax(level[begin:] >= min(threshold, peak)))
    hits = _further_hits(envelope, before, peak, first)
    return Onsets(onset, tuple(int(hit * hop) for hit in hits))


def _first_hit(
    envelope: np.ndarray, before: np.ndarray, peak: float, onset_db: float
) -> tuple[int, float]:
    """Return the frame of the first hit, and the level that it rises out of."""
    loud = int(np.argmax(envelope >= _FIRST_LOUD * peak))
    rises = np.flatnonzero(
        (envelope[: loud + 1] >= _RISE * before[: loud + 1])
        & (before[: loud + 1] <= _QUIET * peak)
        & (_over_future(envelope, REACH)[: loud + 1] >= _LOUD * peak)
    )
    if len(rises):
        # The last attack before it is loud, from its own first rise on.
        gaps = np.flatnonzero(np.diff(rises) > _TOGETHER)
        first = int(rises[gaps[-1] + 1] if len(gaps) else rises[0])
        return first, float(before[first])
    # A swell: from where it comes within reach of its peak, above what it starts with.
    start = float(envelope[:BEFORE].max()) if loud > 3 * BEFORE else 0.0
    background = start if start <= _QUIET * peak else 0.0
    threshold = max(_RISE * background, peak * 10 ** (-onset_db / 20))
    return int(np.argmax(envelope >= min(threshold, peak))), background


def _further_hits(envelope: np.ndarray, before: np.ndarray, peak: float, first: int) -> list[int]:
    soon = _over_future(envelope, _HIT_FRAMES)
    struck = np.flatnonzero((soon >= _HIT_RISE * before) & (soon >= _HIT_LEVEL * peak))
    hits, last = [], first
    for frame in struck.tolist():
        if frame - last >= _HIT_APART:
            hits.append(frame)
            last = frame
        elif frame > last and hits:
            last = frame  # the same attack, still rising
    return hits


def _over_past(envelope: np.ndarray) -> np.ndarray:
    """Return the largest of the frames before each, 0 before the first."""
    padded = np.pad(envelope, (BEFORE, 0))
    return np.lib.stride_tricks.sliding_window_view(padded, BEFORE).max(axis=1)[: len(envelope)]


def _over_future(envelope: np.ndarray, frames: int) -> np.ndarray:
    """Return the largest of each frame and those after it, ``frames`` in all."""
    padded = np.pad(envelope, (0, frames - 1))
    return np.lib.stride_tricks.sliding_window_view(padded, frames).max(axis=1)
