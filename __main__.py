# PYTHON_ARGCOMPLETE_OK
"""Lets `python -m drumsmith` be the `drumsmith` command."""

import sys

from .cli.main import main

if __name__ == "__main__":
    sys.exit(main())
