"""Where in a network's variables the classes lie, so that a class can be taken over by name."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ClassAxis:
    """The part of a variable that has one entry for each class.

    Attributes:
        axis: of the variable, along which the classes lie.
        first: index of the first class there.

    """

    axis: int
    first: int = 0

    def reorder(self, array: np.ndarray, classes: int, source: Sequence[int]) -> np.ndarray:
        """Return ``array`` with other classes.

        Args:
            array: the variable's value, with ``classes`` classes.
            classes: how many it has.
            source: for each class of the result, the class of ``array`` that it is a copy of.

        """
        end = self.first + classes
        before, inside, after = np.split(array, [self.first, end], axis=self.axis)
        return np.concatenate([before, np.take(inside, source, axis=self.axis), after], self.axis)
