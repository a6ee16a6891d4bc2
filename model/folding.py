"""Convolutions at the low rate: the same numbers as the paper's layers for a quarter of the work.

Nearest-neighbour upsampling repeats every sample ``factor`` times, so a long kernel that slides
over the repeats multiplies many taps with one value. Adding those taps up beforehand leaves a
kernel of few taps that reads the low rate once and writes the ``factor`` phases as channels::

    x        a           b           c            low rate
    upsample a  a  a  a  b  b  b  b  c  c  c  c
    kernel         [k0 k1 k2 k3 k4 ...]           25 taps on repeats
    folded   [a: k0+k1+k2, b: k3+k4+..., ...]     7 taps, one set for each phase

A strided convolution folds the other way: ``factor`` neighbouring samples become channels of one
low-rate step, and the long kernel becomes a short one over those.

The fold is linear and constant: a 0/1 array ``(taps, factor, kernel_size)`` says to which tap and
phase each element of the kernel belongs.
"""

from functools import cache

import numpy as np
import tensorflow as tf


@cache
def upsampling_fold(kernel_size: int, factor: int) -> np.ndarray:
    """Where each kernel element goes when nearest upsampling and ``same`` convolution fold.

    Output sample ``factor * q + p`` reads input sample ``q + floor((p + k - left) / factor)``
    through kernel element ``k``; ``left`` is the ``same`` padding.

    Returns:
        float32 (taps, factor, kernel_size) of 0 and 1; ``taps`` is odd and its middle reads ``q``.

    """
    left = (kernel_size - 1) // 2
    offsets = [[(p + k - left) // factor for k in range(kernel_size)] for p in range(factor)]
    return _one_hot_taps(np.array(offsets))


@cache
def downsampling_fold(kernel_size: int, factor: int) -> np.ndarray:
    """Where each kernel element goes when a convolution of stride ``factor`` folds.

    Output sample ``q`` reads input sample ``factor * q + k - left``, which is phase
    ``(k - left) mod factor`` of low-rate step ``q + floor((k - left) / factor)``; ``left`` is what
    TensorFlow's ``same`` padding puts in front when ``factor`` divides the length.

    Returns:
        float32 (taps, factor, kernel_size) of 0 and 1.

    """
    left = max(kernel_size - factor, 0) // 2
    positions = np.arange(kernel_size) - left
    # A tap that no phase uses is marked by an offset that is dropped below.
    offsets = np.where(
        positions % factor == np.arange(factor)[:, None], positions // factor, _NOWHERE
    )
    return _one_hot_taps(offsets)


_NOWHERE = 10**6


def _one_hot_taps(offsets: np.ndarray) -> np.ndarray:
    reach = int(np.abs(offsets[offsets != _NOWHERE]).max())
    taps = np.arange(-reach, reach + 1)
    return (offsets[None] == taps[:, None, None]).astype(np.float32)


def fold_upsampling_kernel(kernel: tf.Tensor, factor: int) -> tf.Tensor:
    """Fold (kernel_size, c_in, c_out) into (taps, c_in, factor * c_out)."""
    fold = tf.constant(upsampling_fold(kernel.shape[0], factor), kernel.dtype)
    folded = tf.einsum("tpk,kio->tipo", fold, kernel)
    return tf.reshape(folded, (fold.shape[0], kernel.shape[1], factor * kernel.shape[2]))


def fold_downsampling_kernel(kernel: tf.Tensor, factor: int) -> tf.Tensor:
    """Fold (kernel_size, c_in, c_out) into (taps, factor * c_in, c_out)."""
    fold = tf.constant(downsampling_fold(kernel.shape[0], factor), kernel.dtype)
    folded = tf.einsum("tpk,kio->tpio", fold, kernel)
    return tf.reshape(folded, (fold.shape[0], factor * kernel.shape[1], kernel.shape[2]))


def folded_upsampling_conv(x: tf.Tensor, folded: tf.Tensor, factor: int) -> tf.Tensor:
    """Convolve (batch, steps, c_in) with a folded kernel.

    Returns:
        (batch, factor * steps, c_out).

    """
    y = tf.nn.conv1d(x, folded, stride=1, padding="SAME")  # (batch, steps, factor * c_out)
    channels = folded.shape[2] // factor
    # tf.shape keeps the batch dynamic; the steps are known, which the reshape after needs.
    return tf.reshape(y, (tf.shape(x)[0], factor * x.shape[1], channels))


def folded_downsampling_conv(x: tf.Tensor, folded: tf.Tensor, factor: int) -> tf.Tensor:
    """Convolve (batch, steps, c_in) with a folded kernel.

    Returns:
        (batch, steps / factor, c_out).

    """
    channels = x.shape[2] * factor
    x = tf.reshape(x, (tf.shape(x)[0], x.shape[1] // factor, channels))
    return tf.nn.conv1d(x, folded, stride=1, padding="SAME")
