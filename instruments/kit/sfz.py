"""A kit as SFZ: sfizz, Sforzando, TX16Wx, Ableton's and Bitwig's importers and others read it.

https://sfzformat.com; opcodes of SFZ 1 and 2 alone. Levels follow the velocity within a layer by
`amp_velcurve`, whose points never exceed 1, since players bound `volume`.
"""

import numpy as np

from .kit import Kit, Layer, PadSounds, velocity_db


def sfz_files(kit: Kit) -> dict[str, str]:
    """Return the text of each file by its path in the kit's folder."""
    groups = _group_numbers(kit)
    lines = [
        f"// {kit.name}: made by drumsmith with model {kit.model_id}",
        "// Notes are those of the General MIDI percussion map.",
        "",
        "<global> loop_mode=one_shot amp_veltrack=100",
    ]
    for pad in kit.pads:
        lines.append(f"\n// {pad.pad.name}")
        for layer in pad.layers:
            lines += _layer(pad, layer, groups)
    return {f"{kit.name}.sfz": "\n".join(lines) + "\n"}


def _layer(pad: PadSounds, layer: Layer, groups: dict[str, int]) -> list[str]:
    words = [f"<group> key={pad.pad.note} lovel={layer.lowest} hivel={layer.highest}"]
    # Relative to the layer's own sounds, which are as soft as its highest velocity.
    words += [
        f"amp_velcurve_{velocity}={10 ** ((velocity_db(velocity) - layer.level_db) / 20):.5f}"
        for velocity in _points(layer)
    ]
    words.append(f"seq_length={len(layer.sounds)}")
    if pad.pad.chokes:
        words.append(f"group={groups[pad.pad.chokes]}")
    if pad.pad.choked_by:
        words.append(f"off_by={groups[pad.pad.choked_by]} off_mode=fast")
    return [
        " ".join(words),
        *(
            f"<region> sample={path} seq_position={turn}"
            for turn, path in enumerate(pad.paths(layer), 1)
        ),
    ]


def _points(layer: Layer) -> list[int]:
    # Players draw straight lines between points; the curve bends most at its soft end.
    count = min(8, layer.highest - layer.lowest + 1)
    return sorted({round(v) for v in np.geomspace(layer.lowest, layer.highest, count)})


def _group_numbers(kit: Kit) -> dict[str, int]:
    names = dict.fromkeys(
        name for p in kit.pads for name in (p.pad.chokes, p.pad.choked_by) if name
    )
    return {name: number for number, name in enumerate(names, 1)}
