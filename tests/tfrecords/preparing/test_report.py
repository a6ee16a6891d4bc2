import pytest
from rich.console import Console

from drumsmith.tfrecords.preparing.report import print_report, warnings
from drumsmith.tfrecords.records.dataset_info import DatasetInfo, Skipped, Source, count_labels


def info(sources, skipped=(), labels=("kick", "snare")):
    return DatasetInfo(
        labels=labels,
        counts=count_labels(sources, labels),
        sample_rate=44100,
        length=16384,
        preparation={"valid_share": 0.1},
        sources=sources,
        skipped=list(skipped),
        shards=[],
    )


def sounds(label, train, valid):
    return [Source(f"{label}/{n}", label, "train", "") for n in range(train)] + [
        Source(f"{label}/v{n}", label, "valid", "") for n in range(valid)
    ]


BOTH = sounds("kick", 9, 1) + sounds("snare", 9, 1)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (info(BOTH), []),
        (
            info(BOTH, [Skipped("kick/bad.wav", "kick", "is silent")]),
            ["label kick: 1 of its 11 files could not be used"],
        ),
        (
            info(BOTH, [Skipped("tom/bad.wav", "tom", "is silent")]),
            ["label tom: none of its 1 files can be used, so it is left out"],
        ),
        (
            info(sounds("kick", 9, 1) + sounds("snare", 1, 0)),
            ["label snare has no validation sounds: it has one sound"],
        ),
        (
            info(sounds("kick", 9, 1) + sounds("snare", 4, 0)),
            ["label snare has no validation sounds: its sounds are one group, or too few groups"],
        ),
        (
            info(sounds("kick", 9, 1), labels=("kick",)),
            ["there is one label only, kick: a model of it has nothing to choose"],
        ),
    ],
)
def test_what_deserves_attention_is_said_plainly(given, expected):
    assert [line for line in warnings(given) if "by heart" not in line] == expected


def test_thin_labels_are_named_with_their_counts():
    given = info(sounds("kick", 90, 10) + sounds("snare", 9, 1))
    assert list(warnings(given)) == [
        "fewer than 50 sounds (snare 10): a model will learn these by heart"
    ]


def test_copies_are_counted_and_those_under_two_labels_named():
    skipped = [
        Skipped("snare/x.wav", "snare", "is the same sound as kick/0", "kick/0"),
        Skipped("kick/x.wav", "kick", "is the same sound as kick/0", "kick/0"),
    ]
    lines = list(warnings(info(BOTH, skipped)))
    assert "2 sounds repeat another one, and are left out" in lines
    assert (
        "the same sound lies under two labels: snare/x.wav and kick/0; the latter is kept" in lines
    )


def test_the_tables_name_counts_files_and_reasons(tmp_path):
    skipped = [Skipped(f"kick/{n}.wav", "kick", "is silent") for n in range(20)]
    skipped.append(Skipped("kick/[b]\udcff.wav", "kick", "holds no samples"))
    console = Console(record=True, width=100, file=(tmp_path / "out").open("w"))
    print_report(info(BOTH, skipped), tmp_path / "records", console)
    console.file.close()
    text = console.export_text()
    assert "kick/0.wav" in text
    assert "... and 8 more, see dataset.json" in text
    assert "[b]\\udcff.wav" in text
    assert "18 │     2 │      21" in text
    assert "20 sounds of 0.372 s at 44100 Hz" in text
