"""Beats: patterns and MIDI files, played on a kit."""
