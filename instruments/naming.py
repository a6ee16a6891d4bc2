"""Names of files by a pattern such as ``{label}_{n:02}_{note}``."""

import string
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..common.errors import UserError
from ..common.sounds.sound_files import Sound, safe_name
from .pitch import fundamental, note_name, note_of

FIELDS = ("label", "seed", "n", "note", "model")

NO_NOTE = "x"
"""Stands for the note of a sound that has no fundamental."""


@dataclass
class Names:
    """Gives each sound a name that no other has.

    Args:
        pattern: with any of `FIELDS` in braces; `/` makes folders. ``n`` counts from 1, each
            label's sounds by themselves where the pattern names labels, and takes a format,
            such as ``{n:02}``.

    Raises:
        UserError: another field, a format that does not fit, or a place outside the folder.

    """

    pattern: str
    _counts: dict[str, int] = field(default_factory=dict, init=False)
    _given: set[str] = field(default_factory=set, init=False)

    def __post_init__(self):
        try:
            names = {name for _, name, _, _ in string.Formatter().parse(self.pattern) if name}
            unknown = names - set(FIELDS)
            if not unknown:
                self._format(label="kick", seed=1, n=1, note="A1", model="0")
        except ValueError as error:
            raise UserError(f"--names {self.pattern!r} cannot be followed: {error}") from error
        if unknown:
            raise UserError(
                f"--names knows {', '.join(FIELDS)}, but not {', '.join(sorted(unknown))}"
            )
        place = PurePosixPath(self.pattern)
        if place.is_absolute() or ".." in place.parts:
            raise UserError(f"--names {self.pattern!r} leaves the folder of --out")

    def of(self, sound: Sound) -> Path:
        """Return the next sound's path inside the folder.

        Raises:
            UserError: another sound has this name already.

        """
        recipe = sound.recipe
        label = safe_name(recipe.name)
        counted = label if "{label" in self.pattern else ""
        self._counts[counted] = n = self._counts.get(counted, 0) + 1
        note = self._note(sound) if "{note" in self.pattern else ""
        name = self._format(
            label=label,
            seed="z" if recipe.seed is None else recipe.seed,
            n=n,
            note=note,
            model=recipe.model_id,
        )
        if name in self._given:
            raise UserError(f"two sounds would be called {name}: put {{n}} into --names")
        self._given.add(name)
        return Path(f"{name}.wav")

    def _format(self, **values) -> str:
        return self.pattern.format(**values).removesuffix(".wav")

    def _note(self, sound: Sound) -> str:
        measured = fundamental(sound.audio, sound.sample_rate)
        return NO_NOTE if measured is None else note_name(note_of(measured))
