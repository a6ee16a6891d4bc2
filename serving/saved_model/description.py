"""What an exported model says of itself, beside its graph."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ...common.errors import UserError
from ...common.latent_prior import LATENT_PRIORS

DESCRIPTION_FILE = Path("assets.extra", "drumsmith.json")


@dataclass(frozen=True)
class Description:
    """A generator's description: given by whoever exports it, completed by the export.

    Args:
        labels: the classes' names, in the order of their numbers.
        sample_rate: in Hz.
        latent_dim: length of z.
        length: of one sound, in samples.
        latent_prior: what z is drawn from, see `common.latent_prior`.
        preparation: how the sounds that it was trained on were prepared, as dataset.json says it;
            empty where nobody knows.
        summary: how it was trained, JSON-able; free in form.
        weights_sha256: of the constants in the graph; filled in by the export.
        model_id: short name of these weights under these labels; filled in by the export.

    Raises:
        UserError: a label is empty or appears twice, or a number is not positive.

    """

    labels: tuple[str, ...]
    sample_rate: int
    latent_dim: int
    length: int
    summary: Mapping[str, Any] = field(default_factory=dict)
    latent_prior: str = "normal"
    preparation: Mapping[str, Any] = field(default_factory=dict)
    weights_sha256: str = ""
    model_id: str = ""

    def __post_init__(self):
        if not self.labels or "" in self.labels or len(set(self.labels)) < len(self.labels):
            raise UserError(f"labels must be distinct and not empty, but are {list(self.labels)}")
        if self.latent_prior not in LATENT_PRIORS:
            raise UserError(
                f"latent_prior must be one of {', '.join(LATENT_PRIORS)}, not {self.latent_prior!r}"
            )
        for name in ("sample_rate", "latent_dim", "length"):
            if getattr(self, name) <= 0:
                raise UserError(f"{name} must be positive, but is {getattr(self, name)}")

    def write(self, version: Path) -> None:
        """Write this into the folder of an exported version."""
        path = version / DESCRIPTION_FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=2, sort_keys=True, default=str) + "\n")

    @classmethod
    def read(cls, version: Path) -> "Description":
        """Read the description of an exported version.

        Raises:
            UserError: the file is missing or is not what `write` writes.

        """
        path = version / DESCRIPTION_FILE
        try:
            fields = json.loads(path.read_text())
            # Exports from before it was a field of its own say it among the training's options.
            told = fields.get("summary", {}).get("config", {}).get("latent_prior", "normal")
            return cls(**{"latent_prior": told} | fields | {"labels": tuple(fields["labels"])})
        except FileNotFoundError:
            raise UserError(
                f"{version} has no {DESCRIPTION_FILE}: not an export of drumsmith"
            ) from None
        except (ValueError, TypeError, KeyError) as error:
            raise UserError(f"{path} cannot be read: {error}; export the run again") from error
