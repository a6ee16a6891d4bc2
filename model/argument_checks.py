"""Arguments that are refused by name when a layer is constructed, not when it runs."""


def require_positive(name: str, value: int) -> int:
    """Return ``value``; raise a ValueError that names it unless it is a whole number above 0."""
    if not isinstance(value, int) or value < 1:
        raise ValueError(f"{name} must be a whole number above 0, not {value!r}")
    return value


def require_one_of(name: str, value: str, choices: tuple[str, ...]) -> str:
    """Return ``value``; raise a ValueError that names it unless it is one of ``choices``."""
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, not {value!r}")
    return value
