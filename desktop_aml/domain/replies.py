"""What Azure ML code gets back for a call, as text: the same form through a run's folder and through a pipe."""

from __future__ import annotations

import json

from desktop_aml.domain.errors import DesktopAMLError


def success(body: object) -> str:
    """Return the reply to what went well; `body` is a JSON value."""
    return json.dumps({"ok": True, "body": body})


def failure(error: BaseException) -> str:
    """Return the reply to what failed: the kind of error, and words for a person.

    What is none of the product's own errors is a fault of the program, and says so.
    """
    if isinstance(error, DesktopAMLError):
        kind, message, hint = type(error).__name__, error.message, error.hint
    else:
        kind = "DesktopAMLError"
        message = f"Something unexpected happened: {type(error).__name__}: {error}"
        hint = "The log file of Desktop AML holds the details."
    return json.dumps({"ok": False, "error": kind, "message": message, "hint": hint})
