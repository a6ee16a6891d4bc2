"""Sounds drawn one after another, as many as wanted, faulty ones left out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from ..common.errors import UserError
from ..common.sounds.recipe import Recipe
from ..common.sounds.sound_files import Sound
from .rendering import SoundSource, finish, render_raw

PART = 32
"""Sounds that are in memory at once."""

PATIENCE = 50
"""Faulty sounds for one good one, over many, at which drawing gives up."""

Judge = Callable[[np.ndarray, int], np.ndarray]
"""Takes audio (n, length) and the sample rate, returns which sounds are faulty, bool (n,)."""


@dataclass
class Drawing:
    """Draws sounds of recipes in order.

    Args:
        source: the model.
        is_faulty: which of the model's sounds to leave out; None keeps all.

    Attributes:
        drawn: how many the model made so far.
        left_out: how many of them were faulty.

    """

    source: SoundSource
    is_faulty: Judge | None = None
    drawn: int = field(default=0, init=False)
    left_out: int = field(default=0, init=False)

    def sounds(self, recipes: Iterator[Recipe], count: int) -> Iterator[Sound]:
        """Yield ``count`` sounds, or as many as there are recipes; a few are in memory at once.

        Raises:
            UserError: nearly all are faulty.

        """
        while count > 0:
            part = list(islice(recipes, min(count, PART)))
            if not part:
                return
            kept = self._kept(part)
            count -= len(kept)
            for audio, recipe in kept:
                yield finish(audio, self.source.sample_rate, recipe)

    def _kept(self, recipes: list[Recipe]) -> list[tuple[np.ndarray, Recipe]]:
        pairs = list(zip(render_raw(self.source, recipes), recipes, strict=True))
        self.drawn += len(pairs)
        if self.is_faulty is None:
            return pairs
        faulty = self.is_faulty(np.stack([audio for audio, _ in pairs]), self.source.sample_rate)
        self.left_out += int(np.sum(faulty))
        if self.left_out > PATIENCE * (self.drawn - self.left_out + 1):
            raise UserError(
                f"{self.left_out} of {self.drawn} sounds are faulty: this model is far from "
                "trained; --keep-all writes them all the same"
            )
        return [pair for pair, bad in zip(pairs, faulty, strict=True) if not bad]
