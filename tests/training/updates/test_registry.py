"""A training step of one's own: found by name, driven, saved and resumed like the others."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from drumsmith.training.building import build_generator, build_optimizer
from drumsmith.training.run.checkpoints import list_checkpoints, newest_whole, read_state, step_of
from drumsmith.training.run.run_folder import RunFolder
from drumsmith.training.run.run_log import read_lines
from drumsmith.training.trainer import train
from drumsmith.training.updates.noise import LATENT_FOR_GENERATOR
from drumsmith.training.updates.registry import UPDATES
from drumsmith.training.updates.trainable import TrainableModel

from ...helpers.runs import untrained


class LevelMatch(TrainableModel):
    """Teaches the generator, and a network beside it, how loud real sounds are."""

    SCALARS = ("level_error",)
    HEADLINE = {"error": "level_error"}  # noqa: RUF012 - a constant

    @classmethod
    def create(cls, config, classes, phase):
        generators = (build_generator(config, classes, phase) for _ in range(2))
        model = cls(*generators, phase=phase, batch_size=config.batch_size, seed=config.seed)
        model.level = keras.Sequential([keras.Input((classes,)), keras.layers.Dense(1, name="d")])
        model.generator_optimizer = build_optimizer(config, config.learning_rate, config.steps)
        model.generator_optimizer.build(model.learning)
        model.compile(optimizer=model.generator_optimizer)
        return model

    @property
    def learning(self):
        return [*self.generator.trainable_variables, *self.level.trainable_variables]

    def train_step(self, data):
        audio, label = data[0][:, 0], data[1][:, 0]
        _, noise = self.step_noise(audio.shape[0])
        with tf.GradientTape() as tape:
            fake = self.generator(self.latent(noise, LATENT_FOR_GENERATOR), label)
            level = self.level(tf.one_hot(label, self.generator.classes))[:, 0]
            made = tf.reduce_mean(tf.square(fake), axis=(1, 2)) + level
            error = tf.square(made - tf.reduce_mean(tf.square(audio), axis=1))
            loss = tf.reduce_sum(error) / self.batch_size
        gradients = tape.gradient(loss, self.learning)
        self.generator_optimizer.apply(gradients, self.learning)
        self.scalars["level_error"].update_state(error)
        return self.end_step()


@pytest.fixture
def config(tiny, monkeypatch):
    monkeypatch.setitem(UPDATES, "level-match", LevelMatch)
    return tiny.with_settings(["update=level-match", "steps=4", "learning_rate=1e-2"])


def test_a_step_of_ones_own_is_found_trained_logged_and_resumed_exactly(config, records, tmp_path):
    run = RunFolder(tmp_path / "run")
    train(config, records, run)
    errors = [line["level_error"] for line in read_lines(run.scalars_file)]
    assert errors[-1] < errors[0]
    whole = read_state(list_checkpoints(run.checkpoints)[-1])
    assert {"level/d/kernel", "generator_optimizer/momentum/level/d/kernel"} <= set(whole)
    for path in list_checkpoints(run.checkpoints):
        if step_of(path) > 2:
            path.unlink()
    train(config, records, run)
    _, again, _ = newest_whole(run.checkpoints)
    for name, array in whole.items():
        np.testing.assert_array_equal(again[name], array, err_msg=name)


def test_the_papers_critic_may_follow_another_kind_of_step(config, tiny, records, tmp_path):
    first, second = untrained(config, records, tmp_path / "first"), RunFolder(tmp_path / "second")
    still = tiny.with_settings(["steps=1", "learning_rate=1e-30"])
    train(still, records, second, start_from=first.path)
    old, new = newest_whole(first.checkpoints)[1], newest_whole(second.checkpoints)[1]
    np.testing.assert_allclose(new["generator/seed/kernel"], old["generator/seed/kernel"])
    assert "critic/score/kernel" in new
    assert "level/d/kernel" in old
    assert "level/d/kernel" not in new
