"""Audio files to samples, in a process that may die."""
