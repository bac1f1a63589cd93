"""The one tree of errors that the product raises on purpose.

::

    DesktopAMLError            says what went wrong, where, and what to do now
    ├── InvalidInput           the caller's words are off              (exit code 2)
    │   ├── InvalidSpec        an environment file is off, with line and column
    │   └── InvalidName        a name breaks the naming rule
    ├── NotFound               no such run, model, environment, endpoint, file
    ├── Conflict               the thing exists already, or is in use
    │   ├── InvalidTransition  a run cannot make this move
    │   └── WorkspaceInUse     another program owns the workspace
    ├── MissingOnComputer      a program or library is missing here   (exit code 3)
    ├── PreparationError       an environment could not be made ready
    │   ├── ChannelsUnreachable  a channel of conda cannot be asked
    │   └── NotForThisPython     the packages want another Python
    ├── BuildCanceled          a build was cancelled on request
    ├── StorageError           the disk is full, read-only, or the database is damaged
    │   ├── DiskFull           work waits until there is room
    │   └── DatabaseUnusable   the database cannot be read or written
    │       └── DatabaseLost   it is damaged, empty or gone; the folders hold what it held
    ├── UntrustedWorkspace     nothing runs in a stranger's workspace (exit code 4)
    ├── ScoringError           an endpoint refused or failed a request
    └── EngineUnavailable      no engine answered a request in time
"""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Final


class DesktopAMLError(Exception):
    """Root of every error that is shown to a user.

    Parameters
    ----------
    message : str
        What happened, to what. One or two sentences, no traceback.
    hint : str, optional
        What to do now.
    details : str, optional
        Long technical text, shown only on request.

    Attributes
    ----------
    code : str
        The section of ``docs/reference/error-codes.md`` that says more; empty where message and hint say all.
    """

    exit_code = 1
    code = ""

    def __init__(self, message: str, hint: str = "", *, details: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class InvalidInput(DesktopAMLError):
    """The caller's words are off."""

    exit_code = 2


class InvalidSpec(InvalidInput):
    """An environment specification is off.

    Parameters
    ----------
    line, column : int, optional
        Position of the fault in the text, counted from 1; 0 when unknown.
    """

    code = "environment-file"

    def __init__(self, message: str, hint: str = "", *, line: int = 0, column: int = 0, details: str = "") -> None:
        super().__init__(message, hint, details=details)
        self.line = line
        self.column = column


class InvalidName(InvalidInput):
    """A name breaks the naming rule."""


class NotFound(DesktopAMLError):
    """No such run, model, environment, endpoint or file."""


class Conflict(DesktopAMLError):
    """The thing exists already, or is in use."""


class InvalidTransition(Conflict):
    """A run cannot make this move from the state it is in."""


class WorkspaceInUse(Conflict):
    """Another program owns the workspace."""

    code = "workspace-in-use"


class MissingOnComputer(DesktopAMLError):
    """A program or library is missing on this computer."""

    exit_code = 3
    code = "missing-on-computer"


class PreparationError(DesktopAMLError):
    """An environment could not be made ready."""

    code = "environment-not-ready"


class ChannelsUnreachable(PreparationError):
    """A channel of conda cannot be asked."""

    code = "index-unreachable"


class IndexUnreachable(PreparationError):
    """The index of packages cannot be asked."""

    code = "index-unreachable"


class NotForThisPython(PreparationError):
    """Packages cannot be resolved or installed for a Python, which may be different for another one."""

    code = "wrong-python"


class BuildCanceled(DesktopAMLError):
    """A build was cancelled on request."""


class StorageError(DesktopAMLError):
    """The disk is full or read-only, or the database is damaged."""


class RecordUnreadable(StorageError):
    """What the database says of one thing makes no sense; everything else is as it was."""

    code = "record-damaged"


class DiskFull(StorageError):
    """There is no room on a disk: work waits until there is."""

    code = "disk-full"


class NoRoomForEnvironment(PreparationError, DiskFull):
    """An environment could not be made ready because there is no room on a disk."""

    code = "disk-full"


class UntrustedWorkspace(DesktopAMLError):
    """The workspace is not one of this user's, and was not trusted."""

    exit_code = 4
    code = "not-trusted"


class DatabaseUnusable(StorageError):
    """The database cannot be read or written: nothing can be done for any run."""

    code = "database-unusable"


class DatabaseLost(DatabaseUnusable):
    """The database is damaged, empty or gone: it can be made again from the folders of the workspace."""

    code = "database-lost"


CONCERNS_ALL = (DiskFull, DatabaseUnusable)
"""What is no fault of one run, and is tried again for all."""

FULL: Final = (errno.ENOSPC, errno.EDQUOT)
"""Errors of the system that end when space is freed."""


def disk_full(place: Path, error: OSError) -> DiskFull:
    """Return in words that there is no room on the disk that holds `place`."""
    return DiskFull(
        f"The disk that holds “{place}” is full.",
        "Free some space; work goes on by itself. Nothing that was recorded is lost.",
        details=repr(error),
    )


class ScoringError(DesktopAMLError):
    """An endpoint refused or failed a request.

    Parameters
    ----------
    status : int
        HTTP status of the answer; 0 when the endpoint could not be reached.
    """

    code = "scoring"

    def __init__(self, message: str, hint: str = "", *, status: int = 0, details: str = "") -> None:
        super().__init__(message, hint, details=details)
        self.status = status


class EngineUnavailable(DesktopAMLError):
    """No engine answered a request in time."""

    code = "no-engine"
