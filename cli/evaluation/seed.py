"""A seed on the command line."""

import argparse


def seed(text: str) -> int:
    """Parse a seed of NumPy's generators, which know none below 0."""
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a seed is a whole number, not {text!r}") from None
    if number < 0:
        raise argparse.ArgumentTypeError(f"a seed is 0 or more, not {number}")
    return number
