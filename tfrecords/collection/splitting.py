"""Which sounds are kept aside for validation and test: a stable choice, by hash."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

# A key is considered when it is at most so much of a label's share.
_MOST_OF_A_SHARE = (0.5, 1.0)


@dataclass(frozen=True)
class Unit:
    """What the split must not separate: its key, and how many sounds of each label it has."""

    key: str
    counts: Counter[str]


def choose_parts(
    keys: Sequence[str], labels: Sequence[str], *, valid_share: float, test_share: float
) -> dict[str, str]:
    """Choose the split of every key.

    Validation is chosen first and test from what is left, so that asking for a test part later
    moves no sound into or out of validation.

    Args:
        keys: of each sound: its content's hash, or its group. Equal keys stay together.
        labels: of each sound.
        valid_share: of each label's sounds, in [0, 1).
        test_share: likewise; both together below 1.

    Returns:
        Key -> "train", "valid" or "test".
    """
    valid = choose_keys(keys, labels, valid_share)
    left = [place for place, key in enumerate(keys) if key not in valid]
    test = choose_keys(
        [keys[place] for place in left],
        [labels[place] for place in left],
        test_share / (1 - valid_share),
    )
    parts = {key: "valid" if key in valid else "train" for key in keys}
    return parts | dict.fromkeys(test, "test")


def choose_keys(keys: Sequence[str], labels: Sequence[str], share: float) -> set[str]:
    """Choose the keys whose sounds are kept aside.

    The keys come in the order of a hash, the same on every machine and for ever. Each is taken if
    that brings the labels nearer to their shares, and returned if a later one makes it too much;
    small keys first, so that the part hears many voices, and none larger than a label's share.
    A label with sounds under two keys or more gets at least one in either part, as far as other
    labels allow.

    Args:
        keys: of each sound: its content's hash, or its group. Equal keys stay together.
        labels: of each sound.
        share: of each label's sounds, in [0, 1).

    Returns:
        The chosen keys; empty for a share of 0.
    """
    if not share:
        return set()
    units = _units(keys, labels)
    total = Counter(labels)
    quota = {label: max(1, round(share * count)) for label, count in total.items()}
    chosen: dict[str, Unit] = {}
    taken: Counter[str] = Counter()
    for most in _MOST_OF_A_SHARE:
        allowed = [unit for unit in units if _is_within(unit, quota, most)]
        while _improve(allowed, chosen, taken, quota):
            pass
    _give_back(chosen, taken, total)
    _help_out(units, chosen, taken, total)
    return set(chosen)


def _is_within(unit: Unit, quota: dict[str, int], most: float) -> bool:
    return all(count <= max(1, most * quota[label]) for label, count in unit.counts.items())


def _improve(
    units: list[Unit], chosen: dict[str, Unit], taken: Counter[str], quota: dict[str, int]
) -> bool:
    """Take each unit, or return it, where that brings the labels nearer to their shares."""
    improved = False
    for unit in units:
        sign = -1 if unit.key in chosen else 1
        if _gain(unit, sign, taken, quota) <= 0:
            continue
        if sign > 0:
            chosen[unit.key] = unit
        else:
            del chosen[unit.key]
        for label, count in unit.counts.items():
            taken[label] += sign * count
        improved = True
    return improved


def _gain(unit: Unit, sign: int, taken: Counter[str], quota: dict[str, int]) -> float:
    """By how much the distance from the shares falls: relative, squared, summed over labels."""
    before = sum((taken[label] / quota[label] - 1) ** 2 for label in unit.counts)
    after = sum(
        ((taken[label] + sign * count) / quota[label] - 1) ** 2
        for label, count in unit.counts.items()
    )
    # A rounding error must not make two equal states chase each other.
    return before - after - 1e-9


def _units(keys: Sequence[str], labels: Sequence[str]) -> list[Unit]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for key, label in zip(keys, labels, strict=True):
        counts[key][label] += 1
    return sorted((Unit(key, count) for key, count in counts.items()), key=lambda u: _hash(u.key))


def _give_back(chosen: dict[str, Unit], taken: Counter[str], total: Counter[str]) -> None:
    """Return units that would leave a label without training sounds."""
    for key, unit in list(chosen.items()):
        if any(taken[label] >= total[label] for label in unit.counts):
            del chosen[key]
            taken.subtract(unit.counts)


def _help_out(
    units: list[Unit], chosen: dict[str, Unit], taken: Counter[str], total: Counter[str]
) -> None:
    """Take the smallest unit of a label that got nothing because all its units are large."""
    for label in sorted(total):
        if taken[label]:
            continue
        free = [
            unit
            for unit in units
            if unit.counts[label] and all(taken[i] + n < total[i] for i, n in unit.counts.items())
        ]
        if free:
            unit = min(free, key=lambda unit: unit.counts.total())
            chosen[unit.key] = unit
            taken.update(unit.counts)


def _hash(key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "surrogateescape"), digest_size=16).digest()
