"""Every sound of a collection, prepared: decoded now, or taken from records made before."""

import contextlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ...common.progress import Meter, progress
from ..collection.collection import Sound
from ..decoding.messages import Facts
from ..decoding.supervisor import decode_all
from ..records.dataset_info import DatasetInfo
from ..records.index import Index, IndexEntry
from .duplicates import Candidate, Copy, find_copies
from .options import Options
from .previous import read_previous

_CLIPPED = "is clipped"


class Intake:
    """The prepared sounds of one run; samples lie in a spool file, not in memory.

    Args:
        sounds: of the collection.
        options: how they are prepared.
        spool: an empty file, for as long as this is used.
        parallel: files decoded at once.
        stalled_s: a decoder that is silent for so many seconds is given up.
    """

    def __init__(
        self,
        sounds: Sequence[Sound],
        options: Options,
        spool: BinaryIO,
        *,
        parallel: int | None,
        stalled_s: float,
    ):
        self.sounds = sounds
        self.entries: dict[int, IndexEntry] = {}
        self.copies: dict[int, Copy] = {}
        self._options, self._spool = options, spool
        self._parallel, self._stalled_s = parallel, stalled_s
        self._size = 2 * options.preparation.length
        self._places: dict[int, int] = {}
        self._decoded: set[int] = set()

    def run(self, records: Path, before: tuple[DatasetInfo, Index] | None) -> None:
        """Prepare all sounds and find those that repeat another.

        Args:
            records: where older records may be.
            before: what they hold; None where nothing can be taken over.
        """
        known = self._take_over(records, *before) if before else {}
        left = [number for number in range(len(self.sounds)) if number not in self.entries]
        with progress("prepare", len(self.sounds), done=len(self.sounds) - len(left)) as meter:
            self._decode(left, meter)
            meter.describe(self._summary(before))
        while lost := self._find_copies(known):
            with progress("prepare", len(lost)) as meter:
                self._decode(lost, meter)

    def samples(self, number: int) -> np.ndarray:
        """Return the prepared samples of a sound, int16 (length,)."""
        place = self._places[number] * self._size
        return np.frombuffer(os.pread(self._spool.fileno(), self._size, place), np.int16)

    @property
    def kept(self) -> list[int]:
        """Numbers of the sounds for the records."""
        usable = (number for number, entry in self.entries.items() if not entry.reason)
        if self._options.copies == "skip":
            usable = (number for number in usable if number not in self.copies)
        return sorted(usable)

    def index(self) -> Index:
        """Return what is known now, for the next run."""
        entries = {}
        for number, entry in self.entries.items():
            copy = self.copies.get(number)
            of = self.sounds[copy.of].path if copy else ""
            entries[entry.path] = replace(entry, copy_of=of)
        return Index(self._options.method(), entries)

    def _summary(self, before: tuple[DatasetInfo, Index] | None) -> str:
        if not before:
            return ""
        here = {sound.path for sound in self.sounds}
        gone = sum(path not in here for path in before[1].entries)
        same = len(self.sounds) - len(self._decoded)
        return f"{len(self._decoded)} new or changed, {same} as before, {gone} gone"

    def _take_over(self, records: Path, info: DatasetInfo, index: Index) -> dict[int, int]:
        """Fill in what did not change; return copy -> original of copies without samples."""
        number_of = {sound.path: number for number, sound in enumerate(self.sounds)}
        same = {}
        for number, sound in enumerate(self.sounds):
            entry = index.entries.get(sound.path)
            if entry and (entry.size, entry.mtime_ns) == _stamp(sound.file):
                same[number] = entry
        for path, pcm in read_previous(records, info, {self.sounds[n].path for n in same}):
            self._store(number_of[path], pcm)
        known = {}
        for number, entry in same.items():
            original = number_of.get(entry.copy_of, -1)
            if entry.reason or number in self._places:
                self.entries[number] = entry
            elif original in self._places:
                self.entries[number] = entry
                known[number] = original
        return known

    def _decode(self, numbers: Iterable[int], meter: Meter) -> None:
        """Decode sounds into the spool, in whatever order they are finished."""
        files = {number: str(self.sounds[number].file) for number in numbers}
        if not files:
            return
        stamps = {number: _stamp(self.sounds[number].file) for number in files}
        results = decode_all(
            files,
            self._options.preparation,
            parallel=self._parallel,
            stalled_s=self._stalled_s,
            decoder=self._options.decoder,
        )
        skipped = 0
        with contextlib.closing(results):
            for number, pcm, reason, facts in results:
                meter.advance()
                skipped += bool(reason)
                meter.describe(f"{skipped} skipped" if skipped else "")
                self._decoded.add(number)
                path = self.sounds[number].path
                self.entries[number] = IndexEntry(path, *stamps[number], reason, "", facts)
                if not reason:
                    self._store(number, pcm)

    def _store(self, number: int, pcm: bytes) -> None:
        self._places[number] = len(self._places)
        self._spool.write(pcm)

    def _find_copies(self, known: dict[int, int]) -> list[int]:
        """Find the copies; return known ones whose original went, which must be decoded."""
        self._spool.flush()
        usable = [number for number, entry in self.entries.items() if not entry.reason]
        usable.sort(key=self._quality)
        candidates = {
            number: Candidate(
                _vector(self.entries[number].facts),
                self.entries[number].facts.rate,
                known.get(number) if number not in self._places else None,
            )
            for number in usable
        }
        rate = self._options.preparation.sample_rate
        with progress("find copies", len(candidates)) as meter:
            found = find_copies(candidates, self.samples, rate, meter.advance)
        self.copies = {copy.number: copy for copy in found}
        lost = [number for number, copy in self.copies.items() if copy.of in self.copies]
        for number in lost:
            del self.entries[number]
            known.pop(number, None)
        return lost

    def _quality(self, number: int) -> tuple[bool, int, int, bool, str]:
        """Best first: lossless, high rate, many bits, not clipped; then by path."""
        facts = self.entries[number].facts
        rate = min(facts.rate, self._options.preparation.sample_rate)
        clipped = _CLIPPED in facts.notes
        return not facts.lossless, -rate, -min(facts.bits, 24), clipped, self.sounds[number].path


def _vector(facts: Facts) -> np.ndarray:
    return np.frombuffer(bytes.fromhex(facts.fingerprint), np.float32)


def _stamp(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError:
        return (-1, 0)
    return status.st_size, status.st_mtime_ns
