"""files.jsonl: what is known of every file of a collection; a second run asks only of new ones.

The first line says how the files were prepared; every other line is one file.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from ..decoding.messages import Facts

FILE_NAME = "files.jsonl"


@dataclass(frozen=True)
class IndexEntry:
    """One file of a collection.

    Attributes:
        path: relative to the collection, with forward slashes.
        size: in bytes.
        mtime_ns: when it was last changed.
        reason: why it cannot be used; empty if it can.
        copy_of: path of the sound that it repeats; empty if none.
        facts: what preparing it found out.
    """

    path: str
    size: int
    mtime_ns: int
    reason: str = ""
    copy_of: str = ""
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True)
class Index:
    """All that is known of a collection's files.

    Attributes:
        preparation: the options under which ``facts`` hold.
        entries: by path.
    """

    preparation: Mapping[str, Any]
    entries: Mapping[str, IndexEntry]

    @classmethod
    def load(cls, records: Path) -> Self:
        """Read a folder's index; an empty one where there is none or it is damaged.

        An index only saves work, so that its loss is no error.
        """
        try:
            with (Path(records) / FILE_NAME).open(encoding="utf-8") as stream:
                head = json.loads(next(stream))
                return cls(head["preparation"], _entries(json.loads(line) for line in stream))
        except (OSError, ValueError, KeyError, TypeError, StopIteration):
            return cls({}, {})

    def save(self, folder: Path) -> None:
        """Write the index into a folder that is not published yet."""
        with (folder / FILE_NAME).open("w", encoding="utf-8") as stream:
            stream.write(json.dumps({"preparation": dict(self.preparation)}) + "\n")
            for path in sorted(self.entries):
                stream.write(json.dumps(asdict(self.entries[path])) + "\n")


def _entries(items: Iterable[dict[str, Any]]) -> dict[str, IndexEntry]:
    return {
        item["path"]: IndexEntry(**item | {"facts": Facts.from_dict(item["facts"])})
        for item in items
    }
