import pytest

from drumsmith.tfrecords.collection.drum_names import DRUM_NAMES
from drumsmith.tfrecords.collection.naming import (
    Match,
    NameRules,
    RulesError,
    look_like_packs,
    read_rules,
    words,
)

BUILT_IN = NameRules((DRUM_NAMES,))


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("Vintage Pack/BD0010.WAV", "kick"),
        ("x/Kick 03 (hard).wav", "kick"),
        ("x/808BassDrum.aif", "kick"),
        ("pack/SNR_4.wav", "snare"),
        ("x/Snares/07.wav", "snare"),
        ("Kicks/Snare 1.wav", "snare"),
        ("x/HHClosed-2.wav", "closed_hat"),
        ("x/909 Open Hat.flac", "open_hat"),
        ("x/hi-hat 2.wav", "hat"),
        ("x/Crash Cymbal 18.wav", "crash"),
        ("x/ride_bell.wav", "ride"),
        ("x/cymbal.wav", "cymbal"),
        ("x/RimShot.wav", "rim"),
        ("Toms/low.wav", "tom"),
    ],
)
def test_common_names_are_known(path, label):
    assert BUILT_IN.label_of(path).label == label


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("stuff to sort/thing 3.wav", "no rule knows its name"),
        ("x/abduction.wav", "no rule knows its name"),
        ("x/kick and snare.wav", "'kick and snare' says kick and snare"),
    ],
)
def test_what_no_rule_knows_is_said(path, words):
    assert words in BUILT_IN.label_of(path)


def test_words_are_parted_by_case_numbers_and_signs():
    assert words("HHClosed_01-deepKicks") == ["hh", "closed", "deep", "kick"]
    # Unicode writes an accent in two ways.
    assert words("Caisse Claire \u00e9") == words("Caisse Claire e\u0301")


def test_patterns_replace_the_built_in_rules():
    rules = read_rules(["boom=BD*,Kick*", "crack=*snare?.wav"])
    assert rules.label_of("x/bd 01.wav") == Match("boom", "BD*")
    assert rules.label_of("x/my snare2.wav").label == "crack"
    assert "unlabelled" in rules.label_of("x/ride.wav")


def test_a_file_extends_the_built_in_rules_and_wins_over_them(tmp_path):
    file = tmp_path / "my.rules"
    file.write_text("# mine\ncymbal = crash, ride, hh  # together\nzap = zap, laser gun\n")
    rules = read_rules([str(file)])
    labels = [rules.label_of(f"x/{n}.wav").label for n in ("hh 1", "Crash", "Laser-Gun", "bd")]
    assert labels == ["cymbal", "cymbal", "zap", "kick"]
    file.write_text("only\nzap = zap\n")
    assert "unlabelled" in read_rules([str(file)]).label_of("x/bd.wav")


@pytest.mark.parametrize("text", ["kick", "= bd", "kick =", "kick = ,", "kick = --"])
def test_a_rule_that_makes_no_sense_is_named_with_its_line(text, tmp_path):
    (tmp_path / "r").write_text(f"snare = sn\n{text}\n")
    with pytest.raises(RulesError, match="line 2"):
        read_rules([str(tmp_path / "r")])


def test_a_file_of_rules_that_is_not_there_is_told():
    with pytest.raises(RulesError, match="neither 'names', nor LABEL=PATTERNS, nor a file"):
        read_rules(["nmaes"])


def test_packs_are_told_from_classes():
    packs = [f"{pack}/{n} 1.wav" for pack in ("Vintage Pack", "To sort") for n in ("kick", "snare")]
    assert look_like_packs(packs) == "'To sort' holds kick, snare by their names"
    classes = ["kick/kick 1.wav", "snare/snare.wav", "deep kick/kick with snare.wav"]
    assert not look_like_packs(classes)
    assert not look_like_packs(["boom/kick.wav", "boom/bd.wav", "crack/x.wav"])
