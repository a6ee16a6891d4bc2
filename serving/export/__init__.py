"""From a trained run to a SavedModel that is checked before anyone sees it."""
