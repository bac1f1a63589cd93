"""Terminals of a given width that are files, and what they show without colours."""

from __future__ import annotations

import io
import re

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def plain(text: str) -> str:
    return _CONTROL.sub("", text)
