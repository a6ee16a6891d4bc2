"""What every call passes through: token, limits, threads, log, metrics."""
