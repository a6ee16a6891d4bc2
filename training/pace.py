"""Whether a run is as fast as its machine allows, and if not, why."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf

from ..common.durations import duration
from ..common.processor import usable_cores
from .doctor import Diagnosis

SLOW = 1.6
"""Time of a step over what it takes undisturbed from which a run is slow."""

OTHERS_SHARE = 0.15
"""Share of the cores that other processes take from which they are named."""

SWAPPED_SHARE = 0.1
"""Share of the process's memory on the disk from which that is named."""

CLEARLY_FASTER = 1.3
"""Gain of the other precision from which it is named."""


@dataclass(frozen=True)
class Usage:
    """What the process and its machine had used at a moment; None where the system does not tell.

    Attributes:
        clock: seconds.
        processor: seconds of all threads of this process.
        machine: busy seconds of all cores and processes.

    """

    clock: float
    processor: float
    machine: float | None

    @classmethod
    def now(cls) -> "Usage":
        """Read it."""
        return cls(time.monotonic(), time.process_time(), _machine_seconds())


@dataclass(frozen=True)
class Pace:
    """How a run went over some steps.

    Attributes:
        seconds: of a step.
        expected: seconds that a step takes with all cores to itself; None where nobody can tell.
        precision: what it computed in.
        gain: time in this precision over that in the other.
        cores: that the process may use.
        threads: that an operation may use.
        others: cores' worth of other processes, None where unknown.
        swapped: share of the process's memory that is on the disk.

    """

    seconds: float
    expected: float | None
    precision: str
    gain: float
    cores: int
    threads: int
    others: float | None
    swapped: float

    def __str__(self) -> str:
        expected = f", {duration(self.expected)} expected" if self.expected else ""
        return f"{duration(self.seconds)} a step{expected}"


def others_between(before: Usage, after: Usage) -> float | None:
    """Cores' worth of other processes between two moments."""
    if before.machine is None or after.machine is None:
        return None
    own = after.processor - before.processor
    return max(0.0, (after.machine - before.machine - own) / (after.clock - before.clock))


def examine_pace(pace: Pace) -> list[Diagnosis]:
    """Say whether the run is slow, and what of its machine is the reason.

    A reason is named whatever was expected: what a step should take is told from a convolution
    timed beside the same other processes, with the same threads, so it is slow when they are.
    """
    if pace.expected is None:
        return []
    slow = pace.seconds >= SLOW * pace.expected
    reasons = _reasons(pace)
    if not slow and not reasons:
        return []
    found = f"a step takes {duration(pace.seconds)}"
    if slow:
        found += f" where this machine alone needs {duration(pace.expected)}"
    else:
        found += " and could take less"
    advice = reasons or ["look for a slow disk under the records, or a power limit"]
    return [Diagnosis("slow", found, "; ".join(advice))]


def _reasons(pace: Pace) -> list[str]:
    reasons = []
    if pace.gain > CLEARLY_FASTER:
        reasons.append(
            f"{pace.precision} takes {pace.gain:.1f} times as long as the other precision here: "
            "call again with --set precision=auto"
        )
    if pace.threads < pace.cores:
        reasons.append(
            f"operations use {pace.threads} of {pace.cores} cores: unset TF_NUM_INTRAOP_THREADS"
        )
    if pace.swapped > SWAPPED_SHARE:
        reasons.append(
            f"{pace.swapped:.0%} of its memory is swapped to the disk: free some memory, or start "
            "a run with a smaller --batch-size"
        )
    if pace.others is not None and pace.others > OTHERS_SHARE * pace.cores:
        reasons.append(
            f"other processes use {pace.others:.1f} of {pace.cores} cores: stop them, or wait"
        )
    return reasons


def operation_threads() -> int:
    """How many threads an operation may use."""
    asked = tf.config.threading.get_intra_op_parallelism_threads()
    return asked or int(os.environ.get("TF_NUM_INTRAOP_THREADS") or 0) or usable_cores()


def swapped_share() -> float:
    """Share of this process's memory that is on the disk; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return 0.0
    fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
    swapped, resident = (_kilobytes(fields.get(name, "")) for name in ("VmSwap", "VmRSS"))
    return swapped / max(swapped + resident, 1)


def _kilobytes(text: str) -> int:
    words = text.split()
    return int(words[0]) if words else 0


def _machine_seconds() -> float | None:
    stat = Path("/proc/stat")
    if not stat.is_file():
        return None
    _, *ticks = stat.read_text().splitlines()[0].split()
    # user, nice, system, idle, iowait, irq, softirq, steal: all but the two that wait.
    busy = [int(count) for index, count in enumerate(ticks[:8]) if index not in (3, 4)]
    return sum(busy) / os.sysconf("SC_CLK_TCK")
