"""Beats from MIDI files."""

from collections.abc import Iterator
from pathlib import Path

import mido

from ...common.errors import UserError
from .pattern import Beat, Hit

DRUMS = 9
"""The channel that General MIDI keeps for drums, counted from 0."""

DEFAULT_TEMPO = 500_000
"""Microseconds a beat, where a file does not say."""


def read_midi(path: Path, *, tempo: float | None = None) -> Beat:
    """Return the hits of a MIDI file: of channel 10 where it has any there, of all otherwise.

    Args:
        path: of a standard MIDI file.
        tempo: beats a minute; None follows the file.

    Raises:
        UserError: the file cannot be read, or has no notes.

    """
    try:
        file = mido.MidiFile(path)
    except FileNotFoundError as error:
        raise UserError(f"no file {path}") from error
    except (OSError, ValueError, EOFError, IndexError, KeyError) as error:
        raise UserError(f"{path} is not a MIDI file: {error or 'it ends too early'}") from error
    timed = list(_timed(file, tempo))
    hits = [
        (message.channel, Hit(at, message.note, message.velocity))
        for at, message in timed
        if message.type == "note_on" and message.velocity > 0
    ]
    if not hits:
        raise UserError(f"{path} has no notes")
    on_drums = any(channel == DRUMS for channel, _ in hits)
    chosen = tuple(hit for channel, hit in hits if channel == DRUMS or not on_drums)
    return Beat(chosen, timed[-1][0])


def _timed(file: mido.MidiFile, tempo: float | None) -> Iterator[tuple[float, mido.Message]]:
    """Yield each message with its time in seconds.

    Times are counted in ticks from the last change of tempo, so that no error of rounding grows.
    """
    per_beat = DEFAULT_TEMPO if tempo is None else 60e6 / tempo
    since_s, ticks = 0.0, 0
    for message in mido.merge_tracks(file.tracks):
        ticks += message.time
        at = since_s + ticks * per_beat / (1e6 * file.ticks_per_beat)
        if message.type == "set_tempo" and tempo is None:
            since_s, ticks, per_beat = at, 0, message.tempo
        yield at, message
