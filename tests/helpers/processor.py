"""What the processor at hand can do."""

import pytest

from drumsmith.training.config.presets import preset
from drumsmith.training.precision import measure

needs_bfloat16 = pytest.mark.skipif(
    measure(preset("tiny")).bfloat16 is None,
    reason="oneDNN is held to instructions without bfloat16: its products end the process",
)
