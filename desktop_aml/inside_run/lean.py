"""Signals, sockets, JSON and prctl for the launcher, from CPython's own parts below the modules of these names.

The modules load `enum`, `re`, `struct` and more, which took a launcher longer than all that it does, and one is started
for each run. Where an interpreter has no such parts, or others, the modules themselves do it. Standard library only,
Python 3.6 or newer.
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    import socket
    from collections.abc import Callable
    from typing import Any
else:
    try:
        import _signal as signal
        import _socket as socket
    except ImportError:
        import signal
        import socket

__all__ = ["dumps", "loads", "prctl", "signal", "socket"]


class _AsJson:
    """What `json.JSONDecoder` is to the scanner."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float


def loads(data: bytes) -> "Any":
    """Return the value of JSON text.

    Raises
    ------
    ValueError
        When it is none.
    """
    text = data.decode()
    try:
        from _json import make_scanner

        value, end = make_scanner(_AsJson())(text, 0)  # type: ignore[arg-type]
        if end == len(text):
            return value
    except Exception:  # noqa: BLE001, S110 - whatever it is: `json` does it, or says what is wrong
        pass
    import json

    return json.loads(text)


def dumps(value: "Any") -> str:
    """Return a value as JSON text, in ASCII."""
    try:
        from _json import encode_basestring_ascii, make_encoder

        encode = make_encoder(None, _not_json, encode_basestring_ascii, None, ": ", ", ", False, False, True)
        return "".join(encode(value, 0))
    except Exception:  # noqa: BLE001 - as in `loads`
        import json

        return json.dumps(value)


def _not_json(value: "Any") -> "Any":
    raise TypeError(value)


def prctl(option: int, value: int) -> None:
    """Set an attribute of this process, see prctl(2)."""
    try:
        call, number = _prctl()
    except Exception:  # noqa: BLE001 - as in `loads`
        import ctypes

        call, number = ctypes.CDLL(None).prctl, ctypes.c_ulong
    call(option, number(value), *(number(0),) * 3)


def _prctl() -> "tuple[Callable[..., Any], Callable[[int], Any]]":
    """Return the function of the C library, and the type of its arguments but the first."""
    if sys.platform != "win32":
        from _ctypes import FUNCFLAG_CDECL, CFuncPtr, _SimpleCData, dlopen, dlsym

        whole = type("Int", (_SimpleCData,), {"_type_": "i"})
        number = type("UnsignedLong", (_SimpleCData,), {"_type_": "L"})
        function = type("Function", (CFuncPtr,), {"_flags_": FUNCFLAG_CDECL, "_restype_": whole})
        return function(dlsym(dlopen(None, 0), "prctl")), number  # type: ignore[arg-type]
    else:
        raise NotImplementedError
