import argparse
import dataclasses
from pathlib import Path

import pytest

from drumsmith.cli.serving.server_flags import add_server_flags, server_options
from drumsmith.serving.server.options import SAFETY, ServerOptions


def _options(*words):
    parser = argparse.ArgumentParser()
    add_server_flags(parser)
    add_server_flags(parser, SAFETY)
    return server_options(parser.parse_args(words))


def test_without_flags_they_are_the_servers_own_defaults():
    assert _options() == ServerOptions()


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ("--concurrency 3", "concurrency", 3),
        ("--max-message-mb 2", "max_message_bytes", 2 * 2**20),
        ("--request-timeout 1.5", "request_s", 1.5),
        ("--token-file secret", "token_file", Path("secret")),
        ("--cors-origin a --cors-origin b", "cors_origins", ("a", "b")),
        ("--allow-plaintext", "allow_plaintext", True),
    ],
)
def test_a_flag_reaches_its_option_in_the_options_unit(words, name, value):
    assert getattr(_options(*words.split()), name) == value


def test_an_option_needs_no_other_file_to_have_a_flag():
    without = {f.name for f in dataclasses.fields(ServerOptions) if "flag" not in f.metadata}
    assert without == {"tls", "poll_s"}
