"""A beat played on a kit: every hit to the sample, in turn, open hats choked."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ...common.errors import UserError
from ...common.sounds.wav import WavError, read_wav
from ..kit.kit import Kit, velocity_db
from .pattern import Beat

CHOKE_MS = 8.0
"""Fade of a choked sound."""

PEAK_DB = -1.0


@dataclass(frozen=True, eq=False)
class PlayedLayer:
    """Sounds of one range of velocities, as soft as its highest one; float (length,) each."""

    lowest: int
    highest: int
    sounds: tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class PlayedPad:
    """What a player needs of a pad."""

    name: str
    layers: tuple[PlayedLayer, ...]
    chokes: str = ""
    choked_by: str = ""


@dataclass(eq=False)
class Player:
    """Plays beats on pads.

    Args:
        pads: by MIDI note.
        sample_rate: in Hz.

    Attributes:
        missing: notes of beats that no pad has, with the number of their hits.

    """

    pads: Mapping[int, PlayedPad]
    sample_rate: int
    missing: dict[int, int] = field(default_factory=dict, init=False)
    _turns: dict[int, int] = field(default_factory=dict, init=False)

    def play(self, beat: Beat, *, loop: bool = False) -> np.ndarray:
        """Return the beat as audio, float32 (length,), with a peak of -1 dB.

        Args:
            beat: its hits begin on the samples nearest to their times.
            loop: cut to the beat's length, tails going on at the start.

        """
        placed = self._placed(beat)
        ends = [at + len(sound) for at, sound, _ in placed]
        length = round(beat.length_s * self.sample_rate)
        audio = np.zeros(max([length, *ends]))
        for at, sound, _ in placed:
            audio[at : at + len(sound)] += sound
        if loop and length:
            audio = _folded(audio, length)
        peak = float(np.abs(audio).max(initial=0.0))
        return (audio * (10 ** (PEAK_DB / 20) / peak if peak else 1.0)).astype(np.float32)

    def _placed(self, beat: Beat) -> list[tuple[int, np.ndarray, PlayedPad]]:
        """Return each hit's place, sound, and pad; choked ones cut."""
        placed: list[tuple[int, np.ndarray, PlayedPad]] = []
        for hit in beat.hits:
            pad = self.pads.get(hit.note)
            if pad is None:
                self.missing[hit.note] = self.missing.get(hit.note, 0) + 1
                continue
            at = round(hit.at_s * self.sample_rate)
            if pad.chokes:
                placed = [self._choked(one, pad.chokes, at) for one in placed]
            placed.append((at, self._sound(hit.note, pad, hit.velocity), pad))
        return placed

    def _sound(self, note: int, pad: PlayedPad, velocity: int) -> np.ndarray:
        layer = next(one for one in pad.layers if velocity <= one.highest)
        turn = self._turns.get(note, 0)
        self._turns[note] = turn + 1
        gain_db = velocity_db(velocity) - velocity_db(layer.highest)
        return layer.sounds[turn % len(layer.sounds)] * 10 ** (gain_db / 20)

    def _choked(
        self, placed: tuple[int, np.ndarray, PlayedPad], group: str, at: int
    ) -> tuple[int, np.ndarray, PlayedPad]:
        start, sound, pad = placed
        left = at - start
        if pad.choked_by != group or not 0 <= left < len(sound):
            return placed
        fade = round(CHOKE_MS * 1e-3 * self.sample_rate)
        cut = sound[: left + fade].copy()
        cut[left:] *= 1 - np.arange(len(cut) - left) / fade
        return start, cut, pad


def player_of_kit(kit: Kit) -> Player:
    """Return a player of a kit in memory."""
    pads = {
        pad.pad.note: PlayedPad(
            pad.pad.name,
            tuple(
                PlayedLayer(one.lowest, one.highest, tuple(s.audio for s in one.sounds))
                for one in pad.layers
            ),
            pad.pad.chokes,
            pad.pad.choked_by,
        )
        for pad in kit.pads
    }
    return Player(pads, kit.sample_rate)


def player_of_folder(folder: Path) -> Player:
    """Return a player of a kit's folder, as `drumsmith kit` writes it.

    Raises:
        UserError: it is not one, or a sound is missing.

    """
    path = folder / "kit.json"
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
        pads = {
            values["note"]: PlayedPad(
                name,
                tuple(_layer(folder, layer) for layer in described["sounds"][name]),
                values.get("chokes", ""),
                values.get("choked_by", ""),
            )
            for name, values in described["pads"].items()
        }
        return Player(pads, described["sample_rate"])
    except OSError as error:
        raise UserError(
            f"{folder} is no kit: cannot read {path.name}; make one with: drumsmith kit {folder}"
        ) from error
    except WavError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{path} cannot be read: {error}") from error


def notes_by_name(pads: Mapping[int, PlayedPad]) -> dict[str, int]:
    """Return each pad's MIDI note by its name."""
    return {pad.name: note for note, pad in pads.items()}


def _layer(folder: Path, layer: Mapping) -> PlayedLayer:
    files: Sequence[str] = layer["files"]
    sounds = tuple(read_wav(folder / file).audio[:, 0] for file in files)
    return PlayedLayer(layer["lowest"], layer["highest"], sounds)


def _folded(audio: np.ndarray, length: int) -> np.ndarray:
    """Return the first ``length`` samples, with all that follows laid over them."""
    padded = np.zeros(-(-len(audio) // length) * length)
    padded[: len(audio)] = audio
    return padded.reshape(-1, length).sum(axis=0)
