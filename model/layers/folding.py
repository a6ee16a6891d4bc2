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

The fold is linear and constant: an array ``(taps, factor, kernel_size)`` says how much of each
element of the kernel belongs to which tap and phase. For repetition and strides it holds 0 and 1;
for a smoother interpolation its weights, so that any interpolation of finite reach folds as well.
"""

from functools import cache

import numpy as np
import tensorflow as tf

INTERPOLATIONS = ("nearest", "cubic")


@cache
def upsampling_fold(kernel_size: int, factor: int, interpolation: str = "nearest") -> np.ndarray:
    """Where each kernel element goes when upsampling and ``same`` convolution fold.

    Output sample ``factor * q + p`` reads sample ``m = factor * q + p + k - left`` of the upsampled
    signal through kernel element ``k``; ``left`` is the ``same`` padding. That sample is a weighted
    sum of low-rate samples ``q + tap``: of one alone for ``nearest``, of the four around it for
    ``cubic``, which takes a low-rate sample to lie in the middle of its ``factor`` repeats.

    Returns:
        float32 (taps, factor, kernel_size); ``taps`` is odd and its middle reads ``q``. Summed over
        taps it is 1 everywhere: a constant stays a constant, in every phase.

    """
    left = (kernel_size - 1) // 2
    positions = np.arange(factor)[:, None] + np.arange(kernel_size) - left  # m - factor * q
    if interpolation == "nearest":
        return _one_hot_taps(positions // factor)
    centres = (positions + 0.5) / factor - 0.5
    reach = int(np.ceil(np.abs(centres).max() + _CUBIC_REACH)) - 1
    taps = np.arange(-reach, reach + 1)[:, None, None]
    return cubic_weight(centres - taps).astype(np.float32)


_CUBIC_REACH = 2.0


def cubic_weight(distance: np.ndarray) -> np.ndarray:
    """Weight of a sample ``distance`` samples away, in cubic convolution.

    Reference:
        Keys 1981, "Cubic Convolution Interpolation for Digital Image Processing", equation 15
        (a = -1/2, the one whose error falls with the cube of the spacing).

    """
    x = np.abs(distance)
    near = 1.5 * x**3 - 2.5 * x**2 + 1.0
    far = -0.5 * x**3 + 2.5 * x**2 - 4.0 * x + 2.0
    return np.where(x <= 1.0, near, np.where(x < _CUBIC_REACH, far, 0.0))


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


def fold_upsampling_kernel(
    kernel: tf.Tensor, factor: int, interpolation: str = "nearest"
) -> tf.Tensor:
    """Fold (kernel_size, c_in, c_out) into (taps, c_in, factor * c_out)."""
    fold = tf.constant(upsampling_fold(kernel.shape[0], factor, interpolation), kernel.dtype)
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
