"""The messages that the page of troubles explains are messages of the program, word for word."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = CHECKOUT / "docs" / "how-to" / "troubleshooting.md"
OF_OTHERS = ("desktop-aml: command not found", "ModuleNotFoundError: No module named '…'", "FileNotFoundError")
"""What the shell and Python say."""


def explained() -> list[str]:
    rows = re.findall(r"^\| (.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return [message for row in rows for message in re.findall(r"`([^`]+)`", row) if message not in OF_OTHERS]


@cache
def texts() -> tuple[str, ...]:
    """Return every text of the program; what is put into one when it is said stands as an ellipsis."""
    return tuple(text for path in sorted((CHECKOUT / "desktop_aml").rglob("*.py")) for text in texts_of(path))


def texts_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.sub(r"\{\w*\}", "…", node.value)


def is_said(message: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in message.strip("… ").split("…"))
    return any(re.search(pattern, text, re.DOTALL) for text in texts())


@pytest.mark.parametrize("message", explained())
def test_a_message_that_is_explained_is_one_of_the_program(message: str) -> None:
    assert is_said(message)


def test_a_message_that_nobody_says_is_found() -> None:
    assert not is_said("The workspace “…” is tired.")
    assert len(explained()) >= 20
