import pytest

from drumsmith.common.errors import UserError
from drumsmith.instruments.beat.pattern import BUILT_IN, parse_pattern

NOTES = {"kick": 36, "snare": 38, "closed hat": 42, "open hat": 46}


def _hits(text, **options):
    return [(h.at_s, h.note, h.velocity) for h in parse_pattern(text, NOTES, **options).hits]


def test_steps_are_sixteenths():
    # At 150 beats a minute a step takes a tenth of a second.
    assert _hits("kick: x.X-\nhat: ..o9", tempo=150) == [
        pytest.approx(hit)
        for hit in [(0.0, 36, 100), (0.2, 36, 127), (0.2, 42, 60), (0.3, 42, 127)]
    ]


def test_shorter_lines_begin_again_with_every_repeat():
    beat = parse_pattern("# mine\nkick: x...|x.\nsnare: .x..", NOTES, tempo=150, repeats=2)
    assert [round(hit.at_s * 10) for hit in beat.hits if hit.note == 38] == [1, 5, 7, 11]
    assert beat.length_s == pytest.approx(1.2)


def test_swing_delays_every_second_step():
    times = [at for at, _, _ in _hits("hat: xxxx", tempo=150, swing=75)]
    assert times == pytest.approx([0.0, 0.15, 0.2, 0.35])


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_patterns_have_a_bar(name):
    assert parse_pattern(BUILT_IN[name], NOTES, tempo=120).length_s == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("kick x...", "is written as"),
        ("kick: x..y", "has 'y'"),
        ("kik: x...", "did you mean kick"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(text, message):
    with pytest.raises(UserError, match=message):
        _hits(text)


@pytest.mark.parametrize("option", [{"tempo": 0}, {"swing": 20}, {"repeats": 0}])
def test_numbers_out_of_range_are_named(option):
    with pytest.raises(UserError, match=f"--{next(iter(option))} must be"):
        _hits("kick: x", **option)
