"""A kit for Hydrogen: `drumkit.xml` beside the samples, after the schema of Hydrogen 1.2.

https://github.com/hydrogen-music/hydrogen, data/xsd/drumkit.xsd.
"""

from xml.etree import ElementTree

from .kit import LOUDEST, Kit, Layer, PadSounds
from .xml import element, to_text

NAMESPACE = "http://www.hydrogen-music.org/drumkit"

MOST_LAYERS = 16
"""Of an instrument: Hydrogen's MAX_LAYERS."""

MOST_GAIN = 5.0


def hydrogen_files(kit: Kit) -> dict[str, str]:
    """Return the text of each file by its path in the kit's folder."""
    root = ElementTree.Element("drumkit_info", xmlns=NAMESPACE)
    element(root, "name", kit.name)
    element(root, "author", "drumsmith")
    element(root, "info", f"Made by drumsmith with model {kit.model_id}.")
    element(root, "license", "undefined license")
    element(root, "image", "")
    element(root, "imageLicense", "undefined license")
    component = element(element(root, "componentList"), "drumkitComponent")
    for tag, value in (("id", 0), ("name", "Main"), ("volume", 1)):
        element(component, tag, value)
    instruments = element(root, "instrumentList")
    groups = _group_numbers(kit)
    for number, pad in enumerate(kit.pads):
        _instrument(element(instruments, "instrument"), number, pad, groups)
    return {"drumkit.xml": to_text(root)}


def _instrument(
    parent: ElementTree.Element, number: int, pad: PadSounds, groups: dict[str, int]
) -> None:
    group = groups.get(pad.pad.chokes or pad.pad.choked_by, -1)
    values = {
        "id": number,
        "name": pad.pad.name,
        "volume": 1,
        "isMuted": "false",
        "isSoloed": "false",
        "pan": 0,
        "pitchOffset": 0,
        "randomPitchFactor": 0,
        "gain": 1,
        "applyVelocity": "true",
        "filterActive": "false",
        "filterCutoff": 1,
        "filterResonance": 0,
        "Attack": 0,
        "Decay": 0,
        "Sustain": 1,
        "Release": 1000,
        # Silences the group's other members, in both directions.
        "muteGroup": group,
        "midiOutChannel": -1,
        "midiOutNote": pad.pad.note,
        "isStopNote": "false",
        "sampleSelectionAlgo": "ROUND_ROBIN",
        "isHihat": -1,
        "lower_cc": 0,
        "higher_cc": 127,
        "FX1Level": 0,
        "FX2Level": 0,
        "FX3Level": 0,
        "FX4Level": 0,
    }
    for tag, value in values.items():
        element(parent, tag, value)
    component = element(parent, "instrumentComponent")
    element(component, "component_id", 0)
    element(component, "gain", 1)
    # Every layer keeps as many turns as fit.
    turns = max(1, MOST_LAYERS // len(pad.layers))
    for layer in pad.layers[-MOST_LAYERS:]:
        for path in pad.paths(layer)[:turns]:
            _layer(element(component, "layer"), layer, path)


def _layer(parent: ElementTree.Element, layer: Layer, path: str) -> None:
    top = layer.highest / LOUDEST
    # Hydrogen multiplies by the velocity, the files by their layer's level: at the layer's highest
    # velocity both together are the velocity squared.
    gain = 10 ** ((_squared_db(top) - layer.level_db) / 20) / top
    for tag, value in (
        ("filename", path),
        ("min", f"{(layer.lowest - 1) / LOUDEST:.6f}"),
        ("max", f"{top:.6f}"),
        ("gain", f"{min(gain, MOST_GAIN):.5f}"),
        ("pitch", 0),
    ):
        element(parent, tag, value)


def _squared_db(share: float) -> float:
    from math import log10

    return 40 * log10(share)


def _group_numbers(kit: Kit) -> dict[str, int]:
    names = dict.fromkeys(
        name for p in kit.pads for name in (p.pad.chokes, p.pad.choked_by) if name
    )
    return {name: number for number, name in enumerate(names)}
