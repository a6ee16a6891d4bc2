"""A collection of audio files: its sounds, their labels, their split."""
