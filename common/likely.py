"""The word that someone meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def likely(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that ``word`` most likely stands for; None if none is near."""
    names = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), names, n=1)
    return names[found[0]] if found else None


def no_such(kind: str, word: str, known: Iterable[str], owner: str = "known are") -> str:
    """Return a message: the likely word alone, or all of them where none is near.

    Example:
        >>> no_such("label", "kik", ["kick", "snare"])
        "no label 'kik': did you mean kick?"

    """
    known = list(known)
    near = likely(word, known)
    if near is not None:
        return f"no {kind} {word!r}: did you mean {near}?"
    return f"no {kind} {word!r}; {owner} {', '.join(known)}"
