"""What could be meant where one types in a specification: names of packages, keys, channels. No Qt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

KEYS: Final = ("channels:", "dependencies:", "name:", "variables:")
CHANNELS: Final = ("bioconda", "conda-forge", "defaults", "huggingface", "nvidia", "pytorch")
INSTRUCTIONS: Final = ("ARG", "COPY", "ENV", "FROM", "LABEL", "RUN", "SHELL", "USER", "WORKDIR")
_PIP: Final = "pip:"

_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z|\Z")
_ITEM: Final = re.compile(r"\s*-\s+")
_KEY: Final = re.compile(r"(?P<indent>\s*)(?:-\s+)?(?P<key>[A-Za-z_]+)\s*:")
_AT_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Offer:
    """What may stand in place of the word that ends at the cursor.

    Parameters
    ----------
    word : str
        What is typed of it.
    choices : tuple of str
        Those that begin with it, then those that hold it; without the word itself.
    is_whole : bool
        Whether the word is one of them already.
    """

    word: str
    choices: tuple[str, ...]
    is_whole: bool = False

    def begun(self) -> tuple[str, ...]:
        """Return the choices that begin with the word."""
        return tuple(one for one in self.choices if one.lower().startswith(self.word.lower()))


def offer(before: str, file_name: str, packages: Sequence[str]) -> Offer:
    """Return what could be meant at the end of a text.

    Parameters
    ----------
    before : str
        The text up to the cursor.
    file_name : str
        Tells the kind: ``environment.yml``, ``requirements.txt``, ``Dockerfile``.
    packages : sequence of str
        Names that are known.
    """
    lines = before.split("\n")
    line = lines[-1]
    found = _WORD.search(line)
    word = found.group() if found else ""
    head = line[: len(line) - len(word)]
    choices = _all_choices(lines, head, file_name, packages)
    return Offer(word, _matching(word, choices), any(one.lower() == word.lower() for one in choices))


def _all_choices(lines: list[str], head: str, file_name: str, packages: Sequence[str]) -> Sequence[str]:
    if file_name == "Dockerfile":
        return packages if "pip install" in head else () if head.strip() else INSTRUCTIONS
    if file_name.endswith(".txt"):
        return () if head.strip() else packages
    if not head:
        # A YAML that nobody has begun may become a list of requirements.
        is_yaml = any(_KEY.match(line) for line in lines[:-1])
        return KEYS if is_yaml or not any(line.strip() for line in lines[:-1]) else packages
    if not _ITEM.fullmatch(head):
        return ()
    # Only the key that the list hangs on counts: the nearest line above that is indented less, or as much and no item.
    indent = len(head) - len(head.lstrip())
    for above in reversed(lines[:-1]):
        key, is_item = _KEY.match(above), bool(_ITEM.match(above))
        depth = len(above) - len(above.lstrip())
        if key is not None and (depth < indent or (depth == indent and not is_item)):
            return {"channels": CHANNELS, "dependencies": (_PIP, *packages), "pip": packages}.get(key["key"], ())
    return ()


def _matching(word: str, choices: Sequence[str]) -> tuple[str, ...]:
    low = word.lower()
    found = [one for one in choices if low in one.lower() and one.lower() != low]
    return tuple(sorted(found, key=lambda one: (not one.lower().startswith(low), one.lower()))[:_AT_MOST])
