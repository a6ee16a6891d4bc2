"""In which order training meets the sounds: pure functions of the seed and the place in the stream.

Place 0 is the first example ever consumed. An order says which entry stands at any place without
having looked at the places before, which makes resuming at place 3,000,000 as quick as starting.
An entry is a record under one of its labels, see `DatasetInfo.entries`.

Only raw 64-bit draws of a counter-based generator are used: NumPy keeps those the same for ever,
unlike the methods that shuffle.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np

# Streams drawn from one seed that must not resemble each other.
_EPOCH, _ROUND, _DRAW = 1, 2, 3

# Rounds of label order that are drawn together; a drawing costs 30 microseconds whatever its size.
_ROUNDS = 1024


class Order(Protocol):
    """Says which entry stands at each place of the endless stream."""

    def indices(self, place: int, count: int) -> np.ndarray:
        """Entries at places ``place`` to ``place + count - 1``, int64 (count,)."""


class Shuffled:
    """Every entry once per epoch, each epoch in a new order.

    Args:
        entries: how many there are, at least 1.
        seed: not negative.
    """

    def __init__(self, entries: int, seed: int):
        self._entries = entries
        # An epoch's order is needed until the next one has begun; batches run across the border.
        self._epoch = lru_cache(maxsize=2)(lambda epoch: permutation(entries, seed, _EPOCH, epoch))

    def indices(self, place: int, count: int) -> np.ndarray:
        """Entries at places ``place`` to ``place + count - 1``, int64 (count,)."""
        return _in_epochs(place, count, self._entries, self._epoch)


class Balanced:
    """Every label equally often, whatever the entries' share.

    The stream runs in rounds; a round has each label once, in a drawn order. Within a label the
    entries run in epochs of their own: the sounds of a rare label come back sooner. Labels that
    share a turn take it one after the other, round by round.

        round        0      |    1      |    2
        label    k   c   s  |  s  k  c  |  c  s  k
        kick     #0         |     #1    |        #2     -> numbers into kick's own epochs

    Args:
        labels: label index of every entry; labels without entries are left out.
        seed: not negative.
        sharing: groups of label indices; those of one group share the turn of one label.
    """

    def __init__(
        self,
        labels: np.ndarray | Sequence[int],
        seed: int,
        sharing: Sequence[Sequence[int]] = (),
    ):
        values = np.asarray(labels)
        present = np.unique(values)
        self._members = [np.flatnonzero(values == label) for label in present]
        # Whose turn it is, as numbers into members: one that shares with nobody is a group of one.
        groups: dict[int, list[int]] = {}
        for number, label in enumerate(present):
            group = next((i for i, shared in enumerate(sharing) if label in shared), None)
            groups.setdefault(len(sharing) + number if group is None else group, []).append(number)
        self._turns = list(groups.values())
        self._seed = seed
        self._rounds = lru_cache(maxsize=2)(self._draw_rounds)
        self._epochs = [
            lru_cache(maxsize=2)(self._epoch_of(number)) for number in range(len(self._members))
        ]

    def indices(self, place: int, count: int) -> np.ndarray:
        """Entries at places ``place`` to ``place + count - 1``, int64 (count,)."""
        turns = len(self._turns)
        chosen = _in_epochs(place, count, turns * _ROUNDS, self._rounds)
        rounds = np.arange(place, place + count) // turns
        result = np.empty(count, np.int64)
        for position, (turn, number) in enumerate(zip(chosen, rounds, strict=True)):
            labels = self._turns[turn]
            done, whose = divmod(int(number), len(labels))
            result[position] = self._member(labels[whose], done)
        return result

    def _member(self, number: int, turn: int) -> int:
        epoch, position = divmod(turn, len(self._members[number]))
        return self._epochs[number](epoch)[position]

    def _epoch_of(self, number: int) -> Callable[[int], np.ndarray]:
        members = self._members[number]
        return lambda epoch: members[permutation(len(members), self._seed, _EPOCH, number, epoch)]

    def _draw_rounds(self, block: int) -> np.ndarray:
        keys = _raw(_ROUNDS * len(self._turns), self._seed, _ROUND, block)
        return np.argsort(keys.reshape(_ROUNDS, -1), axis=1, kind="stable").reshape(-1)


def permutation(count: int, *key: int) -> np.ndarray:
    """Return a permutation of 0 ... count - 1 that depends on ``key`` alone, int64 (count,)."""
    return np.argsort(_raw(count, *key), kind="stable")


def draws(place: int, count: int, seed: int) -> np.ndarray:
    """Four uniform numbers in [0, 1) for each place, float64 (count, 4).

    The generator's counter is the place, and one tick of its counter gives four numbers.
    """
    generator = np.random.Philox(np.random.SeedSequence((seed, _DRAW)))
    raw = generator.advance(place).random_raw(4 * count)
    return (raw >> np.uint64(11)).reshape(count, 4) * 2.0**-53


def _raw(count: int, *key: int) -> np.ndarray:
    return np.random.Philox(np.random.SeedSequence(key)).random_raw(count)


def _in_epochs(place: int, count: int, size: int, epoch: Callable[[int], np.ndarray]) -> np.ndarray:
    """Cut ``count`` items from the chain epoch(0), epoch(1), ..., each ``size`` long."""
    pieces = []
    while count > 0:
        number, first = divmod(place, size)
        piece = epoch(number)[first : first + count]
        pieces.append(piece)
        place, count = place + len(piece), count - len(piece)
    return np.concatenate(pieces)
