"""Reports and figures of an evaluation."""
