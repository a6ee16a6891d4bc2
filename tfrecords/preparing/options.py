"""What to make of a collection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..collection.collection import RowFilter
from ..collection.naming import NameRules
from ..decoding.messages import DECODERS
from .preparation import Preparation

COPIES = ("skip", "keep")
"""What to do with a sound that repeats another: leave it out, or keep both on one side."""


@dataclass(frozen=True)
class Options:
    """What to make of a collection.

    Attributes:
        preparation: how each sound is prepared.
        rows: of a CSV, the rows to take.
        group: of a CSV, the column whose values the split must not separate.
        split: of a CSV, the column that says "train", "valid" or "test"; in place of the shares.
        rules: labels by name; by folder or CSV where there are none.
        packs_are_labels: take folders as labels even if they look like packs.
        families: labels that stand for others, too: those of cymbal may be crash and ride.
        excluded: paths that a person struck out.
        copies: one of COPIES.
        valid_share: share of each label's sounds kept for validation, in [0, 1).
        test_share: share kept for test; both together below 1.
        decoder: one of ``decoding.messages.DECODERS``.
        compression: "" or "GZIP", smaller for transport and slower to open.
        overwrite: replace an existing folder of records instead of bringing it up to date.

    Raises:
        ValueError: an option is out of range.
    """

    preparation: Preparation = field(default_factory=Preparation)
    rows: RowFilter = field(default_factory=RowFilter)
    group: str | None = None
    split: str | None = None
    rules: NameRules | None = None
    packs_are_labels: bool = False
    families: Mapping[str, Sequence[str]] = field(default_factory=dict)
    excluded: frozenset[str] = frozenset()
    copies: str = "skip"
    valid_share: float = 0.1
    test_share: float = 0.0
    decoder: str = "soundfile"
    compression: str = ""
    overwrite: bool = False

    def __post_init__(self) -> None:
        for name in ("valid_share", "test_share"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} {getattr(self, name)} is not in [0, 1)")
        if self.valid_share + self.test_share >= 1:
            raise ValueError(
                f"valid_share {self.valid_share} and test_share {self.test_share} leave nothing "
                "for training"
            )
        for family, kinds in self.families.items():
            for kind in kinds:
                if kind in self.families:
                    raise ValueError(f"family {family} cannot hold {kind}, which is one itself")
        for name, choices in (("copies", COPIES), ("decoder", DECODERS)):
            if getattr(self, name) not in choices:
                raise ValueError(
                    f"{name} {getattr(self, name)!r} is not one of {', '.join(choices)}"
                )

    def method(self) -> dict[str, Any]:
        """Return what decides a single file's samples; only records made so can be updated."""
        return {**self.preparation.to_dict(), "decoder": self.decoder}

    def to_dict(self) -> dict[str, Any]:
        """Give what made the records, for dataset.json."""
        families = {family: list(kinds) for family, kinds in self.families.items()}
        return {
            **self.preparation.to_dict(),
            **({"families": families} if families else {}),
            "valid_share": self.valid_share,
            "test_share": self.test_share,
            "split": self.split,
            "where": {column: list(values) for column, values in self.rows.where.items()},
            "where_not": {c: list(values) for c, values in self.rows.where_not.items()},
            "group": self.group,
            "copies": self.copies,
            "label_rules": self.rules.to_dict() if self.rules else [],
        }
