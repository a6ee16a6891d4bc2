r"""Writes the manifest that the pretrained model's records are prepared from.

    python tools/drums_parts.py manifest.csv parts.csv
    drumsmith prepare parts.csv RECORDS --split part --copies keep \
        --family cymbal=closed_hat,open_hat,crash,ride

Cymbals of a kind that there is enough of get that label, the others stay cymbals. Adds a column
``part`` and leaves out rows that have none:

- train: rows under a free licence without copyleft, which may go into a model that is given away;
- valid, test: rows of all other licences, if nothing of their machine is in train. They are only
  listened to. Machines are drawn for valid until each class has about `VALID_SHARE` there.
"""

import csv
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

KINDS = ("closed_hat", "open_hat", "crash", "ride")
"""What the manifest calls sublabels; of others there are few, or they may be either of two."""

VALID_SHARE = 0.42
DRAWS = 4000

Row = Mapping[str, str]


def is_free(row: Row) -> bool:
    """Tell whether a model trained on ``row`` may be given away; MIT may be chosen over the GPL."""
    note = row["license_note"]
    copyleft = "BY-SA" in note or ("GPL" in note and "MIT" not in note)
    return row["licence_clear"] == "yes" and not copyleft


def parts(rows: Iterable[Row]) -> list[str]:
    """Return each row's part, empty where it has none."""
    rows = list(rows)
    trained = {row["machine"] for row in rows if is_free(row)}
    held_out: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        if row["machine"] not in trained:
            held_out[row["machine"]][row["label"]] += 1
    valid = _drawn(held_out)
    return [_part(row, trained, valid) for row in rows]


def _part(row: Row, trained: set[str], valid: set[str]) -> str:
    if is_free(row):
        return "train"
    if row["machine"] in trained:
        return ""
    return "valid" if row["machine"] in valid else "test"


def _drawn(machines: Mapping[str, Counter[str]]) -> set[str]:
    total = sum(machines.values(), Counter())

    def miss(chosen: set[str]) -> float:
        found = sum((machines[machine] for machine in chosen), Counter())
        return sum(abs(found[label] / total[label] - VALID_SHARE) for label in total)

    draws = (random.Random(seed) for seed in range(DRAWS))
    return min(
        ({machine for machine in machines if draw.random() < VALID_SHARE} for draw in draws),
        key=miss,
    )


def label(row: Row) -> str:
    """Return the label that a row is trained under."""
    return row["sublabel"] if row["sublabel"] in KINDS else row["label"]


def main(source: Path, target: Path) -> None:
    """Write ``target``, a copy of ``source`` with the column."""
    with source.open(newline="") as file:
        rows = list(csv.DictReader(file))
    with target.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], "part"])
        writer.writeheader()
        writer.writerows(
            {**row, "label": label(row), "part": part}
            for row, part in zip(rows, parts(rows), strict=True)
            if part
        )


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
