"""Errors in MLflow's words: what its client branches on is the code, and whether it tries again is the status."""

from __future__ import annotations

import errno
import logging
from typing import Final

from desktop_aml.domain.errors import (
    Conflict,
    DesktopAMLError,
    DiskFull,
    EngineUnavailable,
    InvalidInput,
    NotFound,
    StorageError,
    UntrustedWorkspace,
)

_log = logging.getLogger(__name__)

INVALID: Final = "INVALID_PARAMETER_VALUE"
MISSING: Final = "RESOURCE_DOES_NOT_EXIST"
EXISTS: Final = "RESOURCE_ALREADY_EXISTS"

_STATUS: Final = {
    INVALID: 400,
    "BAD_REQUEST": 400,
    EXISTS: 400,
    MISSING: 404,
    "ENDPOINT_NOT_FOUND": 404,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_IMPLEMENTED": 501,
    "TEMPORARILY_UNAVAILABLE": 503,
}


class RestError(Exception):
    """An answer that is an error."""

    def __init__(self, code: str, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status or _STATUS[code]


def from_any(error: Exception) -> RestError:
    """Return an error of ours as one of MLflow's.

    A client tries again for minutes what is answered with 500: only what can get better is answered with 503, and a
    fault of ours with 400.
    """
    if isinstance(error, RestError):
        return error
    if isinstance(error, DesktopAMLError):
        return RestError(_code_of(error), f"{error.message} {error.hint}".strip())
    if isinstance(error, OSError):
        code = "TEMPORARILY_UNAVAILABLE" if error.errno in {errno.ENOSPC, errno.EDQUOT} else "BAD_REQUEST"
        _log.warning("A file could not be read or written.", exc_info=error)
        return RestError(code, f"A file cannot be read or written: {error.strerror or error}.")
    _log.error("A request could not be answered.", exc_info=error)
    return RestError("BAD_REQUEST", f"The tracking server met a fault: {type(error).__name__}: {error}")


def _code_of(error: DesktopAMLError) -> str:
    for kind, code in (
        (NotFound, MISSING),
        (Conflict, EXISTS),
        (InvalidInput, INVALID),
        (UntrustedWorkspace, "PERMISSION_DENIED"),
        (DiskFull, "TEMPORARILY_UNAVAILABLE"),
        (EngineUnavailable, "TEMPORARILY_UNAVAILABLE"),
        (StorageError, "BAD_REQUEST"),
    ):
        if isinstance(error, kind):
            return code
    return "BAD_REQUEST"
