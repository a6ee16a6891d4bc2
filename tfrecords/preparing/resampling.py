"""Changing the sample rate of one sound, in NumPy: the method of ``reading.resampling``.

Transform, keep the bins below the lower of the two Nyquist frequencies, taper the last 8 % of
them, transform back at the other length. The transform is as long as a whole number of periods of
the two rates' ratio, so that any pair of whole rates is exact.
"""

import math

import numpy as np
import scipy.fft

PASSBAND = 0.92  # share of the lower Nyquist frequency that passes untouched
PADDING_TAPS = 64  # periods of the taper's ringing that silence must hold


def resample(audio: np.ndarray, rate_in: int, rate_out: int) -> np.ndarray:
    """Bring a sound (samples,) from one rate to another: (ceil(samples * out / in),)."""
    if rate_in == rate_out:
        return audio
    divisor = math.gcd(rate_in, rate_out)
    step_in, step_out = rate_in // divisor, rate_out // divisor
    padded = len(audio) + len(audio) // 8 + PADDING_TAPS * max(rate_in // rate_out, 1)
    periods = scipy.fft.next_fast_len(-(-padded // step_in), real=True)
    # The band's edge falls on a bin.
    periods += periods % 2
    bins = scipy.fft.rfft(audio, periods * step_in)
    nyquist = periods * min(step_in, step_out) // 2
    slope = np.clip((np.arange(nyquist) / nyquist - PASSBAND) / (1 - PASSBAND), 0.0, 1.0)
    kept = bins[:nyquist] * (0.5 + 0.5 * np.cos(math.pi * slope))
    result = scipy.fft.irfft(kept, periods * step_out) * (step_out / step_in)
    return result[: -(-len(audio) * step_out // step_in)]
