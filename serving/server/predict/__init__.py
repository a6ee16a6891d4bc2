"""Predict, from request to answer: tensors, checks, gathering of calls that wait together."""
