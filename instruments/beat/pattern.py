"""Beats as text, sixteen steps a bar::

    kick:   x...x...x...x...
    snare:  ....x.......x...
    hat:    x.o.x.o.x.o.x.o.

`x` is a hit, `X` a loud one, `o` a soft one, `1` to `9` in between; `.` and `-` are rests; spaces
and `|` only help the eye. Lines that are shorter than the longest begin again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ...common.errors import UserError
from ...common.likely import no_such

STEPS_PER_BEAT = 4

VELOCITIES = {"x": 100, "X": 127, "o": 60} | {str(n): 14 * n + 1 for n in range(1, 10)}
RESTS = ".-"

STRAIGHT = 50.0
"""Swing in percent: where between two beats of a pair the second one falls."""

OTHER_NAMES = {"hat": "closed hat", "open": "open hat", "bass drum": "kick", "clap": "snare 2"}
"""Of pads, where a kit has no pad of that name."""

BUILT_IN = {
    "rock": "kick: x.....x.x.......\nsnare: ....x.......x...\nhat: x.o.x.o.x.o.x.o.",
    "house": "kick: x...x...x...x...\nsnare: ....x.......x..o\nhat: ..x...x...x...x.\n"
    "open hat: ..............x.",
    "hiphop": "kick: x..x......x..x..\nsnare: ....X.......X..o\nhat: x.xox.xox.xoxxxo",
}
"""Patterns to begin with, by name."""


@dataclass(frozen=True)
class Hit:
    """One hit: when, in seconds; on which MIDI note; how hard, 1 to 127."""

    at_s: float
    note: int
    velocity: int


@dataclass(frozen=True)
class Beat:
    """Hits in the order of time, and the length of the whole in seconds."""

    hits: tuple[Hit, ...]
    length_s: float


def parse_pattern(
    text: str,
    notes: Mapping[str, int],
    *,
    tempo: float = 120.0,
    swing: float = STRAIGHT,
    repeats: int = 1,
) -> Beat:
    """Return the beat that a text describes.

    Args:
        text: as above.
        notes: MIDI note of each pad by its name.
        tempo: beats a minute.
        swing: percent; 50 is straight, 66 a triplet feel.
        repeats: how often it is played.

    Raises:
        UserError: a line cannot be read, or names no pad.

    """
    _require("tempo", tempo, 20, 400)
    _require("swing", swing, STRAIGHT, 80)
    _require("repeats", repeats, 1, 10_000)
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    rows = [_row(line, notes) for line in lines]
    if not rows:
        raise UserError("the pattern is empty: write lines such as kick: x...x...")
    steps = max(len(row) for _, row in rows)
    step_s = 60.0 / tempo / STEPS_PER_BEAT
    hits = []
    for note, row in rows:
        for place in range(steps * repeats):
            # Every repeat begins with all lines at their start.
            velocity = row[place % steps % len(row)]
            if velocity:
                hits.append(Hit((place + _late(place, swing)) * step_s, note, velocity))
    return Beat(tuple(sorted(hits, key=lambda hit: hit.at_s)), steps * repeats * step_s)


def _late(place: int, swing: float) -> float:
    """Return by how many steps a place is late: every second one, for swing."""
    return 2 * (swing - STRAIGHT) / 100 if place % 2 else 0.0


def _row(line: str, notes: Mapping[str, int]) -> tuple[int, list[int]]:
    name, colon, steps = line.partition(":")
    steps = "".join(steps.replace("|", " ").split())
    if not colon or not steps:
        raise UserError(f"a line of a pattern is written as kick: x...x..., not {line.strip()!r}")
    unknown = next((s for s in steps if s not in VELOCITIES and s not in RESTS), None)
    if unknown is not None:
        raise UserError(f"a step is one of X x o 1-9 . - but {name.strip()} has {unknown!r}")
    return _note(name.strip(), notes), [VELOCITIES.get(step, 0) for step in steps]


def _note(name: str, notes: Mapping[str, int]) -> int:
    known = {pad.casefold(): note for pad, note in notes.items()}
    word = name.casefold()
    if word not in known and OTHER_NAMES.get(word) in known:
        word = OTHER_NAMES[word]
    if word not in known:
        raise UserError(no_such("pad", name, notes, "the kit has"))
    return known[word]


def _require(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise UserError(f"--{name} must be between {low:g} and {high:g}, but is {value:g}")
