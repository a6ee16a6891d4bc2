"""One step of training against the same step written out by hand."""

import numpy as np
import pytest
import tensorflow as tf

from drumsmith.model.critic import draw_shifts
from drumsmith.model.growth import by_name
from drumsmith.training.run.state import load_state, state_of
from drumsmith.training.updates import noise as draws
from drumsmith.training.updates.losses import gradient_norm
from drumsmith.training.updates.noise import StepNoise
from drumsmith.training.updates.registry import build_trainable

from ...helpers.processor import needs_bfloat16

BATCH, UPDATES = 4, 2


@pytest.fixture
def tiny(tiny):
    """The configuration of all tests, with several critic updates in a step."""
    return tiny.with_settings([f"critic_updates={UPDATES}"])


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    audio = rng.uniform(-1, 1, (BATCH, UPDATES, 1024)).astype(np.float32)
    return tf.constant(audio), tf.constant(rng.integers(0, 3, (BATCH, UPDATES)), tf.int32)


def build(config):
    return build_trainable(config, 3, config.schedule.phases[-1])


def critic_loss_by_hand(gan, real, fake, label, mix, score_shifts, penalty_shifts):
    """mean(fake) - mean(real) + 10 mean((|grad| - 1)^2), straight from the paper."""
    mean = tf.reduce_mean
    mixed = mix[:, None] * real + (1 - mix[:, None]) * fake
    with tf.GradientTape() as tape:
        tape.watch(mixed)
        score = tf.reduce_sum(gan.critic(mixed, label, penalty_shifts))
    norm = tf.norm(tape.gradient(score, mixed), axis=1)
    return (
        mean(gan.critic(fake, label, score_shifts))
        - mean(gan.critic(real, label, score_shifts))
        + 10.0 * mean((norm - 1.0) ** 2)
    )


def test_xla_computes_the_same_scores_and_penalty_from_the_same_noise(tiny):
    # Not whole steps: XLA draws other numbers from the same seed, see training/updates/noise.py.
    gan = build(tiny.with_settings(["xla=true"]))
    audio = np.random.default_rng(0).uniform(-1, 1, (4, 1024)).astype(np.float32)
    label, shifts = tf.constant([0, 1, 2, 0]), tf.constant([2, -1])

    def numbers():
        fake = gan.generator(tf.ones((4, 6)), label)[..., 0]
        norm = gradient_norm(lambda sound: gan.critic(sound, label, shifts), (audio + fake) / 2)
        return gan.critic(audio, label, shifts), gan.critic(fake, label, shifts), norm

    for plain, compiled in zip(
        tf.function(numbers)(), tf.function(numbers, jit_compile=True)(), strict=True
    ):
        np.testing.assert_allclose(compiled, plain, rtol=1e-5, atol=1e-6)


def test_critic_and_generator_losses_are_the_papers(tiny, data):
    gan = build(tiny.with_settings(["critic_updates=1", "learning_rate=1e-30"]))
    audio, label = data[0][:, :1], data[1][:, :1]
    random = StepNoise(tiny.seed, tf.constant(0, tf.int64), BATCH)
    z = random.normal(draws.LATENT_FOR_CRITIC, 1, 6)[:, 0]
    fake = gan.generator(z, label[:, 0])[..., 0]
    shifts = [
        draw_shifts(random.seed(purpose), gan.critic.shuffles)
        for purpose in (draws.SHIFTS_SCORE, draws.SHIFTS_PENALTY, draws.SHIFTS_GENERATOR)
    ]
    mix = random.uniform(draws.MIX, 1)[:, 0]
    expected = critic_loss_by_hand(gan, audio[:, 0], fake, label[:, 0], mix, *shifts[:2])
    z = random.normal(draws.LATENT_FOR_GENERATOR, 6)
    generated = gan.generator(z, label[:, 0])[..., 0]
    expected_generator = -tf.reduce_mean(gan.critic(generated, label[:, 0], shifts[2]))
    gan.train_step((audio, label))
    scalars = gan.read_scalars()
    assert scalars["critic_loss"] == pytest.approx(float(expected), rel=1e-4)
    assert scalars["generator_loss"] == pytest.approx(float(expected_generator), rel=1e-4, abs=1e-7)


def test_a_step_is_so_many_critic_updates_and_one_generator_update(tiny, data):
    gan = build(tiny)
    gan.train_step(data)
    assert int(gan.critic_optimizer.iterations.value) == UPDATES
    assert int(gan.generator_optimizer.iterations.value) == 1


def test_every_variable_of_both_networks_learns(tiny, data):
    gan = build(tiny)
    before = state_of(gan)
    for _ in range(2):  # the first critic's score has no slope yet for some
        gan.train_step(data)
    after = state_of(gan)
    stuck = [
        name
        for name in before
        if name.startswith(("generator/", "critic/")) and np.array_equal(before[name], after[name])
    ]
    # A constant added to every score cancels in mean(fake) - mean(real).
    assert stuck == ["critic/score/bias"]


def test_the_average_warms_up_from_a_tenth(tiny, data):
    gan = build(tiny)
    start = {name: v.numpy() for name, v in by_name(gan.averaged.variables).items()}
    gan.train_step(data)
    for name, variable in by_name(gan.generator.variables).items():
        expected = 0.1 * start[name] + 0.9 * variable.numpy()
        np.testing.assert_allclose(
            by_name(gan.averaged.variables)[name].numpy(), expected, rtol=1e-5, atol=1e-8
        )


def test_a_state_put_back_gives_the_same_next_step(tiny, data):
    first, second = build(tiny), build(tiny)
    first.train_step(data)
    load_state(second, state_of(first))
    first.train_step(data)
    second.train_step(data)
    for name, array in state_of(first).items():
        np.testing.assert_array_equal(state_of(second)[name], array, err_msg=name)


def test_growing_keeps_weights_and_moments_and_starts_new_ones(tiny, data):
    config = tiny.with_settings(["progressive=1", "stage_steps=2,4", "fade_steps=0,2"])
    small, grown = (build_trainable(config, 3, phase) for phase in config.schedule.phases[:2])
    small.train_step((data[0][..., :256], data[1]))
    state = state_of(small)
    load_state(grown, state, grown=True)
    after = state_of(grown)
    for name in ("generator/up_64/kernel", "critic_optimizer/velocity/down_64/kernel"):
        np.testing.assert_array_equal(after[name], state[name])
    assert np.all(after["generator_optimizer/momentum/up_256/kernel"] == 0)
    assert after["generator_optimizer/born/up_256/kernel"] == 1
    assert after["generator_optimizer/born/up_64/kernel"] == 0
    assert after["critic_optimizer/born/from_audio_1024/kernel"] == UPDATES


@pytest.mark.parametrize(
    "setting",
    [
        pytest.param("precision=bfloat16", marks=needs_bfloat16),
        "phase_shift=0",
        "latent_prior=uniform",
    ],
)
def test_variants_train_a_step_with_finite_losses(tiny, data, setting):
    gan = build(tiny.with_settings([setting]))
    gan.train_step(data)
    assert all(np.isfinite(value) for value in gan.read_scalars().values())
