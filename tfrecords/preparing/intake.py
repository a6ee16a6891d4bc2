"""Every sound of a collection, prepared: decoded now, or taken from records made before."""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...common.progress import Meter, progress
from ..collection.collection import Sound
from ..decoding.messages import Facts
from ..records.dataset_info import DatasetInfo
from ..records.index import Index, IndexEntry
from .duplicates import Candidate, Copy, find_copies, find_near
from .engine import Engine, Pair
from .options import Options
from .previous import read_previous
from .spool import Place, Spool

_CLIPPED = "is clipped"


class Intake:
    """The prepared sounds of one run; samples lie in a spool, not in memory.

    Args:
        sounds: of the collection.
        options: how they are prepared.
        spool: an empty one, for as long as this is used.
        engine: who decodes and compares.
    """

    def __init__(self, sounds: Sequence[Sound], options: Options, spool: Spool, engine: Engine):
        self.sounds = sounds
        self.entries: dict[int, IndexEntry] = {}
        self.copies: dict[int, Copy] = {}
        self.places: dict[int, Place] = {}
        self._options, self._spool, self._engine = options, spool, engine
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
            self.places[number_of[path]] = self._spool.append(pcm)
        known = {}
        for number, entry in same.items():
            original = number_of.get(entry.copy_of, -1)
            if entry.reason or number in self.places:
                self.entries[number] = entry
            elif original in self.places:
                self.entries[number] = entry
                known[number] = original
        return known

    def _decode(self, numbers: Iterable[int], meter: Meter) -> None:
        """Decode sounds into the spool, in whatever order they are finished."""
        files = {number: str(self.sounds[number].file) for number in numbers}
        if not files:
            return
        stamps = {number: _stamp(self.sounds[number].file) for number in files}
        skipped = 0
        with contextlib.closing(self._engine.decode(files)) as results:
            for number, place, reason, facts in results:
                meter.advance()
                skipped += bool(reason)
                meter.describe(f"{skipped} skipped" if skipped else "")
                self._decoded.add(number)
                path = self.sounds[number].path
                self.entries[number] = IndexEntry(path, *stamps[number], reason, "", facts)
                if place:
                    self.places[number] = place

    def _find_copies(self, known: dict[int, int]) -> list[int]:
        """Find the copies; return known ones whose original went, which must be decoded."""
        self._spool.flush()
        usable = [number for number, entry in self.entries.items() if not entry.reason]
        usable.sort(key=self._quality)
        candidates = {
            number: Candidate(
                _vector(self.entries[number].facts),
                self.entries[number].facts.rate,
                known.get(number) if number not in self.places else None,
            )
            for number in usable
        }
        rate = self._options.preparation.sample_rate
        with progress("find copies", len(candidates)) as meter:
            near = find_near(candidates)
            compared = self._compare(near, candidates)
            found = find_copies(
                candidates, self._samples, rate, meter.advance, near=near, compared=compared
            )
        self.copies = {copy.number: copy for copy in found}
        lost = [number for number, copy in self.copies.items() if copy.of in self.copies]
        for number in lost:
            del self.entries[number]
            known.pop(number, None)
        return lost

    def _compare(
        self, near: Mapping[int, list[int]], candidates: Mapping[int, Candidate]
    ) -> dict[tuple[int, int], float]:
        """Let the engine compare what lies near; return (better, worse) -> likeness."""

        def pairs() -> Iterator[Pair]:
            for worse, others in near.items():
                for better in others:
                    if better in self.places and worse in self.places:
                        rate = min(candidates[better].rate, candidates[worse].rate)
                        yield Pair(self.places[better], self.places[worse], rate)

        number_of = {place: number for number, place in self.places.items()}
        return {
            (number_of[pair.better], number_of[pair.worse]): alike
            for pair, alike in self._engine.compare(pairs()).items()
        }

    def _samples(self, number: int) -> np.ndarray:
        return self._spool.read(self.places[number])

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
