"""What searches know by name: what may stand before the dot of a key, what every run has, the states."""

from __future__ import annotations

import re
from typing import Final

from desktop_aml.domain.filters.nodes import OwnKind, Source
from desktop_aml.domain.runs import RunState

PREFIXES: Final = {
    **dict.fromkeys(("metric", "metrics"), "metric"),
    **dict.fromkeys(("param", "params", "parameter", "parameters"), Source.PARAMETER),
    **dict.fromkeys(("arg", "args", "argument", "arguments"), Source.ARGUMENT),
    **dict.fromkeys(("tag", "tags"), Source.TAG),
    **dict.fromkeys(("attr", "attribute", "attributes", "run"), Source.OWN),
    **dict.fromkeys(("dataset", "datasets"), "dataset"),
    **{str(one): one for one in (Source.LAST, Source.BEST, Source.LEAST, Source.GREATEST, Source.FIRST)},
}
"""What may stand before the dot of a key."""

TEXTS: Final = {"log": ("log",), "source": ("source",), "text": ("log", "source")}
"""What ``~`` looks for words in; ``text`` is all there is, names and notes too. Other comparisons mean arguments."""

FLAGS: Final = ("starred", "archived", "deleted")
"""What a run may be; alone, such a word asks for those that are."""

OWN: Final = {
    **dict.fromkeys(
        ("name", "run_name", "notes", "description", "script", "environment", "target", "state", "status"), OwnKind.TEXT
    ),
    **dict.fromkeys(("experiment", "id", "run_id", "user", "user_id", "error", "parent"), OwnKind.TEXT),
    **dict.fromkeys(("duration", "number"), OwnKind.NUMBER),
    **dict.fromkeys(FLAGS, OwnKind.FLAG),
    **dict.fromkeys(("created", "started", "ended", "start_time", "end_time"), OwnKind.TIME),
}
"""What every run has, and what each of it is."""

STATES: Final = {
    **{one.lower(): str(one) for one in RunState},
    **{one.lower(): one for one in ("Scheduled", "Finished", "Killed")},
    "cancelled": str(RunState.CANCELED),
}
"""Ours, and MLflow's that are others, by what is written; alone, such a word asks for the runs in that state."""

ALIASES: Final = {
    "run_name": "name",
    "description": "notes",
    "run_id": "id",
    "user_id": "user",
    "start_time": "started",
    "end_time": "ended",
}
TRUTHS: Final = {"true": 1.0, "yes": 1.0, "1": 1.0, "false": 0.0, "no": 0.0, "0": 0.0}
IN_MLFLOW: Final = {"created": "start_time", "start_time": "start_time", "end_time": "end_time"}
_PLAIN: Final = re.compile(r"[\w./\-]+")


def written_key(prefix: str, name: str) -> str:
    """Return a key as a search takes it: in backticks where its name has blanks or marks."""
    written = name if _PLAIN.fullmatch(name) else f"`{name}`"
    return f"{prefix}.{written}" if prefix else written
