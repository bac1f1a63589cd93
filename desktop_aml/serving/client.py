"""Asks an endpoint for a score, as any client of it does."""

from __future__ import annotations

import json
from typing import Any

from desktop_aml.domain.errors import ScoringError


def score(uri: str, payload: object, key: str | None = None, timeout_s: float = 60.0) -> Any:
    """Send a request to an endpoint and return its answer as Python values.

    Parameters
    ----------
    uri : str
        Scoring address, ``http://127.0.0.1:PORT/score``.
    payload : object
        What to send as JSON; text and bytes are sent as they are.

    Raises
    ------
    ScoringError
        The endpoint refused or failed, in its words, or could not be reached (`status` 0).
    """
    text = payload.encode() if isinstance(payload, str) else payload
    body = text if isinstance(text, bytes) else _to_json(text)
    # Imported here: it is a part of the start of every command, and few commands score.
    import http.client
    from urllib.parse import urlsplit

    address = urlsplit(uri)
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    connection = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=timeout_s)
    try:
        connection.request("POST", address.path or "/score", body, headers)
        response = connection.getresponse()
        content = response.read()
    except TimeoutError as error:
        raise ScoringError(f"The endpoint at {uri} did not answer within {timeout_s:g} s.") from error
    except (OSError, http.client.HTTPException) as error:
        hint = "Start the endpoint, or see its log."
        raise ScoringError(f"The endpoint at {uri} cannot be reached: {error}.", hint) from error
    finally:
        connection.close()
    if response.status != 200:
        raise ScoringError(_words(content, response.status), status=response.status)
    return json.loads(content)


def _to_json(payload: object) -> bytes:
    try:
        return json.dumps(payload, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        hint = "Send numbers, text and lists."
        raise ScoringError(f"The request cannot be written as JSON: {error}.", hint) from error


def _words(content: bytes, status: int) -> str:
    try:
        return str(json.loads(content)["message"])
    except (ValueError, KeyError, TypeError):
        return f"The endpoint answered with status {status}."
