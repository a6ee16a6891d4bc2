"""What happens between two steps: checkpoints, scalars, previews, evaluation. Chief only."""
