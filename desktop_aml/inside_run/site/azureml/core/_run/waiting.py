"""What waiting for a run takes: how long between two looks, and the words of a failed one."""

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


POLL_S = (0.1, 2.0)
"""Shortest and longest pause between two looks, unless ``AZUREML_RUN_POLLING_INTERVAL_MIN`` and ``_MAX`` say more."""


def pauses_s() -> "Iterator[float]":
    """Yield how long to wait before each next look, longer and longer."""
    pause_s = max(POLL_S[0], _seconds("AZUREML_RUN_POLLING_INTERVAL_MIN", POLL_S[0]))
    longest_s = max(pause_s, _seconds("AZUREML_RUN_POLLING_INTERVAL_MAX", POLL_S[1]))
    while True:
        yield pause_s
        pause_s = min(pause_s * 1.2, longest_s)


def _seconds(name: str, default: float) -> float:
    try:
        return float(os.environ.get(name, default))
    except ValueError:
        return default


def error_text(details: "dict[str, Any]") -> str:
    """Return the JSON of the error of a failed run, or a sentence when there is none."""
    error = details.get("error")
    if not error:
        return "Detailed error not set on the Run. Please check the logs for details."
    return json.dumps(error, indent=4)
