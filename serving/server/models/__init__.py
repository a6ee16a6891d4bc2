"""Which models and versions are loaded, and how that follows their folders."""
