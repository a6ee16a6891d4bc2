"""What makes a sound again, carried by its file."""

import base64
import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ... import __version__
from ..errors import UserError
from .processing import Processing

MARK = '{"drumsmith":'
"""How a recipe begins in a file, whatever the chunk and the program that wrote it anew."""


class RecipeError(UserError):
    """A file carries no recipe, or one that cannot be followed."""


@dataclass(frozen=True)
class Recipe:
    """A sound's origin: a seed or z, under a label or between labels, and what followed.

    Attributes:
        model_id: short name of the weights.
        label: name of the class; None between classes.
        class_weights: share of each class by name, between classes.
        seed: None where z is given.
        z: the latent vector, where no seed stands for it.
        truncation: factor of the length of z, which a seed alone does not say.
        processing: what is done to the model's sound.
        version: number of the model's version, for people; the id decides.
        made_by: version of drumsmith.
        digest: of the samples in the file, as `data_digest` returns it; empty before it is written.

    Raises:
        RecipeError: neither or both of two alternatives are given.

    """

    model_id: str
    label: str | None = None
    class_weights: Mapping[str, float] = field(default_factory=dict)
    seed: int | None = None
    z: tuple[float, ...] | None = None
    truncation: float = 1.0
    processing: Processing = field(default_factory=Processing)
    version: int | None = None
    made_by: str = __version__
    digest: str = ""

    def __post_init__(self):
        if (self.label is None) == (not self.class_weights):
            raise RecipeError("a sound has either a label or class weights")
        if (self.seed is None) == (self.z is None):
            raise RecipeError("a sound has either a seed or z")

    @property
    def name(self) -> str:
        """The label, or the shares: ``kick``, ``60kick+40snare``."""
        if self.label is not None:
            return self.label
        return "+".join(f"{100 * share:.0f}{name}" for name, share in self.class_weights.items())

    def to_text(self) -> str:
        """Return the recipe as one line of ASCII that needs no escaping in XML."""
        values: dict[str, Any] = {"drumsmith": self.made_by, "model": self.model_id}
        values |= {"version": self.version, "label": self.label, "seed": self.seed}
        values["class_weights"] = dict(self.class_weights)
        values["truncation"] = None if self.truncation == 1.0 else self.truncation
        if self.z is not None:
            values["z"] = base64.b64encode(np.array(self.z, "<f4").tobytes()).decode()
        values |= {"processing": self.processing.to_json(), "digest": self.digest}
        # Empty values say nothing; the mark stays first.
        values = {key: value for key, value in values.items() if value not in (None, {}, "")}
        text = json.dumps(values, separators=(",", ":"))
        for character in "<>&":
            text = text.replace(character, f"\\u{ord(character):04x}")
        return text

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Recipe":
        """Return the recipe of what `to_text` wrote.

        Raises:
            RecipeError: something is missing or of another kind.

        """
        try:
            z = None
            if "z" in values:
                z = tuple(np.frombuffer(base64.b64decode(values["z"]), "<f4").tolist())
            return cls(
                model_id=str(values["model"]),
                label=values.get("label"),
                class_weights={k: float(v) for k, v in values.get("class_weights", {}).items()},
                seed=values.get("seed"),
                z=z,
                truncation=float(values.get("truncation", 1.0)),
                processing=Processing.from_json(values.get("processing", {})),
                version=values.get("version"),
                made_by=str(values["drumsmith"]),
                digest=values.get("digest", ""),
            )
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise RecipeError(f"the recipe in the file cannot be read: {error}") from error


def read_recipe(path: Path) -> Recipe:
    """Read the recipe that a file carries.

    It is looked for in the bytes, not in one chunk, so that it is found after any program that
    kept one of its copies, in WAV and in what else a sound was turned into.

    Raises:
        RecipeError: the file cannot be read, or carries none.

    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RecipeError(f"cannot read {path}: {error.strerror}") from error
    found = None
    for values in _candidates(content):
        try:
            return Recipe.from_json(values)
        except RecipeError as error:
            # A copy that an editor cut or changed; another may be whole.
            found = error
    if found is not None:
        raise found
    raise RecipeError(f"{path} carries no recipe: drumsmith did not make it, or its tags are gone")


def _candidates(content: bytes):
    decoder = json.JSONDecoder()
    for encoding in ("utf-8", "utf-16-le"):
        mark = MARK.encode(encoding)
        at = content.find(mark)
        while at >= 0:
            text = content[at : at + LONGEST_BYTES].decode(encoding, "replace")
            with contextlib.suppress(ValueError):
                yield decoder.raw_decode(text)[0]
            at = content.find(mark, at + len(mark))


LONGEST_BYTES = 1 << 20
"""Of a recipe; one with a latent vector of a hundred elements takes 700."""
