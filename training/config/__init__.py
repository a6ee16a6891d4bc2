"""Configuration of a run: options, presets, schedule, estimates."""
