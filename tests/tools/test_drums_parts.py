"""The parts of the pretrained model's records, and their labels."""

import csv

from drumsmith.tools.drums_parts import is_free, main, parts


def row(machine, note="CC0-1.0", clear="yes", label="kick"):
    return {"machine": machine, "license_note": note, "licence_clear": clear, "label": label}


def test_copyleft_and_unclear_licences_are_not_free_but_mit_may_be_chosen():
    assert is_free(row("a"))
    assert is_free(row("a", "GPL-2+ or MIT"))
    assert not is_free(row("a", "GPL-2"))
    assert not is_free(row("a", "CC-BY-SA-4.0"))
    assert not is_free(row("a", clear="no"))


def test_what_is_held_out_shares_no_machine_with_training_nor_with_the_other_part():
    rows = [row("free"), row("free", clear="no")]
    rows += [row(f"m{i}", clear="no") for i in range(20) for _ in range(3)]
    found = parts(rows)
    assert found[:2] == ["train", ""]
    assert set(found[2:]) == {"valid", "test"}
    by_machine = {
        one["machine"]: {p for o, p in zip(rows, found, strict=True) if o == one}
        for one in rows[2:]
    }
    assert all(len(names) == 1 for names in by_machine.values())
    assert 0.3 < found[2:].count("valid") / 60 < 0.55


def test_kinds_with_enough_sounds_are_labels_of_their_own(tmp_path):
    names = ["path", "label", "sublabel", "machine", "license_note", "licence_clear"]
    kinds = ["crash", "china", "open_hat", "cymbal"]
    rows = [[f"{kind}.wav", "cymbal", kind, "m", "CC0-1.0", "yes"] for kind in kinds]
    with (tmp_path / "manifest.csv").open("w", newline="") as file:
        csv.writer(file).writerows([names, *rows])
    main(tmp_path / "manifest.csv", tmp_path / "parts.csv")
    with (tmp_path / "parts.csv").open(newline="") as file:
        found = [(row["label"], row["part"]) for row in csv.DictReader(file)]
    assert found == [(kind, "train") for kind in ("crash", "cymbal", "open_hat", "cymbal")]
