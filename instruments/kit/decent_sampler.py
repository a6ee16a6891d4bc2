"""A kit as a preset of Decent Sampler.

Elements and attributes are those of its File Format Reference Guide (decentsamples.com, 1.7):
groups with velocity layers, `seqMode` round robins, and tags that silence others (its appendix on
voice-muting for drums).
"""

from xml.etree import ElementTree

from ...common.sounds.sound_files import safe_name
from .kit import Kit
from .xml import element, to_text

MOST_VOLUME_DB = 24.0


def decent_sampler_files(kit: Kit) -> dict[str, str]:
    """Return the text of each file by its path in the kit's folder."""
    root = ElementTree.Element("DecentSampler", minVersion="1.0.0")
    groups = element(root, "groups", release="0.01")
    for pad in kit.pads:
        for layer in pad.layers:
            group = element(groups, "group", **_of_group(pad.pad, layer))
            for turn, path in enumerate(pad.paths(layer), 1):
                element(
                    group,
                    "sample",
                    path=path,
                    rootNote=pad.pad.note,
                    loNote=pad.pad.note,
                    hiNote=pad.pad.note,
                    loVel=layer.lowest,
                    hiVel=layer.highest,
                    seqPosition=turn,
                )
    return {f"{kit.name}.dspreset": to_text(root)}


def _of_group(pad, layer) -> dict[str, object]:
    # The files are as soft as their layer is; the velocity lowers them again from full level.
    volume = min(-layer.level_db, MOST_VOLUME_DB)
    attributes: dict[str, object] = {
        "volume": f"{volume:.2f}dB",
        "ampVelTrack": "1.0",
        "trigger": "attack",
        "loopEnabled": "false",
        "seqMode": "round_robin",
        "seqLength": len(layer.sounds),
        # One-shots: a drum rings on when the key is let go.
        "ampEnvEnabled": "false",
    }
    if pad.chokes:
        attributes["tags"] = safe_name(pad.chokes)
    if pad.choked_by:
        attributes |= {"silencedByTags": safe_name(pad.choked_by), "silencingMode": "fast"}
    return attributes
