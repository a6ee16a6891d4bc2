"""Drum sounds from a conditional Wasserstein GAN on raw audio.

An implementation of Drysdale, Tomczak and Hockman, "Adversarial Synthesis of Drum Sounds"
(DAFx 2020). The rooms, in the order in which data flows through them:

- ``tfrecords``: audio files -> sharded records -> ``tf.data``
- ``model``: the generator and the critic
- ``training``: WGAN-GP training, runs, evaluation
- ``serving``: export, server, client
- ``cli``: the ``drumsmith`` command
"""

__version__ = "0.1.0"
