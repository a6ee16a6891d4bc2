"""The command, for a demo of which only the way is looked at: few sounds are judged."""

import sys

from drumsmith.cli import demo
from drumsmith.cli.main import main

demo._drumsmith = lambda: [sys.executable, __file__]
if sys.argv[1] == "tune":
    from drumsmith.training.callbacks import light_evaluation
    from drumsmith.tuning import outcome

    light_evaluation.SOUNDS_PER_CLASS = outcome.JUDGED = 24
sys.exit(main())
