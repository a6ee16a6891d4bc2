"""``drumsmith export``."""

import argparse

HELP = "export (not yet)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this subcommand's options."""


def run(args: argparse.Namespace) -> int | None:
    """Run the subcommand."""
    raise NotImplementedError
