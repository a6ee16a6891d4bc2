"""Batching inside the graph: requests that wait together are computed together.

The scheduler is the one that TF Serving uses, but it travels with the export: the same file batches
in the embedded server, in TF Serving without a flag, and in-process. Do not add TF Serving's
`--enable_batching` to it: requests would queue twice.
"""

from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf

from ...common.errors import UserError
from ..saved_model.signatures import SAFE_BATCH


@dataclass(frozen=True)
class Batching:
    """How requests are gathered, settable at export.

    Args:
        sizes: batch sizes that are computed, rising; a smaller batch is padded to the next one.
            Steps of a quarter at most, so that little is computed in vain.
        max_request: examples in one request; larger ones are refused, and those above the largest
            size are split.
        timeout_us: how long a batch waits for more requests while a thread is free, in
            microseconds. At 0 batches form only while all threads are busy, which costs a lone
            caller nothing.
        queue: batches that may wait; a request beyond is refused with UNAVAILABLE.
        threads: batches computed at the same time.

    Raises:
        UserError: a number is out of its range.

    """

    sizes: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16)
    max_request: int = 256
    timeout_us: int = 0
    queue: int = 64
    threads: int = 2

    def __post_init__(self):
        if not self.sizes or self.sizes[0] < 1 or list(self.sizes) != sorted(set(self.sizes)):
            raise UserError(f"batch sizes must rise from 1 or more, but are {self.sizes}")
        if self.max_request < max(SAFE_BATCH, self.sizes[-1]):
            raise UserError(
                f"the largest request must hold at least {max(SAFE_BATCH, self.sizes[-1])} "
                f"examples, but is {self.max_request}"
            )
        for name, least in (("timeout_us", 0), ("queue", 1), ("threads", 1)):
            if getattr(self, name) < least:
                raise UserError(f"{name} must be at least {least}, but is {getattr(self, name)}")

    def apply(
        self,
        core: Callable,
        inputs: list[tf.Tensor],
        shared: list[tf.Tensor],
        output: tf.TensorSpec,
        queue_name: str,
    ) -> tf.Tensor:
        """Call a concrete function of batched tensors through the queue.

        Args:
            core: a concrete function without captured tensors.
            inputs: its first arguments, batch first, validated: one bad example fails its whole
                batch.
            shared: its further arguments, the same for every request.
            output: what it returns; the scheduler forgets shapes.
            queue_name: calls under one name share a queue, whichever signature they come from.

        """
        (result,) = tf.raw_ops.BatchFunction(
            in_tensors=inputs,
            captured_tensors=shared,
            f=core,
            num_batch_threads=self.threads,
            max_batch_size=self.max_request,
            batch_timeout_micros=self.timeout_us,
            max_enqueued_batches=self.queue,
            allowed_batch_sizes=list(self.sizes),
            shared_name=queue_name,
            enable_large_batch_splitting=True,
            Tout=[output.dtype],
        )
        return tf.ensure_shape(result, output.shape)


def batch_sizes(largest: int) -> tuple[int, ...]:
    """Return the sizes to compute up to ``largest``: all to 8, then in steps of a quarter at most.

    Raises:
        UserError: ``largest`` is below 1.

    """
    if largest < 1:
        raise UserError(f"the largest batch must be at least 1, but is {largest}")
    sizes, size = [], 1
    while size < largest:
        sizes.append(size)
        size += max(1, 2 ** (size.bit_length() - 1) // 4)
    return (*sizes, largest)
