"""Large requests in parts: as many calls as their examples need, each below the message limit."""

from collections.abc import Iterator

from ..saved_model.signatures import SAFE_BATCH
from .errors import TooLargeError
from .inputs import Inputs


class Parts:
    """The parts of one request, one after the other.

    A part holds `SAFE_BATCH` examples; when one turns out too large for a message, it and those
    after it are halved.

    Args:
        inputs: the whole request's, batch first.

    Example:
        >>> parts = Parts(inputs)
        >>> for part in parts:
        ...     try:
        ...         answers.append(predict(part))
        ...     except TooLargeError as error:
        ...         parts.halve(error)

    """

    def __init__(self, inputs: Inputs):
        self._inputs = inputs
        self._count = len(next(iter(inputs.values())))
        self._size = SAFE_BATCH
        self._at = self._next = 0

    def __iter__(self) -> Iterator[Inputs]:
        while self._next < self._count:
            self._at, self._next = self._next, min(self._next + self._size, self._count)
            yield {alias: value[self._at : self._next] for alias, value in self._inputs.items()}

    @property
    def span(self) -> slice:
        """Which examples of the whole the last part holds."""
        return slice(self._at, self._next)

    def halve(self, error: TooLargeError) -> None:
        """Give the last part again, in two.

        Raises:
            TooLargeError: it holds one example only.

        """
        held = self._next - self._at
        if held == 1:
            raise error
        self._size, self._next = (held + 1) // 2, self._at
