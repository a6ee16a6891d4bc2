"""The sounds under evaluation and their features."""
