"""Read JSON from strangers: UTF-8, no NaN, no duplicate keys, no surprise in size or depth.

Encoding and syntax follow RFC 8259; the stricter choices on duplicates and numbers follow RFC 7493 (I-JSON).
"""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

from desktop_aml.domain.errors import InvalidInput

MAX_DEPTH: Final = 64

_decode: Final = msgspec.json.Decoder().decode


class _DuplicateKey(Exception):
    pass


def read_json(body: bytes) -> Any:
    """Return the value of a JSON document.

    Raises
    ------
    InvalidInput
        It is no JSON, or one that two readers would understand differently; with the position where known.
    """
    try:
        value = _decode(body)
    except UnicodeDecodeError as error:
        # The decoder counts from the beginning of the text that is wrong, not from that of the body.
        raise InvalidInput(f"The body is not UTF-8 text (byte {_first_bad_byte(body, error.start)}).") from error
    except RecursionError as error:
        raise InvalidInput(f"The body is nested deeper than {MAX_DEPTH} levels.") from error
    except msgspec.MsgspecError as error:
        raise InvalidInput(f"The body is not valid JSON: {_in_words(body, error)}.") from error
    # Each key brings one colon; what is left of the count are colons in text, deeper keys, or duplicates.
    if body.count(b":") != (len(value) if isinstance(value, dict) else 0):
        _refuse_duplicate_keys(body)
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH:
        _refuse_depth(value)
    return value


def _first_bad_byte(body: bytes, otherwise: int) -> int:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return error.start
    return otherwise


def _in_words(body: bytes, error: msgspec.MsgspecError) -> str:
    if not body.strip():
        return "it is empty"
    if body.startswith(b"\xef\xbb\xbf"):
        return "it starts with a byte order mark"
    for name in (b"NaN", b"Infinity"):
        if name in body:
            return f"{name.decode()} is no JSON number; send null for a missing value"
    words = str(error).removeprefix("JSON is malformed: ")
    return words[:1].lower() + words[1:]


def _refuse_duplicate_keys(body: bytes) -> None:
    def check(pairs: list[tuple[str, Any]]) -> None:
        if len({key for key, _ in pairs}) != len(pairs):
            keys = [key for key, _ in pairs]
            raise _DuplicateKey(next(key for key in keys if keys.count(key) > 1))

    try:
        json.loads(body, object_pairs_hook=check)
    except _DuplicateKey as error:
        raise InvalidInput(f"The body names “{str(error)[:60]}” twice in one object.") from error
    except RecursionError as error:
        raise InvalidInput(f"The body is nested deeper than {MAX_DEPTH} levels.") from error


def _refuse_depth(value: Any) -> None:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, list | dict)
        ]
        if not level:
            return
    raise InvalidInput(f"The body is nested deeper than {MAX_DEPTH} levels.")
