"""Lengths of time in words."""


def duration(seconds: float) -> str:
    """Say it with two digits, in the unit that suits: ``42 s``, ``12 minutes``, ``5.3 hours``."""
    if seconds < 90:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} minutes"
    if seconds < 172_800:
        return f"{seconds / 3600:.1f} hours"
    return f"{seconds / 86400:.1f} days"
