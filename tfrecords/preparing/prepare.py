"""A collection of audio files becomes a folder of records."""

import contextlib
import errno
import glob
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from ... import __version__
from ...common.errors import UserError
from ...common.processes import is_running
from ...common.publish import PARTIAL, publish_folder
from ..collection.collection import Collection, CollectionError, read_collection
from ..collection.splitting import choose_parts
from ..decoding.supervisor import STALLED_S
from ..records.dataset_info import (
    FILE_NAME,
    SPLITS,
    DatasetInfo,
    Skipped,
    Source,
    count_labels,
    shard_name,
)
from .engine import Engine, LocalEngine, PlannedRecord, ShardPlan
from .intake import Intake
from .options import Options
from .previous import find_previous
from .spool import Spool

SHARD_BYTES = 100_000_000
"""Large enough for a network disk to read in one go, small enough to send one again."""
# Of a record, beside its samples: names, lengths, check sums; paths are counted on their own.
_RECORD_OVERHEAD = 80

_USERS_ERRORS = (
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT),
    *(errno.ENOTDIR, errno.EEXIST),
)


def prepare(
    collection: Path,
    records: Path,
    options: Options | None = None,
    *,
    parallel: int | None = None,
    stalled_s: float = STALLED_S,
) -> DatasetInfo:
    """Make a folder of records from a collection, or bring one up to date.

    It appears, or changes, whole or not at all. Files that cannot be used are skipped and listed
    with reasons. The same collection and options give the same bytes, however many processors
    decode, and whether the records were there before or not: of those, what did not change is
    taken over without decoding, and what was a copy of an unchanged sound stays one.

    Args:
        collection: a folder with a sub-folder per label, or a CSV ``path,label``.
        records: the folder to make.
        options: how; the defaults are the paper's.
        parallel: files decoded at once; as many as there are processors by default.
        stalled_s: a decoder that is silent for so many seconds is given up.

    Returns:
        What the records hold, and what was skipped.

    Raises:
        UserError: nothing in the collection is usable, or ``records`` is taken.
    """
    return prepare_with(
        lambda options, spool: LocalEngine(options, spool, parallel=parallel, stalled_s=stalled_s),
        collection,
        records,
        options,
    )


def prepare_with(
    make_engine: Callable[[Options, Spool], Engine],
    collection: Path,
    records: Path,
    options: Options | None = None,
) -> DatasetInfo:
    """Do what ``prepare`` does, with any engine; the bytes are the same with each.

    Args:
        make_engine: options, and where prepared sounds go -> who does the work.
        collection: a folder with a sub-folder per label, or a CSV ``path,label``.
        records: the folder to make.
        options: how; the defaults are the paper's.

    Raises:
        UserError: nothing in the collection is usable, or ``records`` is taken.
    """
    options, records = options or Options(), Path(records)
    _check_place(Path(collection), records)
    found = list_sounds(Path(collection), options)
    paths = {sound.path for sound in found.sounds}
    before = None if options.overwrite else find_previous(records, options.method(), paths)
    _sweep(records)
    try:
        with _publish(records) as folder:
            with _spool(folder, options.preparation.length) as spool:
                engine = make_engine(options, spool)
                intake = Intake(found.sounds, options, spool, engine)
                intake.run(records, before)
                info = _write(folder, intake, _skipped(found, intake), options, engine)
            intake.index().save(folder)
            info.save(folder)
    except OSError as error:
        if error.errno not in _USERS_ERRORS:
            raise
        raise UserError(f"cannot write {records}: {error.strerror}") from None
    return info


def list_sounds(collection: Path, options: Options) -> Collection:
    """Read which sounds a collection has, and their labels; no audio is decoded."""
    found = read_collection(
        collection,
        rows=options.rows,
        group=options.group,
        split=options.split,
        rules=options.rules,
        packs_are_labels=options.packs_are_labels,
        excluded=options.excluded,
    )
    _check_families({sound.label for sound in found.sounds}, options)
    return found


def _skipped(found: Collection, intake: Intake) -> list[Skipped]:
    """All that is not in the records, with reasons."""
    skipped = list(found.skipped)
    kept = set(intake.kept)
    for number, sound in enumerate(intake.sounds):
        if number in kept:
            continue
        reason, copy = intake.entries[number].reason, intake.copies.get(number)
        if copy:
            original = intake.sounds[copy.of]
            reason = f"is the same sound as {original.path}"
            if original.label != sound.label:
                reason += f", which lies under {original.label}"
        of = intake.sounds[copy.of].path if copy else ""
        skipped.append(Skipped(sound.path, sound.label, reason, of))
    return sorted(skipped, key=lambda item: (item.path, item.reason))


def _write(
    folder: Path, intake: Intake, skipped: list[Skipped], options: Options, engine: Engine
) -> DatasetInfo:
    """Split the sounds, which needs to know all that are usable, and write the shards."""
    kept = intake.kept
    if not kept:
        first = skipped[0]
        raise CollectionError(
            f"none of {len(skipped)} files can be used; the first, {first.path}, {first.reason}"
        )
    sounds, entries = intake.sounds, intake.entries
    labels = _with_families({sounds[number].label for number in kept}, options)
    part_of = _split(intake, options)
    parts = {
        split: sorted(
            (number for number in kept if part_of[number] == split),
            key=lambda number: _record_order(entries[number].facts.sha256, sounds[number].path),
        )
        for split in SPLITS
    }
    plans = (
        plan
        for split, numbers in parts.items()
        for plan in _plan_shards(split, numbers, labels, intake, options)
    )
    sources = [
        Source(
            sounds[number].path,
            sounds[number].label,
            split,
            entries[number].facts.sha256,
            sounds[number].group,
        )
        for split, numbers in parts.items()
        for number in numbers
    ]
    return DatasetInfo(
        labels=labels,
        counts=count_labels(sources, labels),
        sample_rate=options.preparation.sample_rate,
        length=options.preparation.length,
        preparation=options.to_dict(),
        sources=sources,
        skipped=skipped,
        shards=list(engine.write(folder, plans)),
        compression=options.compression,
        tool_version=__version__,
    )


def _check_families(labels: set[str], options: Options) -> None:
    for family, kinds in options.families.items():
        if not labels.intersection(kinds):
            raise CollectionError(
                f"family {family}: there is no label {' or '.join(kinds)} in the collection, "
                f"which has {', '.join(sorted(labels))}"
            )


def _with_families(labels: set[str], options: Options) -> tuple[str, ...]:
    # None of whose kinds could be used, a family is left out as they are.
    families = {one for one, kinds in options.families.items() if labels.intersection(kinds)}
    return tuple(sorted(labels | families))


def _split(intake: Intake, options: Options) -> dict[int, str]:
    """Return the part of every kept sound, by number."""
    kept = intake.kept
    if options.split:
        return {number: intake.sounds[number].split for number in kept}
    keys = _keys(intake)
    part_of = choose_parts(
        [keys[number] for number in kept],
        [intake.sounds[number].label for number in kept],
        valid_share=options.valid_share,
        test_share=options.test_share,
    )
    return {number: part_of[keys[number]] for number in kept}


def _keys(intake: Intake) -> dict[int, str]:
    """Return what the split must not separate: a group, a file's content, and copies of either."""
    keys = {
        number: intake.sounds[number].group or intake.entries[number].facts.sha256
        for number in intake.kept
    }
    joined: dict[str, str] = {}

    def first(key: str) -> str:
        while key in joined:
            key = joined[key]
        return key

    for number, copy in intake.copies.items():
        if number in keys and copy.of in keys:
            one, two = sorted((first(keys[number]), first(keys[copy.of])))
            if one != two:
                joined[two] = one
    return {number: first(key) for number, key in keys.items()}


def _plan_shards(
    split: str, numbers: list[int], labels: tuple[str, ...], intake: Intake, options: Options
) -> Iterator[ShardPlan]:
    size = sum(len(os.fsencode(intake.sounds[number].path)) for number in numbers)
    size += len(numbers) * (2 * options.preparation.length + _RECORD_OVERHEAD)
    count = -(-size // SHARD_BYTES)
    for shard in range(count):
        mine = numbers[len(numbers) * shard // count : len(numbers) * (shard + 1) // count]
        records = [
            PlannedRecord(
                intake.places[number],
                labels.index(intake.sounds[number].label),
                intake.sounds[number].path,
            )
            for number in mine
        ]
        yield ShardPlan(shard_name(split, shard, count), split, records)


@contextlib.contextmanager
def _spool(folder: Path, length: int) -> Iterator[Spool]:
    """Yield a spool in a folder that is not published yet, and remove it afterwards."""
    place = folder / ".spool"
    place.mkdir()
    spool = Spool(place, length)
    try:
        yield spool
    finally:
        spool.close()
        shutil.rmtree(place)


def _record_order(sha256: str, path: str) -> tuple[str, str]:
    """Mixed labels even for readers that shuffle little, and independent of who decoded first."""
    return hashlib.sha256(sha256.encode()).hexdigest(), path


def _check_place(collection: Path, records: Path) -> None:
    inside = records.resolve().is_relative_to(collection.resolve())
    if collection.is_dir() and inside:
        raise UserError(f"{records} lies inside the collection {collection}: choose another place")
    if records.is_dir() and any(records.iterdir()):
        if not (records / FILE_NAME).is_file():
            raise UserError(f"{records} exists and holds no records: choose another place")
    elif records.exists() and not records.is_dir():
        raise UserError(f"{records} is a file: choose another place")


@contextlib.contextmanager
def _publish(records: Path) -> Iterator[Path]:
    """Yield a folder to fill, which takes the place of ``records``, and of old ones, when whole."""
    if not records.exists():
        with publish_folder(records) as folder:
            yield folder
        return
    new, old = _beside(records, "new"), _beside(records, "old")
    try:
        with publish_folder(new) as folder:
            yield folder
        os.rename(records, old)
        os.rename(new, records)
    except BaseException:
        if old.exists() and not records.exists():
            os.rename(old, records)
        raise
    finally:
        shutil.rmtree(new, ignore_errors=True)
    shutil.rmtree(old, ignore_errors=True)


def _beside(records: Path, word: str) -> Path:
    return records.with_name(f".{records.name}.{word}.{os.getpid()}{PARTIAL}")


def _sweep(records: Path) -> None:
    """Remove what killed runs left beside ``records``."""
    name = glob.escape(records.name)
    for stray in (
        *records.parent.glob(f".{name}.*{PARTIAL}"),
        *records.parent.glob(f"..{name}.*{PARTIAL}"),
    ):
        owner = stray.name.removesuffix(PARTIAL).rsplit(".", 1)[-1]
        if owner.isdigit() and not is_running(int(owner)):
            shutil.rmtree(stray, ignore_errors=True)
