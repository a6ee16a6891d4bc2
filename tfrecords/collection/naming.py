"""Labels from names: rules over a sound's file name and its folders.

A rule is a label and what it looks for: words ("bd", "open hat") or shell patterns ("BD*"). The
file's name is asked first, then its folders from the inside out; the first that says one label
decides. A name that says two, "kick and snare.wav", says none.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path

from ...common.errors import UserError
from .drum_names import DRUM_NAMES, GENERAL

# Words, also in camel case; numbers part words and are none.
_RUNS = re.compile(r"[^\W\d_]+")
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][^A-Z])|[A-Z]?[^A-Z]+|[A-Z]+")
_ONLY = "only"


class RulesError(UserError):
    """Rules for labels that cannot be understood."""


@dataclass(frozen=True)
class Match:
    """A label that a name says, and the rule's word or pattern that found it."""

    label: str
    by: str


@dataclass(frozen=True)
class NameRules:
    """Rules for labels; those that come first win over those that come later.

    Attributes:
        groups: rules of equal rank together: label -> words and patterns.

    Example:
        >>> NameRules((DRUM_NAMES,)).label_of("Vintage Pack/BD 01.wav")
        Match(label='kick', by='bd')
    """

    groups: tuple[Mapping[str, Sequence[str]], ...]

    def label_of(self, path: str) -> Match | str:
        """Say the label of a sound, or why it has none.

        Args:
            path: relative to the collection, with forward slashes.
        """
        folders, _, file = path.rpartition("/")
        names = [file.rsplit(".", 1)[0] if "." in file[1:] else file]
        names += reversed([part for part in folders.split("/") if part])
        for group in self._compiled:
            for place, name in enumerate(names):
                found = group.match(name, file if not place else name)
                labels = {match.label for match in found}
                if len(labels) == 1:
                    return found[0]
                if labels:
                    return f"is unlabelled: {name!r} says {' and '.join(sorted(labels))}"
        return "is unlabelled: no rule knows its name"

    def to_dict(self) -> list[dict[str, list[str]]]:
        """Give the rules for dataset.json."""
        return [{label: list(items) for label, items in group.items()} for group in self.groups]

    @cached_property
    def _compiled(self) -> "list[_Group]":
        return [_Group(group) for group in self.groups]


class _Group:
    def __init__(self, rules: Mapping[str, Sequence[str]]):
        self._phrases: dict[tuple[str, ...], tuple[str, str]] = {}
        self._patterns: list[tuple[str, str]] = []
        for label, items in rules.items():
            for item in items:
                if any(sign in item for sign in "*?["):
                    self._patterns.append((item, label))
                else:
                    self._phrases[tuple(words(item))] = (label, item)
        self._longest = max(map(len, self._phrases), default=0)

    def match(self, name: str, full: str) -> list[Match]:
        """Return what a name says; the longest phrases only, the closest labels only."""
        found = [
            Match(label, pattern)
            for pattern, label in self._patterns
            if any(fnmatchcase(text.casefold(), pattern.casefold()) for text in (name, full))
        ]
        found += [match for match in self._by_phrases(words(name))]
        close = [match for match in found if match.label not in GENERAL]
        return close or found

    def _by_phrases(self, said: list[str]) -> Iterator[Match]:
        place = 0
        while place < len(said):
            for length in range(min(self._longest, len(said) - place), 0, -1):
                known = self._phrases.get(tuple(said[place : place + length]))
                if known:
                    yield Match(*known)
                    place += length - 1
                    break
            place += 1


def words(name: str) -> list[str]:
    """Return a name's words, lower case, without a plural's s: "HHClosed_01" -> hh, closed."""
    runs = _RUNS.findall(unicodedata.normalize("NFC", name))
    found = (word for run in runs for word in _WORDS.findall(run))
    lower = (word.casefold() for word in found)
    return [
        word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] != "s" else word
        for word in lower
    ]


def read_rules(options: Sequence[str]) -> NameRules:
    """Read the values of ``--labels``.

    Args:
        options: each "names" for the built-in rules, a file of rules, which extends them, or
            LABEL=PATTERN,PATTERN, which alone replaces them.

    Raises:
        RulesError: one of them is none of these.
    """
    quick: dict[str, list[str]] = {}
    files: list[dict[str, list[str]]] = []
    built_in = False
    for option in options:
        label, equals, items = option.partition("=")
        if option == "names":
            built_in = True
        elif equals and not Path(option).is_file():
            quick.setdefault(label.strip(), []).extend(_items(label, items, option))
        else:
            rules, only = _read_file(Path(option))
            files.append(rules)
            built_in = built_in or not only
    groups: list[Mapping[str, Sequence[str]]] = [*files]
    if quick:
        groups.insert(0, quick)
    if built_in:
        groups.append(DRUM_NAMES)
    return NameRules(tuple(groups))


def _read_file(file: Path) -> tuple[dict[str, list[str]], bool]:
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RulesError(
            f"--labels {file}: neither 'names', nor LABEL=PATTERNS, nor a file of rules "
            f"({getattr(error, 'strerror', None) or 'not UTF-8'})"
        ) from None
    rules: dict[str, list[str]] = {}
    only = False
    for number, line in enumerate(lines, 1):
        text = line.partition("#")[0].strip()
        label, equals, given = text.partition("=")
        if text == _ONLY:
            only = True
        elif text and not equals:
            raise RulesError(f"{file}, line {number}: {text!r} is not of the form LABEL = WORDS")
        elif text:
            items = _items(label, given, f"{file}, line {number}")
            rules.setdefault(label.strip(), []).extend(items)
    return rules, only


def _items(label: str, text: str, where: str) -> list[str]:
    items = [item.strip() for item in text.split(",") if item.strip()]
    wrong = [item for item in items if not words(item) and not any(s in item for s in "*?[")]
    if not label.strip() or not items or wrong:
        raise RulesError(f"{where}: a rule is a label and words or patterns: kick='BD*,Kick'")
    return items


def look_like_packs(paths: Iterable[str]) -> str:
    """Whether the top folders of a collection are packs rather than classes.

    Args:
        paths: of the sounds, relative to the collection.

    Returns:
        "" if they may well be classes, else an example: the name of a folder and what is in it.
    """
    rules = NameRules((DRUM_NAMES,))
    drums: dict[str, set[str]] = {}
    for path in paths:
        top, _, rest = path.partition("/")
        found = rules.label_of(rest)
        drums.setdefault(top, set()).add(found.label if isinstance(found, Match) else "")
    mixed = {
        top: sorted(said - {""})
        for top, said in drums.items()
        if len(said - {""}) >= 2 and not isinstance(rules.label_of(top), Match)
    }
    if len(mixed) * 2 <= len(drums):
        return ""
    top = min(mixed)
    return f"{top!r} holds {', '.join(mixed[top][:3])} by their names"
