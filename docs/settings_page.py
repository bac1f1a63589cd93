"""Write ``docs/reference/settings.md`` from the settings' dataclass. Called by ``make docs-generated``."""

from __future__ import annotations

import inspect
import json
import re
from dataclasses import fields
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from desktop_aml.settings import Allowed, Settings

PAGE = Path(__file__).parent / "reference" / "settings.md"

KEPT_BY_PROGRAM = ("recent_workspaces", "last_workspace", "unknown")
"""In the file, and not for a person to set."""

HEAD = """# Settings

Generated from `desktop_aml/settings.py` by `make docs-generated`.

*File, Settings* (Ctrl+,) in the window, or the file `~/.config/desktop-aml/settings.json` (make it when it is not
there): one JSON
object with the keys below. A key that is missing has its default; one that this version does not know is kept. A file
that is damaged, or has a value that makes no sense, is set aside as `settings.json.bad`, with a warning, and what can
be read of it is used.

| key | type | default | means |
|---|---|---|---|
"""

FOOT = """
The program keeps `recent_workspaces` and `last_workspace` in the same file. Which workspaces may run code stands beside
it, in `trusted.json` ([Trust](trust.md)). Environment variables: [Command line](command-line.md#environment-variables).
"""


def page() -> str:
    """Return the page as Markdown."""
    hints = get_type_hints(Settings, include_extras=True)
    meanings = _meanings()
    rows = [
        f"| `{one.name}` | {_type(hints[one.name])} | `{_value(one.default)}` | {meanings[one.name]} |"
        for one in fields(Settings)
        if one.name not in KEPT_BY_PROGRAM
    ]
    return HEAD + "\n".join(rows) + "\n" + FOOT


def _meanings() -> dict[str, str]:
    """Return what the docstring says of each setting."""
    parameters = inspect.cleandoc(Settings.__doc__ or "").partition("----------\n")[2]
    found: dict[str, str] = {}
    for names, text in re.findall(r"^(\w[\w, ]*) : .*\n((?:[ ]+.*\n?)+)", parameters, re.MULTILINE):
        for name in names.split(", "):
            found[name] = " ".join(text.split()).replace("``", "`")
    return found


def _type(hint: Any) -> str:
    if get_origin(hint) is Annotated:
        plain, *notes = get_args(hint)
        limits = [note for note in notes if isinstance(note, Allowed)]
        return _type(plain) + "".join(_limits(one) for one in limits)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return " or ".join(f"`{_value(one)}`" for one in hint)
    return {int: "whole number", float: "number", str: "text", bool: "true or false"}[hint]


def _limits(meta: Allowed) -> str:
    low = f", at least {meta.ge}" if meta.ge is not None else ""
    return low + (f", at most {meta.le}" if meta.le is not None else "")


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
