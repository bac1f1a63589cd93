"""Naming rules, and names for things that the user did not name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from desktop_aml.domain.errors import InvalidName

_EXPERIMENT: Final = re.compile(r"[a-zA-Z0-9][\w\-]{0,254}", re.ASCII)
_THING: Final = re.compile(r"[a-zA-Z0-9][\w.\-]{0,254}", re.ASCII)
_BLANKS: Final = re.compile(r"[a-zA-Z0-9]([\w.\- ]{0,253}[\w.\-])?", re.ASCII)
_ENDPOINT: Final = re.compile(r"[a-z0-9]([a-z0-9\-]{0,30}[a-z0-9])?")

_ADJECTIVES: Final = (
    "amber",
    "bold",
    "brave",
    "bright",
    "calm",
    "clever",
    "coral",
    "crisp",
    "deep",
    "eager",
    "fair",
    "fleet",
    "gentle",
    "golden",
    "grand",
    "green",
    "happy",
    "keen",
    "kind",
    "lively",
    "lucky",
    "mellow",
    "neat",
    "noble",
    "plain",
    "proud",
    "quick",
    "quiet",
    "rapid",
    "ready",
    "royal",
    "sharp",
    "silver",
    "smooth",
    "snowy",
    "solid",
    "steady",
    "still",
    "sunny",
    "swift",
    "tidy",
    "warm",
    "wise",
    "witty",
    "young",
)
_NOUNS: Final = (
    "acorn",
    "badger",
    "beacon",
    "birch",
    "bison",
    "brook",
    "cedar",
    "cliff",
    "comet",
    "crane",
    "delta",
    "falcon",
    "fern",
    "finch",
    "fjord",
    "forest",
    "garden",
    "glade",
    "harbor",
    "heron",
    "island",
    "jay",
    "lagoon",
    "lake",
    "lark",
    "maple",
    "meadow",
    "moon",
    "oak",
    "orchid",
    "otter",
    "owl",
    "pebble",
    "pine",
    "plum",
    "prairie",
    "reef",
    "river",
    "robin",
    "sparrow",
    "spruce",
    "star",
    "stream",
    "tulip",
    "valley",
    "willow",
    "wren",
)


_VERSIONS_SHOWN: Final = 8
_LONGEST_TITLE: Final = 256
_LONGEST_NAME: Final = 255
_LONGEST_EXPERIMENT: Final = 500


_UNSTORABLE: Final = re.compile(r"(\\*)([\ud800-\udfff])|(\\+)(?=x[0-9a-f]{2}|u[0-9a-f]{4})")
_STORED: Final = re.compile(r"(\\+)(x[0-9a-f]{2}|u[0-9a-f]{4})")
_BYTES: Final = range(0xDC80, 0xDD00)
"""The half characters that Python reads single bytes of file names as."""


def storable(text: str) -> str:
    r"""Return `text` as text that UTF-8 can hold; different texts stay different, and `as_it_was` gives it back.

    Half characters, which stand for the bytes of file names in no known encoding, become ``\xHH`` (or ``\uHHHH``);
    backslashes are doubled where they would read as such an escape. Any other text stays as it is.
    """
    if text.isascii() and "\\" not in text:
        return text
    return _UNSTORABLE.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    slashes, half, before_escape = found.groups()
    if half is None:
        return str(before_escape) * 2
    code = ord(half)
    return str(slashes) * 2 + (f"\\x{code - 0xDC00:02x}" if code in _BYTES else f"\\u{code:04x}")


def as_it_was(text: str) -> str:
    """Return what `storable` made `text` of."""
    return _STORED.sub(_unescaped, text) if "\\" in text else text


def _unescaped(found: re.Match[str]) -> str:
    slashes, escape = found.groups()
    kept: str = slashes[: len(slashes) // 2]
    if len(slashes) % 2 == 0:
        return kept + str(escape)
    code = int(escape[1:], 16)
    return kept + chr(code + 0xDC00 if escape[0] == "x" else code)


def title(text: str) -> str:
    """Return what people call a run or a workspace, on one line and at most 256 letters long."""
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split())[:_LONGEST_TITLE].rstrip()


def check_experiment_name(name: str) -> str:
    """Return `name`, or raise `InvalidName`. The rule is Azure ML v1's."""
    return _check(name, _EXPERIMENT, "experiment", "Start with a letter or digit; then letters, digits, - and _.")


def check_any_experiment_name(name: str) -> str:
    """Return `name`, or raise `InvalidName`. The rule is MLflow's, which allows more than Azure ML v1's."""
    if 0 < len(name) <= _LONGEST_EXPERIMENT and name.isprintable() and name.strip() == name:
        return name
    raise InvalidName(
        f"“{title(name)[:60]}” cannot be the name of an experiment.",
        f"Use 1 to {_LONGEST_EXPERIMENT} letters, digits and signs on one line, with no blank at either end.",
    )


def experiment_name_of(folder: str) -> str:
    """Return a name for the experiment of scripts in `folder` (its last part) that `check_experiment_name` takes."""
    return re.sub(r"[^A-Za-z0-9_\-]+", "-", folder).strip("-_")[:255] or "default"


def check_thing_name(name: str, noun: str) -> str:
    """Return the name of something that has no blanks inside, or raise `InvalidName` naming `noun`."""
    return _check(name, _THING, noun, "Start with a letter or digit; then letters, digits, dots, - and _.")


def check_environment_name(name: str) -> str:
    """Return the name of an environment, or raise `InvalidName`; Azure ML allows blanks inside."""
    return check_name_with_blanks(name, "environment")


def check_dataset_name(name: str) -> str:
    """Return the name of a dataset, or raise `InvalidName`; Azure ML allows blanks inside."""
    return check_name_with_blanks(name, "dataset")


def check_model_name(name: str) -> str:
    """Return the name of a model, or raise `InvalidName`; MLflow allows blanks inside."""
    return check_name_with_blanks(name, "model")


def check_name_with_blanks(name: str, noun: str) -> str:
    """Return the name of something that may have blanks inside, or raise `InvalidName` naming `noun`."""
    return _check(name, _BLANKS, noun, "Start with a letter or digit; then letters, digits, blanks, dots, - and _.")


def check_endpoint_name(name: str) -> str:
    """Return the name of an endpoint, or raise `InvalidName`."""
    return _check(name, _ENDPOINT, "endpoint", "Use 1 to 32 lower-case letters, digits and -, not at the ends.")


def _check(name: str, rule: re.Pattern[str], noun: str, hint: str) -> str:
    if not rule.fullmatch(name):
        if len(name) > _LONGEST_NAME:
            hint += f" At most {_LONGEST_NAME} of them; these are {len(name):,}."
        raise InvalidName(
            f"“{name[:60]}” cannot be the name of an {noun}."
            if noun[0] in "aeiou"
            else f"“{name[:60]}” cannot be the name of a {noun}.",
            hint,
        )
    return name


def pleasant_name(seed: int, number: int) -> str:
    """Return a name that is easy to say, such as ``swift-otter-12``; the same `seed` gives the same words."""
    adjective = _ADJECTIVES[seed % len(_ADJECTIVES)]
    noun = _NOUNS[seed // len(_ADJECTIVES) % len(_NOUNS)]
    return f"{adjective}-{noun}-{number}"


# https://github.com/distribution/reference: [host[:port]/]path[:tag][@digest]
_IMAGE_PART: Final = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_IMAGE_HOST: Final = (
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*(?::\d{1,5})?"
)
_IMAGE: Final = re.compile(
    rf"(?:{_IMAGE_HOST}/)?{_IMAGE_PART}(?:/{_IMAGE_PART})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?(?:@sha256:[0-9a-f]{{64}})?"
)
_LONGEST_IMAGE: Final = 512


def is_image_reference(text: str) -> bool:
    """Return whether `text` can be the name of an image of Docker."""
    return len(text) <= _LONGEST_IMAGE and _IMAGE.fullmatch(text) is not None


def base_image_fault(text: str) -> str:
    """Return what is wrong with the name of a base image, in which ``{version}`` stands for a Python version."""
    if is_image_reference(text.replace("{version}", "3.11")):
        return ""
    return f"“{text[:80]}” is not the name of an image."


def is_variable_name(name: str) -> bool:
    """Whether POSIX shells can hold a variable of this name: others they drop without a word."""
    return re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) is not None


def versions_in_words(versions: Sequence[int]) -> str:
    """Return which versions of a thing there are, the newest first; empty where there is none.

    Examples
    --------
    >>> versions_in_words([3, 1]), versions_in_words([1])
    ('Its versions are 3, 1.', 'Its only version is 1.')
    """
    if len(versions) == 1:
        return f"Its only version is {versions[0]}."
    more = ", …" if len(versions) > _VERSIONS_SHOWN else ""
    return f"Its versions are {', '.join(map(str, versions[:_VERSIONS_SHOWN]))}{more}." if versions else ""
