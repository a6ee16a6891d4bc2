"""A kit for DrumGizmo 0.9.17 and later: `drumgizmo/` beside the samples.

https://drumgizmo.org/wiki/doku.php?id=documentation:file_formats. DrumGizmo picks the sample whose
power is near the velocity, and among those one that was not played lately: there are no velocity
ranges and no turns.
"""

from xml.etree import ElementTree

from ...common.sounds.sound_files import safe_name
from .kit import LOUDEST, Kit, PadSounds
from .xml import element, to_text

FOLDER = "drumgizmo"
CHANNEL = "Main"
CHOKE_MS = 10


def drumgizmo_files(kit: Kit) -> dict[str, str]:
    """Return the text of each file by its path in the kit's folder."""
    files = {
        f"{FOLDER}/{kit.name}.xml": _drumkit(kit),
        f"{FOLDER}/midimap.xml": _midimap(kit),
    }
    for pad in kit.pads:
        files[f"{FOLDER}/{_name(pad)}.xml"] = _instrument(pad)
    return files


def _drumkit(kit: Kit) -> str:
    root = ElementTree.Element("drumkit", version="2.0.0", samplerate=str(kit.sample_rate))
    metadata = element(root, "metadata")
    element(metadata, "version", "1.0.0")
    element(metadata, "title", kit.name)
    element(metadata, "license", "as the model's, see its card")
    element(metadata, "author", "drumsmith")
    element(metadata, "description", f"Made by drumsmith with model {kit.model_id}.")
    element(element(root, "channels"), "channel", name=CHANNEL)
    instruments = element(root, "instruments")
    for pad in kit.pads:
        name = _name(pad)
        instrument = element(instruments, "instrument", name=name, file=f"{name}.xml")
        silenced = [p for p in kit.pads if pad.pad.chokes and p.pad.choked_by == pad.pad.chokes]
        if silenced:
            chokes = element(instrument, "chokes")
            for other in silenced:
                element(chokes, "choke", instrument=_name(other), choketime=CHOKE_MS)
        element(instrument, "channelmap", **{"in": CHANNEL, "out": CHANNEL, "main": "true"})
    return to_text(root)


def _instrument(pad: PadSounds) -> str:
    root = ElementTree.Element("instrument", version="2.0", name=_name(pad))
    samples = element(root, "samples")
    for path, layer, _ in pad.files():
        # Powers are compared with the velocity: the middle of the layer.
        power = (layer.lowest + layer.highest) / 2 / LOUDEST
        name = path.rpartition("/")[2].removesuffix(".wav")
        sample = element(samples, "sample", name=name, power=f"{power:.5f}")
        element(sample, "audiofile", channel=CHANNEL, file=f"../{path}", filechannel=1)
    return to_text(root)


def _midimap(kit: Kit) -> str:
    root = ElementTree.Element("midimap")
    for pad in kit.pads:
        element(root, "map", note=pad.pad.note, instr=_name(pad))
    return to_text(root)


def _name(pad: PadSounds) -> str:
    return safe_name(pad.pad.name)
