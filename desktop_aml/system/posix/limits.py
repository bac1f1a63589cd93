"""Limits of POSIX systems, for `limits`."""

from __future__ import annotations

import resource
import sys

assert sys.platform != "win32", "this module is of another system"


def limit_memory(size_bytes: int) -> None:
    """Lower the address space, for good; a bound that is lower already stays."""
    _lower(resource.RLIMIT_AS, size_bytes)


def limit_processor_time(seconds: int) -> None:
    """Lower the processor time, for good; a bound that is lower already stays."""
    _lower(resource.RLIMIT_CPU, seconds)


def _lower(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))
