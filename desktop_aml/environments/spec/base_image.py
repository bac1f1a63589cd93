"""The base image that a specification names for its image, and for nothing else.

A conda specification has a key for it, a list of requirements a comment; Azure ML code says it in the definition that
travels below its specification.
"""

from __future__ import annotations

import contextlib
import json
import re
from typing import Final

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.errors import InvalidSpec
from desktop_aml.domain.names import base_image_fault
from desktop_aml.environments.spec import yaml_tree
from desktop_aml.environments.spec.parse_result import Findings

KEY: Final = "base_image"
_HINT: Final = "Write it as Docker does, {version} stands for the Python version: python:{version}-slim."
_COMMENT: Final = re.compile(rf"^[ \t]*#[ \t]*{KEY}:[ \t]*(\S*)[ \t]*$", re.MULTILINE)
_LINE: Final = re.compile(rf"^{KEY}[ \t]*:.*$", re.MULTILINE)
_DEFINITION: Final = re.compile(r"^# azureml: (\{.*\})$", re.MULTILINE)
_NOT_A_BASE: Final = "mcr.microsoft.com/azureml/"
"""Azure ML's own images: systems without packages, for which any base image with a Python stands."""


def read_key(node: yaml_tree.Node, found: Findings) -> None:
    """Read the key of a conda specification."""
    if isinstance(node, yaml_tree.Scalar) and node.is_empty:
        return
    name = node.text if isinstance(node, yaml_tree.Scalar) else ""
    _take(name, found, (node.line, node.column))


def read_comment(text: str, found: Findings) -> None:
    """Read the comment in a list of requirements."""
    comment = _COMMENT.search(text)
    if comment is not None:
        line = text.count("\n", 0, comment.start()) + 1
        _take(comment[1], found, (line, comment.start(1) - text.rfind("\n", 0, comment.start(1))))


def read_definition(text: str, found: Findings) -> None:
    """Read what Azure ML code said of its image, where the specification itself names none."""
    definition = _DEFINITION.search(text)
    if definition is None or found.base_image:
        return
    with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
        name = json.loads(definition[1])["docker"]["baseImage"]
        if not name.startswith(_NOT_A_BASE) and not base_image_fault(name):
            found.base_image = name


def _take(name: str, found: Findings, at: tuple[int, int]) -> None:
    if base_image_fault(name):
        found.error(f"“{name[:80]}” is not the name of a base image.", _HINT, at=at)
    else:
        found.base_image = name


def with_base_image(text: str, kind: EnvironmentKind, name: str) -> str:
    """Return a specification that names this base image, in place of the one that it named.

    Raises
    ------
    InvalidSpec
        When the name is none, or nothing is built on a base image for this kind.
    """
    if kind not in {EnvironmentKind.CONDA, EnvironmentKind.PIP}:
        raise InvalidSpec(
            "A base image is for conda and pip specifications alone.",
            "A Dockerfile names its own in FROM, and an image is used as it is.",
        )
    if base_image_fault(name):
        raise InvalidSpec(f"“{name[:80]}” is not the name of a base image.", _HINT)
    line = f'{KEY}: "{name}"' if kind is EnvironmentKind.CONDA else f"# {KEY}: {name}"
    pattern = _LINE if kind is EnvironmentKind.CONDA else _COMMENT
    if pattern.search(text):
        return pattern.sub(lambda _: line, text, count=1)
    begin, body = re.fullmatch(r"(\ufeff?(?:---[ \t]*\r?\n)?)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    return f"{begin}{line}\n{body}"
