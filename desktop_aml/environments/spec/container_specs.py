"""Specifications for Docker alone: the text of a Dockerfile, or the name of an image.

Nothing here asks a Docker engine; what the text says is checked before anything is started, because it may come from
a stranger.
"""

from __future__ import annotations

import contextlib
import difflib
import fnmatch
import json
import posixpath
import re
import shlex
from collections.abc import Iterator
from typing import Final

from desktop_aml.domain.names import is_image_reference
from desktop_aml.environments.spec import kept_files
from desktop_aml.environments.spec.parse_result import Findings

_INSTRUCTIONS: Final = (
    *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER"),
    *("ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
)
_ELSEWHERE: Final = re.compile(r"https?://|git@|git://|[a-z][a-z0-9+.-]*://", re.IGNORECASE)
"""What ADD fetches by itself."""

_FROM: Final = re.compile(r"(?:--platform=\S+\s+)?(?P<image>\S+)(?:\s+AS\s+(?P<stage>[A-Za-z][\w.-]*))?", re.IGNORECASE)


def is_image_name(text: str) -> bool:
    """Return whether `text` can only be the name of an image: it has a tag, a digest or a registry's host."""
    name = text.strip()
    host = name.partition("/")[0]
    has_host = "/" in name and ("." in host or ":" in host or host == "localhost")
    return is_name(name) and (":" in name or has_host)


def is_name(text: str) -> bool:
    """Return whether `text` can be the name of an image."""
    return is_image_reference(text)


def is_dockerfile(text: str) -> bool:
    """Return whether the first instruction of `text` is one that a Dockerfile begins with."""
    first = next(iter(_instructions(text)), (0, ""))[1]
    return re.match(r"(FROM|ARG)\s+\S", first, re.IGNORECASE) is not None


def read_image(text: str, found: Findings) -> None:
    """Read the name of an image into `found`."""
    name = text.strip()
    if not is_name(name):
        found.error(
            f"{name[:80]!r} is not the name of an image.",
            "Write it as Docker does: python:3.11-slim, or registry.example.org/team/image:tag.",
            at=(1, 1),
        )


def read_dockerfile(text: str, found: Findings) -> None:
    """Read a Dockerfile into `found`. It can copy what is kept with it, and nothing else of this computer."""
    body, kept = kept_files.read(text)
    stages: set[str] = set()
    has_base = False
    for line, source in copied(body):
        if not any(names(source, file.name) for file in kept):
            found.error(
                f"“{source[:80]}”, which is copied, is not kept with this Dockerfile.",
                "Name a file beside the Dockerfile that .dockerignore does not leave out, without variables, and"
                " register the Dockerfile from there: desktop-aml environment register Dockerfile",
                at=(line, 1),
            )
    for line, content in _instructions(body):
        word, _, rest = content.partition(" ")
        instruction, rest = word.upper(), rest.strip()
        if instruction not in _INSTRUCTIONS:
            meant = difflib.get_close_matches(instruction[:20], _INSTRUCTIONS, n=1, cutoff=0.6)
            found.error(
                f"{word[:40]!r} is not an instruction of a Dockerfile.",
                f"Did you mean {meant[0]}?" if meant else "Instructions are FROM, RUN, ENV, COPY and so on.",
                at=(line, 1),
            )
        elif not rest:
            found.error(f"{instruction} says nothing.", "Write what it is about, or remove the line.", at=(line, 1))
        elif instruction == "FROM":
            _read_from(rest, line, stages, found)
            has_base = True
        elif not has_base and instruction != "ARG":
            found.error(f"{instruction} stands before FROM.", "Begin with FROM and an image.", at=(line, 1))
        elif re.search(r"<<-?[\"']?[A-Za-z_]", rest) and instruction in {"RUN", "COPY", "ADD"}:
            found.error(
                "Text that follows an instruction (<<) is not understood by every Docker engine.",
                "Join the commands with && and end the lines with a backslash.",
                at=(line, 1),
            )
    if not has_base and not any(problem.severity == "error" for problem in found.problems):
        found.error("There is no FROM.", "Begin with FROM and an image, such as FROM python:3.11-slim.", at=(1, 1))


def copied(text: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of what a Dockerfile copies from its folder: files, folders or patterns."""
    for line, content in _instructions(text):
        word, _, rest = content.partition(" ")
        if word.upper() not in {"COPY", "ADD"} or "<<" in rest:
            continue
        flags = re.match(r"(?:--\S+\s+)*", rest.strip())
        options, words = rest.strip()[: flags.end() if flags else 0], rest.strip()[flags.end() if flags else 0 :]
        if "--from=" in options:
            continue
        for source in _words(words)[:-1]:
            if not _ELSEWHERE.match(source):
                yield line, posixpath.normpath(source.lstrip("/") or ".")


def names(source: str, name: str) -> bool:
    """Whether what is copied as `source` holds the file `name`: by its path, its folder's, or a pattern of either."""
    if source == ".":
        return True
    wanted, parts = source.split("/"), name.split("/")
    return len(wanted) <= len(parts) and all(
        fnmatch.fnmatchcase(part, pattern) for part, pattern in zip(parts, wanted, strict=False)
    )


def _words(rest: str) -> list[str]:
    """Return the words of an instruction, in either of its two forms."""
    if rest.startswith("["):
        with contextlib.suppress(ValueError):
            listed = json.loads(rest)
            if isinstance(listed, list) and all(isinstance(one, str) for one in listed):
                return listed
    try:
        return shlex.split(rest)
    except ValueError:
        return rest.split()


def _read_from(rest: str, line: int, stages: set[str], found: Findings) -> None:
    match = _FROM.fullmatch(rest)
    if match is None:
        found.error(f"FROM {rest[:80]!r} cannot be read.", "Write FROM image, or FROM image AS name.", at=(line, 6))
        return
    image = match["image"]
    if "$" not in image and image.lower() not in stages and image != "scratch" and not is_name(image):
        found.error(
            f"{image[:80]!r} is not the name of an image.", "Write it as Docker does: python:3.11-slim.", at=(line, 6)
        )
    if match["stage"]:
        stages.add(match["stage"].lower())


def _instructions(text: str) -> Iterator[tuple[int, str]]:
    """Yield line number and content of every instruction: continued lines joined, comments and empty lines left out."""
    buffer, start = "", 0
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        start = start if buffer else number
        if line.endswith("\\"):
            buffer += line[:-1].strip() + " "
            continue
        yield start, (buffer + line).strip()
        buffer = ""
    if buffer.strip():
        yield start, buffer.strip()
