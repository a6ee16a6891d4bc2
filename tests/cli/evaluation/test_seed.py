"""A seed that no generator takes is refused where it is given."""

import pytest

from drumsmith.cli.main import main


@pytest.mark.parametrize(
    "command", [["evaluate", "models", "records", "--out=x"], ["plot", "models", "--out=x"]]
)
@pytest.mark.parametrize(
    ("given", "message"), [("-1", "a seed is 0 or more, not -1"), ("one", "a whole number")]
)
def test_a_seed_that_cannot_be_is_one_line_and_exit_code_2(command, given, message, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([*command, f"--seed={given}"])
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err
