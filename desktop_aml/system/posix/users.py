"""Users of POSIX systems, for `users`."""

from __future__ import annotations

import os
import pwd
import sys

assert sys.platform != "win32", "this module is of another system"


def user_id() -> int:
    """Return the real user."""
    return os.getuid()


def group_id() -> int:
    """Return the real group."""
    return os.getgid()


def effective_user_id() -> int:
    """Return the effective user."""
    return os.geteuid()


def name_of(number: int) -> str:
    """Return what the list of users says; KeyError when it has no such number."""
    return pwd.getpwuid(number).pw_name


def user_name() -> str:
    """Return the name of the real user; containers often run as a number that no list has."""
    try:
        return name_of(user_id())
    except KeyError:
        return f"user{user_id()}"
