"""Who this program runs as, and what the system calls a user."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    from desktop_aml.system.windows import users as own
else:
    from desktop_aml.system.posix import users as own


def user_id() -> int:
    """Return the number of the user who started this program.

    Raises
    ------
    NotOnThisSystem
        Where users have no numbers.
    """
    return own.user_id()


def group_id() -> int:
    """Return the number of that user's group; raises as `user_id`."""
    return own.group_id()


def effective_user_id() -> int:
    """Return the number of the user whose rights this program has; raises as `user_id`."""
    return own.effective_user_id()


def name_of(number: int) -> str:
    """Return the name of a user.

    Raises
    ------
    KeyError
        When the system knows no user of this number.
    NotOnThisSystem
        Where users have no numbers.
    """
    return own.name_of(number)


def user_name() -> str:
    """Return the name of the user who started this program, or a name of the same kind for one that has none."""
    return own.user_name()
