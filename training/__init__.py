"""Training: kinds of steps, runs and checkpoints, what happens between steps."""
