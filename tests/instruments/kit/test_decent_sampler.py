"""Against the File Format Reference Guide of Decent Sampler: the player has no Linux package."""

from xml.etree import ElementTree

import pytest

from ...helpers.noise_kit import TURNS

# What the guide lists: element -> its parent, and attribute -> its values.
PARENTS = {"groups": "DecentSampler", "group": "groups", "sample": "group"}
NOTE = range(128)
ATTRIBUTES = {
    "DecentSampler": {"minVersion": str},
    "groups": {"release": float},
    "group": {
        "volume": str,
        "ampVelTrack": float,
        "trigger": {"attack", "release", "first", "legato"},
        "loopEnabled": {"true", "false"},
        "seqMode": {"random", "true_random", "round_robin", "always"},
        "seqLength": range(1, 100),
        "ampEnvEnabled": {"true", "false"},
        "tags": str,
        "silencedByTags": str,
        "silencingMode": {"fast", "normal"},
    },
    "sample": {
        "path": str,
        "rootNote": NOTE,
        "loNote": NOTE,
        "hiNote": NOTE,
        "loVel": NOTE,
        "hiVel": NOTE,
        "seqPosition": range(1, 100),
    },
}


@pytest.fixture(scope="module")
def root(folder):
    return ElementTree.parse(folder / "noises.dspreset").getroot()


def test_elements_and_attributes_are_those_of_the_guide(root):
    for parent in root.iter():
        for name, value in parent.attrib.items():
            known = ATTRIBUTES[parent.tag][name]
            if isinstance(known, range):
                assert int(value) in known
            elif isinstance(known, set):
                assert value in known
            else:
                known(value)
        for child in parent:
            assert PARENTS[child.tag] == parent.tag


def test_every_note_and_velocity_has_its_turns(root, folder):
    for group in root.iter("group"):
        samples = group.findall("sample")
        assert [int(sample.get("seqPosition")) for sample in samples] == [1, 2, 3]
        assert int(group.get("seqLength")) == TURNS
        assert len({(s.get("loVel"), s.get("hiVel"), s.get("loNote")) for s in samples}) == 1
        assert all((folder / sample.get("path")).is_file() for sample in samples)
        assert group.get("volume").endswith("dB")


def test_the_closed_hat_silences_the_open_one_alone(root):
    def notes(attribute):
        return {
            group.find("sample").get("rootNote")
            for group in root.iter("group")
            if group.get(attribute) == "hats"
        }

    assert notes("tags") == {"42"}
    assert notes("silencedByTags") == {"46"}
