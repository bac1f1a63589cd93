"""Requests to a scoring script: passed on whole to its process, and what that process makes of them sent back.

What a request must look like is decided beside the script, which alone knows what it takes.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.inside_model.calling import HEADER
from desktop_aml.inside_model.predicting import CALL
from desktop_aml.serving.config import SCRIPT_FILE, read_struct
from desktop_aml.serving.rows import Table
from desktop_aml.serving.strict_json import read_json
from desktop_aml.serving.swagger import describe, error_type
from desktop_aml.system.files import open_regular

if TYPE_CHECKING:
    from desktop_aml.serving.request import Request

_MAX_SWAGGER_BYTES: Final = 4 << 20
_OWN_HEADERS: Final = frozenset({"content-length", "connection", "transfer-encoding", "content-type", "keep-alive"})


class ScriptDescription(msgspec.Struct, frozen=True, kw_only=True):
    """What the process found in a scoring script; kept in ``script.json``.

    Parameters
    ----------
    script : str
        Path of the script in the copied source.
    raw : bool
        Whether it takes whole HTTP requests.
    decorated : bool
        Whether it says the types of its parameters.
    input_schema, output_schema : dict
        In the words of Swagger.
    """

    script: str
    raw: bool = False
    decorated: bool = False
    input_schema: dict[str, Any] = {}
    output_schema: dict[str, Any] = {}
    versions: dict[str, str] = {}
    notes: tuple[str, ...] = ()
    pid: int = 0

    @property
    def example(self) -> Any:
        """A body that the script takes; None when it does not say what it takes."""
        return self.input_schema.get("example") or None


def read_script(endpoint_dir: Path) -> ScriptDescription | None:
    """Return what the front wrote about the scoring script, or None before its ``init()`` ended."""
    return read_struct(endpoint_dir / SCRIPT_FILE, ScriptDescription)


def script_swagger(script: ScriptDescription, app: Path, name: str, version: int, uri: str) -> dict[str, Any]:
    """Return the description of the endpoint: the user's own file where there is one, else one from the decorators."""
    for file in (f"swagger{version}.json", "swagger.json"):
        own = _own_swagger(app / file)
        if own is not None:
            return own
    types = {
        "ServiceInput": script.input_schema,
        "ServiceOutput": script.output_schema,
        "ErrorResponse": error_type(),
    }
    return describe(types, name, version, uri)


def _own_swagger(path: Path) -> dict[str, Any] | None:
    try:
        with open_regular(path, follow_links=True) as stream:
            data = stream.read(_MAX_SWAGGER_BYTES + 1)
        own = read_json(data) if len(data) <= _MAX_SWAGGER_BYTES else None
    except (OSError, InvalidInput):
        return None
    return own if isinstance(own, dict) else None


def pack(request: Request) -> Table:
    """Return a request as the script's process takes it."""
    path, _, query = request.target.partition(b"?")
    head = msgspec.json.encode(
        {
            "method": request.method,
            "path": path.decode("latin-1"),
            "query": query.decode("latin-1"),
            "headers": {name.decode("latin-1"): text.decode("latin-1") for name, text in request.headers.items()},
        }
    )
    return Table(CALL, 0, 0, HEADER.pack(len(head)) + head + request.body)


class ScriptAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What the script's process answers: the status, the headers, and whether ``run`` raised."""

    status: int
    headers: tuple[tuple[str, str], ...]
    failed: bool


def unpack(payload: bytes) -> tuple[ScriptAnswer, bytes]:
    """Return the head and the body of an answer."""
    (size,) = HEADER.unpack_from(payload)
    end = HEADER.size + size
    return msgspec.json.decode(payload[HEADER.size : end], type=ScriptAnswer), payload[end:]


def content_type(answer: ScriptAnswer) -> str:
    """Return the type of the body that the script gave."""
    kinds = (text for name, text in answer.headers if name.lower() == "content-type" and _is_plain(text))
    return next(kinds, "application/json")


def extra_headers(answer: ScriptAnswer) -> tuple[tuple[str, str], ...]:
    """Return the headers of the script's own, without those that belong to the connection."""
    return tuple(
        (name, text)
        for name, text in answer.headers
        if name.lower() not in _OWN_HEADERS and name and _is_plain(name + text) and ":" not in name
    )


def _is_plain(text: str) -> bool:
    return text.isprintable() and not any(ord(letter) > 255 for letter in text)
