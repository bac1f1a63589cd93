"""Optuna's storage in a SQLite file: each trial is a run, its study the experiment."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from desktop_aml.domain.metrics import Point
from desktop_aml.domain.runs import RunState
from desktop_aml.store.attached.sqlite_file import columns, has_tables, opened
from desktop_aml.store.attached.values import MOST_RUNS, Kind, SourceRun, clipped

_TABLES: Final = {"studies", "trials", "trial_params", "trial_values", "trial_intermediate_values"}
_STATES: Final = {
    "COMPLETE": RunState.COMPLETED,
    "PRUNED": RunState.CANCELED,
    "FAIL": RunState.FAILED,
    "RUNNING": RunState.RUNNING,
    "WAITING": RunState.PREPARING,
}
_VALUE, _INTERMEDIATE = "value", "intermediate"
_INFINITE: Final = {"INF_POS": math.inf, "INF_NEG": -math.inf, "NAN": math.nan}


def _runs(path: Path) -> Iterator[SourceRun]:
    with opened(path) as db:
        rows = db.execute(
            "SELECT t.trial_id, t.number, t.state, t.datetime_start, t.datetime_complete, s.study_name"
            " FROM trials t JOIN studies s ON s.study_id = t.study_id ORDER BY t.trial_id LIMIT ?",
            (MOST_RUNS,),
        ).fetchall()
        for trial_id, number, state, started, ended, study in rows:
            begun = _seconds(started)
            yield SourceRun(
                key=str(trial_id),
                id=f"{_plain(study)}-{number}",
                name=f"{clipped(study)} {number}",
                experiment=clipped(study),
                state=_STATES.get(str(state), RunState.RUNNING),
                created_at=begun if begun is not None else 0.0,
                ended_at=_seconds(ended),
                tags={"optuna.state": clipped(state), **_attributes(db, trial_id)},
                parameters=_parameters(db, trial_id),
                curves=list(_curves(db, trial_id)),
            )


def _plain(study: object) -> str:
    return "".join(letter if letter.isalnum() or letter in "_-" else "-" for letter in clipped(study))[:100] or "study"


def _attributes(db: sqlite3.Connection, trial_id: int) -> dict[str, str]:
    if not columns(db, "trial_user_attributes"):
        return {}
    rows = db.execute("SELECT key, value_json FROM trial_user_attributes WHERE trial_id = ?", (trial_id,))
    return {clipped(key): clipped(_of_json(value)) for key, value in rows}


def _parameters(db: sqlite3.Connection, trial_id: int) -> dict[str, str]:
    rows = db.execute(
        "SELECT param_name, param_value, distribution_json FROM trial_params WHERE trial_id = ? ORDER BY param_id",
        (trial_id,),
    )
    return {clipped(name): clipped(_meant(value, text)) for name, value, text in rows}


def _meant(value: Any, distribution: Any) -> object:
    """Return the value of a parameter: what is chosen from is kept by its place, whole numbers as any."""
    about = _of_json(distribution)
    with suppress(KeyError, IndexError, TypeError, ValueError, OverflowError):
        if isinstance(about, dict):
            if "Categorical" in about["name"]:
                return about["attributes"]["choices"][int(value)]
            if "Int" in about["name"]:
                return int(value)
    return value


def _curves(db: sqlite3.Connection, trial_id: int) -> Iterator[tuple[str, list[Point]]]:
    ended = db.execute(
        "SELECT datetime_complete, datetime_start FROM trials WHERE trial_id = ?", (trial_id,)
    ).fetchone()
    at = next((seconds for one in ended or () if (seconds := _seconds(one)) is not None), 0.0)
    kind = "intermediate_value_type" if "intermediate_value_type" in columns(db, "trial_intermediate_values") else "''"
    rows = db.execute(
        f"SELECT step, intermediate_value, {kind} FROM trial_intermediate_values"  # noqa: S608  fixed texts
        " WHERE trial_id = ? ORDER BY step",
        (trial_id,),
    ).fetchall()
    if rows:
        yield (
            _INTERMEDIATE,
            [Point(n, _number(value, one), _step(step), at) for n, (step, value, one) in enumerate(rows)],
        )
    kind = "value_type" if "value_type" in columns(db, "trial_values") else "''"
    found = db.execute(
        f"SELECT objective, value, {kind} FROM trial_values WHERE trial_id = ? ORDER BY objective",  # noqa: S608
        (trial_id,),
    ).fetchall()
    for objective, value, one in found:
        name = _VALUE if len(found) == 1 else f"{_VALUE}_{objective}"
        yield name, [Point(0, _number(value, one), None, at)]


def _points(path: Path, key: str, name: str) -> list[Point]:
    with opened(path) as db:
        return dict(_curves(db, int(key))).get(name, [])


def _number(value: Any, kind: Any) -> float:
    if isinstance(value, int | float):
        return float(value)
    return _INFINITE.get(str(kind), math.nan)


def _step(step: Any) -> int | None:
    return step if isinstance(step, int) else None


def _seconds(text: Any) -> float | None:
    """Return a time as Unix time; Optuna writes that of the computer's clock, without a zone."""
    with suppress(ValueError, TypeError, OverflowError, OSError):
        return datetime.fromisoformat(text).timestamp()
    return None


def _of_json(text: Any) -> Any:
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return text


OPTUNA: Final = Kind("Optuna storage", lambda path: has_tables(path, _TABLES), _runs, _points)
