"""How noise begins: measured, and given to noise again."""

import numpy as np
import tensorflow as tf

from drumsmith.model.tones_and_noise import layout
from drumsmith.model.tones_and_noise.analysis import analyse
from drumsmith.model.tones_and_noise.attack import BLOCK, BLOCKS, LIMIT, measure_attack, with_attack
from drumsmith.model.tones_and_noise.noise import noise_levels, shaped_noise
from drumsmith.model.tones_and_noise.synthesis import synthesise
from drumsmith.model.tones_and_noise.texture import Texture

LENGTH = 4096
REACH = BLOCK * BLOCKS
SOUNDS = 64


def white(seed=0):
    noise = np.random.default_rng(seed).standard_normal((SOUNDS, LENGTH))
    return tf.constant(noise.astype(np.float32))


def block_power(audio):
    blocks = np.asarray(audio)[:, :REACH].reshape(SOUNDS, BLOCKS, BLOCK)
    return np.log(np.square(blocks).mean(axis=(0, 2)))


def test_noise_of_one_level_begins_at_once():
    """Half a window was missing before the start: the first 3 ms came in too softly."""
    levels = np.full((SOUNDS, layout.frames(LENGTH), layout.NOISE_BANDS), np.log(1e-2), np.float32)
    made = shaped_noise(tf.constant(levels), white())
    power = block_power(made)
    np.testing.assert_allclose(power - power[8:].mean(), 0.0, atol=0.25)
    found = measure_attack(made, tf.constant(levels)).numpy().mean(axis=0)
    # The mean of the log of 16 squares is a little under the log of their mean.
    np.testing.assert_allclose(found, 0.0, atol=0.3)


def test_a_short_hit_is_found_and_made_again():
    time = np.arange(LENGTH) / layout.RATE
    hit = (0.05 + 0.6 * np.exp(-time / 0.0007)) * white(1)
    levels = noise_levels(hit)
    plain = shaped_noise(levels, white(2))
    again = with_attack(plain, measure_attack(hit, levels))
    real = block_power(hit)
    assert np.abs(block_power(plain) - real).max() > 1.5  # a window of 12 ms smears it
    np.testing.assert_allclose(block_power(again)[:-2], real[:-2], atol=0.6)
    assert abs(np.diff(block_power(again)[:8]).mean() - np.diff(real[:8]).mean()) < 0.1


def test_what_comes_later_is_left_alone():
    attack = tf.fill((SOUNDS, BLOCKS), 2.0)
    noise = white(3)
    made = with_attack(noise, attack).numpy()
    assert np.array_equal(made[:, REACH:], noise[:, REACH:])
    gain = made[:, : REACH - 4 * BLOCK] / noise.numpy()[:, : REACH - 4 * BLOCK]
    np.testing.assert_allclose(gain, np.exp(1.0), rtol=1e-4)
    assert not np.any(with_attack(noise, tf.zeros((SOUNDS, BLOCKS))).numpy() - noise.numpy())


def test_silence_begins_with_nothing_and_no_network_makes_too_much_of_it():
    silence = tf.zeros((1, LENGTH))
    assert not np.any(measure_attack(silence, noise_levels(silence)))
    wild = with_attack(tf.ones((1, LENGTH)), tf.fill((1, BLOCKS), 1e9)).numpy()
    np.testing.assert_allclose(wild.max(), np.exp(LIMIT / 2), rtol=1e-4)


def test_a_cymbal_taken_apart_and_made_again_keeps_its_stick():
    """It rose in 3 to 9 ms where it had risen in 2, and lost 2 dB of peak over what rings."""
    time = np.arange(LENGTH) / layout.RATE
    rings = (0.1 + np.exp(-time / 0.001)) * white(4)
    high = np.fft.rfft(rings.numpy(), axis=1)
    high[:, : LENGTH // 20] = 0.0
    cymbal = np.fft.irfft(high, axis=1)
    cymbal = tf.constant(cymbal / np.abs(cymbal).max(axis=1, keepdims=True), tf.float32)
    z = np.random.default_rng(5).standard_normal((SOUNDS, 8)).astype(np.float32)
    tracks, texture = analyse(cymbal), Texture(8, LENGTH)(tf.constant(z))

    def rings_at(audio):
        return 10 * np.log10(np.square(np.asarray(audio)[:, 1024:2048]).mean())

    # All have a peak of 1: what rings is too loud by as much as the peak is too low.
    plain = rings_at(synthesise(tracks._replace(attack=None), *texture)) - rings_at(cymbal)
    again = rings_at(synthesise(tracks, *texture)) - rings_at(cymbal)
    assert plain > 5.0
    assert again < 3.5
