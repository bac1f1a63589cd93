"""Specifications for Docker alone: the text of a Dockerfile, or the name of an image.

Nothing here asks a Docker engine; what the text says is checked before anything is started, because it may come from
a stranger.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Final

from desktop_aml.domain.names import is_image_reference
from desktop_aml.environments.spec.parse_result import Findings

_INSTRUCTIONS: Final = (
    *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER"),
    *("ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
)
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
    """Read a Dockerfile into `found`. It is built without a folder, so it can copy nothing from this computer."""
    stages: set[str] = set()
    has_base = False
    for line, content in _instructions(text):
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
        elif instruction in {"COPY", "ADD"} and not re.match(r"--from=", rest):
            found.error(
                f"{instruction} has nothing to copy from: a Dockerfile is built without a folder.",
                "The run's own files are there when it starts. Install packages with RUN.",
                at=(line, 1),
            )
        elif re.search(r"<<-?[\"']?[A-Za-z_]", rest) and instruction in {"RUN", "COPY", "ADD"}:
            found.error(
                "Text that follows an instruction (<<) is not understood by every Docker engine.",
                "Join the commands with && and end the lines with a backslash.",
                at=(line, 1),
            )
    if not has_base and not any(problem.severity == "error" for problem in found.problems):
        found.error("There is no FROM.", "Begin with FROM and an image, such as FROM python:3.11-slim.", at=(1, 1))


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
