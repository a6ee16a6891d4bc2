"""The command, for a demo of which only the way is looked at.

Few sounds are judged, and the folder named by PRETRAINED is the pretrained model's: it holds a
model of the same kind that takes a fraction of the time to trace, to export and to warm up.
"""

import os
import sys
from pathlib import Path

from drumsmith.cli import demo
from drumsmith.cli.main import main
from drumsmith.serving import pretrained

pretrained.folder = lambda: Path(os.environ["PRETRAINED"])
demo._drumsmith = lambda: [sys.executable, __file__]
if sys.argv[1] == "tune":
    from drumsmith.model import latent_flow
    from drumsmith.training.callbacks import light_evaluation
    from drumsmith.tuning import outcome

    light_evaluation.SOUNDS_PER_CLASS = outcome.JUDGED = 24
    latent_flow.STEPS = 1
sys.exit(main())
