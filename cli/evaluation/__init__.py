"""How good a model is, in figures, pictures and sounds."""
