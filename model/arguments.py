"""Arguments that are refused by name when a network is constructed, not when it runs."""


def require_positive(name: str, value: int) -> int:
    """Return ``value``; raise a ValueError that names it unless it is a whole number above 0."""
    if not isinstance(value, int) or value < 1:
        raise ValueError(f"{name} must be a whole number above 0, not {value!r}")
    return value
