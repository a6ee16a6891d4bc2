import pytest

from drumsmith.common.errors import UserError
from drumsmith.instruments.kit.pads import default_pads, pads_to_json, parse_pads

THREE = ("cymbal", "kick", "snare")
FINER = ("closed_hat", "crash", "kick", "open_hat", "ride", "snare", "My Conga")


def _by_name(pads):
    return {pad.name: pad for pad in pads}


def test_three_labels_make_a_whole_kit():
    pads = _by_name(default_pads(THREE, round_robins=2))
    assert {name: (pad.label, pad.note) for name, pad in pads.items()} == {
        "kick": ("kick", 36),
        "kick 2": ("kick", 35),
        "snare": ("snare", 38),
        "snare 2": ("snare", 40),
        "open hat": ("cymbal", 46),
        "closed hat": ("cymbal", 42),
        "pedal hat": ("cymbal", 44),
        "crash": ("cymbal", 49),
        "ride": ("cymbal", 51),
    }
    assert pads["closed hat"].like == "open hat"
    assert pads["closed hat"].decay_ms
    assert pads["closed hat"].chokes == pads["open hat"].choked_by != ""
    assert all(pad.round_robins == 2 for pad in pads.values())


def test_finer_labels_fill_their_own_pads():
    pads = _by_name(default_pads(FINER))
    assert pads["closed hat"].label == "closed_hat"
    assert pads["closed hat"].decay_ms is None
    assert pads["ride"].label == "ride"
    assert (pads["My Conga"].label, pads["My Conga"].note) == ("My Conga", 60)
    # Pressed by the foot it is shorter than played closed.
    assert (pads["pedal hat"].label, pads["pedal hat"].decay_ms) == ("closed_hat", 60.0)


def test_a_family_beside_its_kinds_gets_a_cymbals_note():
    pads = _by_name(default_pads((*FINER, "cymbal")))
    assert (pads["cymbal"].label, pads["cymbal"].note) == ("cymbal", 57)
    assert pads["cymbal"].level_db < 0


def test_what_is_printed_is_read_again():
    pads = default_pads(THREE)
    assert parse_pads(pads_to_json(pads), THREE) == pads


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "holds pads"),
        ({"pads": {}}, "at least one pad"),
        ({"pads": {"a": {"label": "kick"}}}, "pad a needs a note"),
        ({"pads": {"a": {"label": "kik", "note": 36}}}, "did you mean kick"),
        ({"pads": {"a": {"label": "kick", "note": 128}}}, "pad a: note must be between 0 and 127"),
        ({"pads": {"a": {"label": "kick", "note": "low"}}}, "pad a: a value is of the wrong kind"),
        ({"pads": {"a": {"label": "kick", "note": 1, "seeed": 3}}}, "did you mean seed"),
        ({"pads": {"a": {"label": "kick", "note": 1, "like": "b"}}}, "no other pad"),
        ({"pads": {n: {"label": "kick", "note": 36} for n in "ab"}}, "two pads have the note 36"),
    ],
)
def test_a_mistake_in_the_file_is_named(content, message):
    with pytest.raises(UserError, match=message):
        parse_pads(content, THREE)
