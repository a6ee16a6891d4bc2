"""A kit's folder: sounds, a file for each sampler, a description, a picture; zipped on request.

```
NAME/  samples/PAD/PAD_v1_rr1.wav ...   v: velocity layer, rr: turn
       NAME.sfz  NAME.dspreset  drumkit.xml (Hydrogen)  drumgizmo/  kit.json  kit.png
```
"""

import json
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ... import __version__
from ...common.errors import UserError
from ...common.publish import publish_file, publish_folder
from .decent_sampler import decent_sampler_files
from .drumgizmo import drumgizmo_files
from .hydrogen import hydrogen_files
from .kit import Kit
from .pads import pads_to_json
from .sfz import sfz_files

DESCRIPTION = "kit.json"
PICTURE = "kit.png"

FORMATS: dict[str, Callable[[Kit], dict[str, str]]] = {
    "sfz": sfz_files,
    "decentsampler": decent_sampler_files,
    "hydrogen": hydrogen_files,
    "drumgizmo": drumgizmo_files,
}
"""What each sampler needs beside the samples: text by path in the kit's folder."""


def write_kit(kit: Kit, folder: Path, formats: Sequence[str] = tuple(FORMATS)) -> None:
    """Write a kit, the whole folder or nothing.

    Raises:
        UserError: the folder holds something already, or cannot be written.

    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder} holds something already; choose another folder")
    try:
        with publish_folder(folder) as partial:
            _fill(kit, partial, formats)
    except OSError as error:
        raise UserError(f"cannot write to {folder}: {error.strerror or error}") from error


def zip_kit(folder: Path) -> Path:
    """Write `NAME.zip` beside a kit's folder, and return it."""
    path = folder.with_name(f"{folder.name}.zip")
    with publish_file(path) as partial, zipfile.ZipFile(partial, "w") as archive:
        for file in _files(folder):
            # Sounds shrink by little; the zip is for carrying them about.
            archive.write(file, Path(folder.name) / file.relative_to(folder), zipfile.ZIP_DEFLATED)
    return path


def hydrogen_archive(kit: Kit, folder: Path) -> Path:
    """Write `NAME.h2drumkit` beside a kit's folder, and return it: Hydrogen imports it."""
    path = folder.with_name(f"{folder.name}.h2drumkit")
    with publish_file(path) as partial, tarfile.open(partial, "w:gz") as archive:
        for file in [folder / "drumkit.xml", *_files(folder / "samples")]:
            archive.add(file, Path(kit.name) / file.relative_to(folder))
    return path


def describe(kit: Kit) -> dict[str, Any]:
    """Return what `kit.json` holds: pads, their notes and sounds."""
    return {
        "name": kit.name,
        "drumsmith": __version__,
        "model": kit.model_id,
        "sample_rate": kit.sample_rate,
        # The same, as `drumsmith kit --pads` reads it.
        **pads_to_json([pad.pad for pad in kit.pads]),
        "sounds": {
            pad.pad.name: [
                {"lowest": one.lowest, "highest": one.highest, "files": pad.paths(one)}
                for one in pad.layers
            ]
            for pad in kit.pads
        },
    }


def _fill(kit: Kit, folder: Path, formats: Sequence[str]) -> None:
    from .picture import draw_kit

    for pad in kit.pads:
        for path, _, sound in pad.files():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(sound.to_bytes())
    for name in formats:
        for path, text in FORMATS[name](kit).items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    (folder / DESCRIPTION).write_text(
        json.dumps(describe(kit), indent=1, ensure_ascii=False) + "\n"
    )
    draw_kit(kit, folder / PICTURE)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
