"""Columns of the runs table: what each shows, how wide it starts, and what it sorts by. No widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from PySide6.QtCore import QCoreApplication

from desktop_aml.domain.runs import METRIC_ORDER, RunSummary
from desktop_aml.ui.look import formats
from desktop_aml.ui.look.labels import environment_text, target_text
from desktop_aml.ui.widgets.widgets import state_word


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Parameters
    ----------
    key : str
        What the column is remembered and sorted by.
    text : callable
        Text shown for a run at a time (Unix seconds).
    raw : callable
        Everything the value holds, for the clipboard.
    right : bool
        Whether it holds numbers: right-aligned in the fixed font.
    """

    key: str
    title: str
    width: int
    text: Callable[[RunSummary, float], str]
    raw: Callable[[RunSummary], str]
    right: bool = False


def _tr(text: str) -> str:
    return QCoreApplication.translate("RunsTable", text)


def _iso(at: float | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at, UTC).isoformat()


def _name(run: RunSummary) -> str:
    """Return the name, with a mark when another run started this one."""
    return f"↳ {run.display_name}" if run.parent else run.display_name


STATE: Final = "state"
NAME: Final = "display_name"
CREATED: Final = "created_at"


def columns(metrics: tuple[str, ...]) -> tuple[Column, ...]:
    """Return all columns, the ones of `metrics` after the times."""
    fixed = (
        Column(STATE, _tr("State"), 128, lambda run, _: state_word(run.state), lambda run: run.state),
        Column(NAME, _tr("Name"), 176, lambda run, _: _name(run), lambda run: run.display_name),
        Column("experiment", _tr("Experiment"), 136, lambda run, _: run.experiment, lambda run: run.experiment),
        Column(
            CREATED,
            _tr("Created"),
            104,
            lambda run, now: formats.relative_time(run.created_at, now),
            lambda run: _iso(run.created_at),
        ),
        Column(
            "duration",
            _tr("Duration"),
            88,
            lambda run, now: formats.duration(run.duration_s(now)),
            lambda run: "" if run.duration_s(0.0) is None or run.ended_at is None else repr(run.duration_s(0.0)),
            right=True,
        ),
    )
    described = (
        Column("script", _tr("Script"), 120, lambda run, _: run.script, lambda run: run.script),
        Column(
            "environment",
            _tr("Environment"),
            152,
            lambda run, _: environment_text(run.environment),
            lambda run: run.environment,
        ),
        Column("target", _tr("Target"), 112, lambda run, _: target_text(run.target), lambda run: run.target),
    )
    return (*fixed, *(_metric_column(name) for name in metrics), *described)


def _metric_column(name: str) -> Column:
    def value(run: RunSummary) -> float | int | str | None:
        return next((value for key, value in run.summary if key == name), None)

    def raw(run: RunSummary) -> str:
        found = value(run)
        return "" if found is None else str(found)

    return Column(METRIC_ORDER + name, name, 104, lambda run, _: formats.number4(value(run)), raw, right=True)


def tooltip(run: RunSummary, column: Column) -> str:
    """Return what the cell cannot show: the exact time, the error, all digits."""
    if column.key == CREATED:
        return formats.exact_time(run.created_at)
    if column.key == STATE:
        return run.error or run.state
    if column.key == NAME:
        return "\n".join((run.display_name, run.id, *([_tr("Child of {0}").format(run.parent)] if run.parent else [])))
    return column.raw(run)
