"""Intervals that nobody reads: they are most of what an evaluation of few sounds takes."""

from contextlib import contextmanager

import pytest

from drumsmith.evaluation.metrics import frechet, sampling


@contextmanager
def few_draws():
    """Draw as few subsets for an interval as make one."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (frechet, sampling):
            patch.setattr(module, "DRAWS", 4)
        yield
