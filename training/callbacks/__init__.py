"""What happens between two steps: scalars and checkpoints on all, the rest on the chief alone."""
