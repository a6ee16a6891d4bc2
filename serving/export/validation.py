"""Checks inside the graph: what a request may hold, and the words in which it is refused."""

from collections.abc import Sequence

import tensorflow as tf

from ..saved_model.signatures import VALUE_LIMIT

_NO_BRACES = str.maketrans("{}", "()")


class Checks:
    """The checks of one request, each failing with INVALID_ARGUMENT and naming the value.

    They run per request, before requests are gathered into batches, so that a bad one spoils no
    other. Several things about a graph's optimiser shape them, each seen:

    - it believes a declared shape and drops the check of it, so inputs are declared without one;
    - it moves `ensure_shape` and `shape` ahead of the checks they wait for, so every operation
      here takes whatever comes, and only the first broken rule speaks;
    - it turns ``~(x <= limit)`` into ``x > limit``, which lets NaN pass.

    Args:
        limit: examples in one request.

    Example:
        >>> checks = Checks(limit=256)
        >>> checks.vectors("z", z, 100)
        >>> checks.labels("label", label, ["kick", "snare"])
        >>> z, label = checks.passed(z, label)

    """

    def __init__(self, limit: int):
        self._limit = limit
        self._good_so_far = tf.constant(True)
        self._asserts: list[tf.Operation] = []

    def vectors(self, name: str, value: tf.Tensor, width: int) -> None:
        """Require [batch, width] of finite elements within `VALUE_LIMIT`."""
        shape = tf.shape(value)
        fits = (tf.rank(value) == 2) & (tf.reduce_prod(shape[-1:]) == width)
        self._require(fits, f"{name} must have shape [batch, {width}], but has {{}}", shape)
        self._batch(name, value)
        bad = ~tf.math.is_finite(value) | (tf.abs(value) > VALUE_LIMIT)
        self._require(
            ~tf.reduce_any(bad),
            f"{name} must be finite and within +-{VALUE_LIMIT:g}, but example {{}} holds {{}}",
            *_first(bad, value, width),
        )

    def seeds(self, name: str, value: tf.Tensor) -> None:
        """Require [batch] of anything."""
        self._require(
            tf.rank(value) == 1, f"{name} must have shape [batch], but has {{}}", tf.shape(value)
        )
        self._batch(name, value)

    def labels(self, name: str, value: tf.Tensor, labels: Sequence[str]) -> None:
        """Require [batch] of numbers of ``labels``."""
        self.seeds(name, value)
        bad = (value < 0) | (value >= len(labels))
        # Braces in a label's name would be read as a placeholder.
        known = ", ".join(f"{n} {label}" for n, label in enumerate(labels)).translate(_NO_BRACES)
        self._require(
            ~tf.reduce_any(bad),
            f"{name} must be one of {known}, but example {{}} asks for {{}}",
            *_first(bad, value, 1),
        )

    def same_batch(self, first: str, a: tf.Tensor, second: str, b: tf.Tensor) -> None:
        """Require two inputs to hold the same number of examples."""
        ours, theirs = _batch(a), _batch(b)
        self._require(
            ours == theirs, f"{first} holds {{}} examples, but {second} holds {{}}", ours, theirs
        )

    def passed(self, *values: tf.Tensor) -> list[tf.Tensor]:
        """Return the values, to be had only once every check has passed."""
        with tf.control_dependencies(self._asserts):
            return [tf.identity(value) for value in values]

    def _batch(self, name: str, value: tf.Tensor) -> None:
        batch = _batch(value)
        self._require(
            (batch >= 1) & (batch <= self._limit),
            f"a request must hold 1 to {self._limit} examples, but {name} holds {{}}",
            batch,
        )

    def _require(self, good: tf.Tensor, words: str, *values: tf.Tensor) -> None:
        message = tf.strings.format(words, values)
        first_to_fail = self._good_so_far & ~good
        self._asserts.append(tf.raw_ops.Assert(condition=~first_to_fail, data=[message]))
        self._good_so_far &= good


def _batch(value: tf.Tensor) -> tf.Tensor:
    # The product of a missing axis is 1: the shape's own check speaks then.
    return tf.reduce_prod(tf.shape(value)[:1])


def _first(bad: tf.Tensor, value: tf.Tensor, width: int) -> tuple[tf.Tensor, tf.Tensor]:
    """Return example and value of the first bad element; something harmless if none is."""
    # One element more, so that an empty value has a first one too.
    flat_bad = tf.concat([tf.reshape(bad, [-1]), [False]], 0)
    flat_value = tf.concat([tf.reshape(value, [-1]), tf.zeros([1], value.dtype)], 0)
    index = tf.argmax(tf.cast(flat_bad, tf.int32), output_type=tf.int32)
    return index // width, flat_value[index]
