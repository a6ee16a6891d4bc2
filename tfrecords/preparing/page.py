"""A page to listen to prepared sounds, the doubtful ones first, and to strike out the wrong ones.

One file without links: pictures are SVG, sounds FLAC, and the list of struck sounds is saved by the
page itself as the exclude file that the next run of ``drumsmith prepare`` reads.
"""

import base64
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from ...common.publish import publish_file
from ..collection.exclusion import STRUCK_OUT, usual_file
from ..records.dataset_info import DatasetInfo, Source
from ..records.index import Index, IndexEntry
from .previous import read_previous
from .report import printable

MOST_SOUNDS = 300
"""Sounds on a page: 5 MB."""

_COLUMNS = 120
_NEIGHBOURS = 5
_FAR = 3.0  # distances from a label's middle, in medians of that
_QUIET_DB, _SHORT_S = -30.0, 0.02


@dataclass(frozen=True)
class _Shown:
    path: str
    label: str
    why: tuple[str, ...]
    outline: str
    audio: str


def write_page(page: Path, records: Path, most: int = MOST_SOUNDS) -> str:
    """Write the page.

    Args:
        page: the HTML file.
        records: a folder written by ``drumsmith prepare``.
        most: sounds on it, the most doubtful ones.

    Returns:
        A line that says what was written.
    """
    # Late: the command's other uses do without.
    from jinja2 import Environment, FileSystemLoader

    info = DatasetInfo.load(records)
    doubts = find_doubts(info.sources, Index.load(records))
    chosen = sorted(info.sources, key=lambda s: (-len(doubts.get(s.path, ())), s.label, s.path))
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True
    )
    text = environment.get_template("listen.html").render(
        name=records.resolve().name,
        exclude_name=usual_file(records.resolve()).name,
        total=len(info.sources),
        shown=_shown(records, info, chosen[:most], doubts),
        skipped=[{"path": printable(i.path), "reason": printable(i.reason)} for i in info.skipped],
        struck=[printable(item.path) for item in info.skipped if item.reason == STRUCK_OUT],
        columns=_COLUMNS,
    )
    with publish_file(page) as partial:
        partial.write_text(text, encoding="utf-8")
    return f"{page}: {min(most, len(info.sources))} of {len(info.sources)} sounds to listen to"


def find_doubts(sources: Sequence[Source], index: Index) -> dict[str, tuple[str, ...]]:
    """Say of each sound why a person should listen to it, a few words each.

    Args:
        sources: of the records.
        index: what is known of their files.

    Returns:
        Path -> reasons; only of sounds that have any.
    """
    known = [
        (source, index.entries[source.path]) for source in sources if source.path in index.entries
    ]
    doubts: dict[str, list[str]] = defaultdict(list)
    for source, entry in known:
        doubts[source.path].extend(_of_its_own(entry))
    if known:
        for path, words in _among_others(known):
            doubts[path].append(words)
    return {path: tuple(reasons) for path, reasons in doubts.items() if reasons}


def _of_its_own(entry: IndexEntry) -> list[str]:
    words = list(entry.facts.notes)
    if entry.facts.peak_db < _QUIET_DB:
        words.append(f"is quiet, {entry.facts.peak_db:.0f} dB")
    if entry.facts.lasts_s < _SHORT_S:
        words.append(f"lasts {entry.facts.lasts_s * 1000:.0f} ms")
    return words


def _among_others(known: Sequence[tuple[Source, IndexEntry]]) -> list[tuple[str, str]]:
    """Find the sounds that are unlike their label's, or like another's."""
    points = np.stack(
        [np.frombuffer(bytes.fromhex(entry.facts.fingerprint), np.float32) for _, entry in known]
    )
    labels = np.array([source.label for source, _ in known])
    found = []
    _, near = cKDTree(points).query(points, k=min(_NEIGHBOURS + 1, len(points)))
    for (source, _), others in zip(known, np.atleast_2d(near)[:, 1:], strict=True):
        there = labels[others]
        if len(there) == _NEIGHBOURS and len(set(there)) == 1 and there[0] != source.label:
            found.append((source.path, f"sounds more like {there[0]}"))
    for label in sorted(set(labels)):
        mine = np.flatnonzero(labels == label)
        distance = np.linalg.norm(points[mine] - np.median(points[mine], axis=0), axis=1)
        for place in mine[distance > _FAR * np.median(distance)]:
            found.append((known[place][0].path, f"is unlike the other sounds of {label}"))
    return found


def _shown(
    records: Path, info: DatasetInfo, chosen: Sequence[Source], doubts: dict[str, tuple[str, ...]]
) -> list[_Shown]:
    samples = dict(read_previous(records, info, {source.path for source in chosen}))
    return [
        _Shown(
            printable(source.path),
            printable(source.label),
            doubts.get(source.path, ()),
            outline(np.frombuffer(samples[source.path], np.int16)),
            _flac(np.frombuffer(samples[source.path], np.int16), info.sample_rate),
        )
        for source in chosen
    ]


def outline(pcm: np.ndarray) -> str:
    """Draw a waveform, int16 (samples,), as an SVG path around its extremes, +-100 high."""
    edges = np.linspace(0, len(pcm), _COLUMNS + 1).astype(int)[:-1]
    scaled = pcm.astype(int) * 100 // 32768
    tops = np.maximum.reduceat(scaled, edges)
    bottoms = np.minimum.reduceat(scaled, edges)
    there = "L".join(f"{x} {-y}" for x, y in enumerate(tops + 1))
    back = "L".join(f"{x} {-y}" for x, y in reversed(list(enumerate(bottoms - 1))))
    return f"M{there}L{back}Z"


def _flac(pcm: np.ndarray, rate: int) -> str:
    import soundfile

    buffer = io.BytesIO()
    soundfile.write(buffer, pcm, rate, format="FLAC", subtype="PCM_16")
    return base64.b64encode(buffer.getvalue()).decode()
