"""Training: WGAN-GP, runs and checkpoints, evaluation."""
