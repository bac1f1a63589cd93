"""Users of Windows, for `users`: they have names and no numbers."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from desktop_aml.system.missing import NotOnThisSystem

assert sys.platform == "win32", "this module is of another system"


def user_id() -> NoReturn:
    """Raise: accounts are told apart by security identifiers, which the standard library does not read."""
    raise NotOnThisSystem("The number of a user")


def group_id() -> NoReturn:
    """Raise, as `user_id`."""
    raise NotOnThisSystem("The number of a group")


def effective_user_id() -> NoReturn:
    """Raise, as `user_id`."""
    raise NotOnThisSystem("The number of a user")


def name_of(number: int) -> NoReturn:
    """Raise, as `user_id`."""
    raise NotOnThisSystem(f"A user by number ({number})")


def user_name() -> str:
    """Return the name that the session was opened with."""
    return os.getlogin()
