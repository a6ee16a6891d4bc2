"""A sound and its file: WAV, what makes it again, what is done to it, what is wrong with it."""
