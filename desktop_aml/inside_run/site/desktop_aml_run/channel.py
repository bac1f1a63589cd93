"""Ask the engine for something and wait for the answer, through files in the run's folder.

A request is ``requests/<id>.json``, its answer ``requests/<id>.reply.json``. No network, so it also works where a
container has none.
"""

import json
import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


POLL_S = (0.01, 0.25)
"""Shortest and longest pause between two looks for the answer."""


class NoAnswer(Exception):
    """No engine answered in time."""


class Refused(Exception):
    """The engine refused. `error` names the kind; `message` and `hint` are words for a person."""

    def __init__(self, error: str, message: str, hint: str) -> None:
        super().__init__("{}\n{}".format(message, hint) if hint else message)
        self.error = error
        self.message = message
        self.hint = hint


def ask(run_directory: str, kind: str, body: "Any", timeout_s: float = 300.0) -> "Any":
    """Put a request to the engine and return the body of its answer.

    Raises
    ------
    Refused
        When the engine says no.
    NoAnswer
        When nothing came within `timeout_s`; the request is withdrawn if it was not taken yet.
    """
    identifier = os.urandom(16).hex()
    folder = os.path.join(run_directory, "requests")
    request = os.path.join(folder, identifier + ".json")
    answer = os.path.join(folder, identifier + ".reply.json")
    _write_durably(request, {"id": identifier, "kind": kind, "body": body})
    deadline, pause_s = time.monotonic() + timeout_s, POLL_S[0]
    while True:
        reply = _read(answer)
        if reply is not None:
            break
        if time.monotonic() >= deadline:
            _remove(request)
            raise NoAnswer(
                "Desktop AML did not answer within {:g} s. Open the workspace in its window, or start "
                "`desktop-aml engine`, and ask again.".format(timeout_s)
            )
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, POLL_S[1])
    _remove(request)
    _remove(answer)
    if not reply["ok"]:
        raise Refused(reply.get("error", ""), reply.get("message", ""), reply.get("hint", ""))
    return reply["body"]


def _write_durably(path: str, value: "Any") -> None:
    temporary = path + ".tmp"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(json.dumps(value).encode())
        stream.flush()
        os.fsync(stream.fileno())
    os.rename(temporary, path)
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read(path: str) -> "Any":
    try:
        with open(path, "rb") as stream:
            return json.loads(stream.read().decode())
    except FileNotFoundError:
        return None


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
