from collections import Counter

import pytest

from drumsmith.tfrecords.collection.splitting import choose_keys, choose_parts


def count(chosen, keys, labels):
    return Counter(label for key, label in zip(keys, labels, strict=True) if key in chosen)


def test_without_groups_every_label_gets_its_share():
    keys = [f"file{n}" for n in range(1000)]
    labels = ["kick"] * 700 + ["snare"] * 300
    assert count(choose_keys(keys, labels, 0.1), keys, labels) == {"kick": 70, "snare": 30}


def test_the_choice_is_the_same_everywhere_and_for_ever():
    chosen = choose_keys([f"file{n}" for n in range(20)], ["kick"] * 20, 0.2)
    assert sorted(chosen) == ["file10", "file11", "file13", "file4"]


def test_the_order_of_the_files_does_not_matter():
    keys = [f"file{n}" for n in range(99)]
    assert choose_keys(keys, ["a"] * 99, 0.1) == choose_keys(keys[::-1], ["a"] * 99, 0.1)


def test_new_files_move_few_old_ones():
    keys = [f"file{n}" for n in range(1100)]
    before = choose_keys(keys[:1000], ["a"] * 1000, 0.1)
    after = choose_keys(keys, ["a"] * 1100, 0.1)
    assert len(before & after) >= 85


@pytest.mark.parametrize(("sounds", "expected"), [(1, 0), (2, 1), (3, 1), (4, 1), (10, 1), (15, 2)])
def test_a_small_label_is_empty_in_neither_part(sounds, expected):
    keys = [f"file{n}" for n in range(sounds)]
    assert len(choose_keys(keys, ["a"] * sounds, 0.1)) == expected


def test_a_large_share_leaves_training_something():
    assert len(choose_keys(["a", "b", "c"], ["x"] * 3, 0.99)) == 2


def test_sounds_of_a_group_stay_together_and_shares_are_near():
    keys = [f"machine{n * n % 37}" for n in range(600)]
    labels = ["kick" if n % 3 else "snare" for n in range(600)]
    counts = count(choose_keys(keys, labels, 0.1), keys, labels)
    assert 20 <= counts["kick"] <= 60
    assert 10 <= counts["snare"] <= 30


def test_a_label_in_two_large_groups_has_both_parts():
    keys = ["a"] * 50 + ["b"] * 40
    assert choose_keys(keys, ["x"] * 90, 0.1) == {"b"}


def test_a_label_in_one_group_stays_in_training():
    assert choose_keys(["a"] * 9, ["x"] * 9, 0.1) == set()


def test_helping_one_label_takes_no_other_labels_last_training_sound():
    # Both groups hold all that one label or the other has left.
    keys, labels = ["a", "b", "a"], ["x", "x", "y"]
    chosen = choose_keys(keys, labels, 0.5)
    assert chosen == {"b"}


def test_a_share_of_zero_takes_nothing():
    assert choose_keys(["a", "b"], ["x", "x"], 0) == set()


def test_three_parts_have_their_shares_of_every_label_and_no_group_is_separated():
    keys = [f"machine{n % 60}" for n in range(600)]
    labels = ["kick" if n % 3 else "snare" for n in range(600)]
    part_of = choose_parts(keys, labels, valid_share=0.2, test_share=0.2)
    found = Counter((label, part_of[key]) for key, label in zip(keys, labels, strict=True))
    assert found == {
        ("kick", "train"): 240,
        ("kick", "valid"): 80,
        ("kick", "test"): 80,
        ("snare", "train"): 120,
        ("snare", "valid"): 40,
        ("snare", "test"): 40,
    }


def test_a_test_part_moves_no_sound_into_or_out_of_validation():
    keys = [f"file{n}" for n in range(100)]
    shares = [
        choose_parts(keys, ["a"] * 100, valid_share=0.1, test_share=test) for test in (0.0, 0.3)
    ]
    valid = [{key for key, part in parts.items() if part == "valid"} for parts in shares]
    assert valid[0] == valid[1]
    assert Counter(shares[1].values()) == {"train": 60, "valid": 10, "test": 30}
