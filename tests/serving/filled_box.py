import pytest

from drumsmith.serving.boxed import model_card

needs_box = pytest.mark.skipif(
    not model_card().exists(), reason="no model in the box yet; benchmarks/box.py puts one there"
)
