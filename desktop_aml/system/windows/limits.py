"""Limits of Windows, for `limits`."""

from __future__ import annotations

import sys
from typing import NoReturn

from desktop_aml.system.missing import NotOnThisSystem

assert sys.platform == "win32", "this module is of another system"


def limit_memory(size_bytes: int) -> NoReturn:
    """Raise: only a job object can do it, which the standard library does not make."""
    raise NotOnThisSystem(f"A limit of memory ({size_bytes} bytes)")


def limit_processor_time(seconds: int) -> NoReturn:
    """Raise, as `limit_memory`."""
    raise NotOnThisSystem(f"A limit of processor time ({seconds} s)")
