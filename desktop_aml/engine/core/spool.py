"""The spool: requests from other processes, one file each, and the replies beside them.

A request is durable before the caller is told so: temporary file, write, flush, rename, flush of the folder. The
engine answers each id once; asking again with the same id returns the first answer.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import time
import uuid
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import get_args

import msgspec

from desktop_aml.domain.errors import DesktopAMLError, EngineUnavailable, InvalidInput, InvalidSpec
from desktop_aml.domain.requests import Done, Refusal, Reply, Request
from desktop_aml.system.files import open_regular, read_regular, write_durably

_log = logging.getLogger(__name__)

_REQUESTS = {kind.__name__: kind for kind in get_args(Request)}
_MAX_BYTES = 4 << 20
"""The largest request: the engine reads it whole, and any process of the user can leave one."""

_KEPT_S = 3600.0
"""An answer that nobody took away by then is waited for by nobody."""

_POLL_S = 0.01
"""Between two looks for the reply. A command that waits is felt by a person, and ends soon."""


def encode(request: Request) -> bytes:
    """Return a request as JSON."""
    return json.dumps({"request": type(request).__name__, "body": asdict(request)}).encode()


def decode(data: bytes) -> Request:
    """Read a request.

    Raises
    ------
    InvalidInput
        When it is not one, or a field has the wrong type.
    """
    try:
        envelope = json.loads(data)
        request: Request = msgspec.convert(envelope["body"], type=_REQUESTS[envelope["request"]])
    except (ValueError, KeyError, TypeError, ArithmeticError, RecursionError, msgspec.ValidationError) as error:
        raise InvalidInput(f"The request cannot be read: {error}") from error
    return request


def encode_reply(reply: Reply) -> bytes:
    """Return a reply as JSON."""
    return json.dumps({"reply": type(reply).__name__, "body": asdict(reply)}).encode()


def decode_reply(data: bytes) -> Reply:
    """Read a reply."""
    envelope = json.loads(data)
    kind: type[Done | Refusal] = Done if envelope["reply"] == "Done" else Refusal
    return msgspec.convert(envelope["body"], type=kind)


def refusal(error: DesktopAMLError) -> Refusal:
    """Return an error as a reply."""
    line, column = (error.line, error.column) if isinstance(error, InvalidSpec) else (0, 0)
    return Refusal(
        error=type(error).__name__,
        message=error.message,
        hint=error.hint,
        details=error.details,
        line=line,
        column=column,
    )


def refused(error: Exception) -> Refusal:
    """Return whatever went wrong with a request as a reply; what nobody foresaw goes to the log, too."""
    if isinstance(error, DesktopAMLError):
        return refusal(error)
    if isinstance(error, UnicodeEncodeError):
        said = ascii(error.object[:80])
        return refusal(InvalidInput(f"A text of the request is not valid Unicode: {said}.", "Write it in UTF-8."))
    _log.error("A request could not be carried out.", exc_info=error)
    words = f"The engine met a fault: {type(error).__name__}: {error}"
    return refusal(DesktopAMLError(words, "The log file holds the details. Nothing was changed."))


def waiting(folder: Path) -> list[tuple[str, Path]]:
    """Return id and path of the requests without a reply, oldest first."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries]
    except FileNotFoundError:
        return []
    ids = sorted(name.removesuffix(".json") for name in names if is_request(name))
    if not ids:
        return []  # nearly always, and this is asked at each turn of the engine
    replied = {name.removesuffix(".reply.json") for name in names if name.endswith(".reply.json")}
    return [(request_id, folder / f"{request_id}.json") for request_id in ids if request_id not in replied]


def is_request(name: str) -> bool:
    """Whether a file of this name is a request, and no reply or half a file."""
    return name.endswith(".json") and not name.endswith(".reply.json")


def read(path: Path) -> Request:
    """Read a request file; one that is too large, or that another user left there, is refused."""
    with open_regular(path) as stream:
        if os.fstat(stream.fileno()).st_uid != path.parent.stat().st_uid:
            raise InvalidInput("The request was left by another user of this computer.", "Remove it.")
        data = stream.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise InvalidInput(f"The request is larger than {_MAX_BYTES} bytes.")
    return decode(data)


def answer(folder: Path, request_id: str, reply: Reply) -> None:
    """Write the reply to a request."""
    write_durably(folder / f"{request_id}.reply.json", encode_reply(reply))


def tidy(folder: Path) -> None:
    """Remove requests that were answered long ago and the answers: whoever asked is gone."""
    with contextlib.suppress(FileNotFoundError):
        for reply in folder.glob("*.reply.json"):
            if time.time() - reply.lstat().st_mtime > _KEPT_S:
                for done in (reply.with_name(reply.name.replace(".reply.json", ".json")), reply):
                    done.unlink(missing_ok=True)


def leave(folder: Path, request: Request) -> str:
    """Write a request down for the engine that has the workspace, now or next, and return its id."""
    folder.mkdir(mode=0o700, exist_ok=True)
    # Time first, so that requests are carried out in the order they were made.
    request_id = f"{time.time_ns():020d}-{uuid.uuid4().hex[:12]}"
    write_durably(folder / f"{request_id}.json", encode(request))
    return request_id


def ask(folder: Path, request: Request, *, timeout_s: float, meanwhile: Callable[[], None] = lambda: None) -> Reply:
    """Write a request, wait for the reply and tidy both away.

    Parameters
    ----------
    meanwhile : callable
        Called again and again while there is no reply. When it raises `EngineUnavailable`, the request is withdrawn.

    Raises
    ------
    EngineUnavailable
        When no engine answers in time. The request stays and will be carried out by the next engine.
    """
    request_id = leave(folder, request)
    path, reply_path = folder / f"{request_id}.json", folder / f"{request_id}.reply.json"
    deadline = time.monotonic() + timeout_s
    while not reply_path.exists():
        if time.monotonic() > deadline:
            raise EngineUnavailable(
                "The engine of this workspace did not answer in time.",
                "The request is kept and will be carried out. Look with: desktop-aml run list",
            )
        try:
            meanwhile()
        except EngineUnavailable:
            path.unlink(missing_ok=True)
            raise
        time.sleep(_POLL_S)
    reply = decode_reply(read_regular(reply_path))
    for done in (path, reply_path):
        with contextlib.suppress(FileNotFoundError):
            done.unlink()
    return reply
