"""The parts of the pretrained model's records."""

from drumsmith.tools.drums_parts import is_free, parts


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
