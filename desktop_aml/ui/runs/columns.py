"""Columns of the runs table: what each shows, how wide it starts, and what it sorts by. No widgets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import Final

from PySide6.QtCore import QCoreApplication

from desktop_aml.domain.metrics import Scalar
from desktop_aml.domain.parameters import typed
from desktop_aml.domain.run_fields import FieldKind, RunField, RunFields, field_of_key, metric_and_step
from desktop_aml.domain.runs import RunSummary
from desktop_aml.domain.summaries import machine_use
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.summaries.groups import RunGroup, Spread
from desktop_aml.domain.summaries.metrics import MetricSummary
from desktop_aml.ui.look import formats
from desktop_aml.ui.look.labels import environment_text, target_text
from desktop_aml.ui.look.number_column import NumberColumn
from desktop_aml.ui.widgets.widgets import state_word


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Parameters
    ----------
    key : str
        What the column is remembered and sorted by: one of `RUN_COLUMNS` of `desktop_aml.domain.runs`, which the
        database sorts by, where it shows what every run has; else the key of a field or a formula.
    text : callable
        Text shown for a run at a time (Unix seconds).
    raw : callable
        Everything the value holds, for the clipboard.
    right : bool
        Whether it holds numbers: right-aligned in the fixed font.
    by_default : bool
        Whether it is shown as long as nobody chose.
    words : str
        What its header says when the pointer rests on it.
    kind : FieldKind or None
        Where the values come from that runs differ in; None for what every run has.
    number : callable or None
        The value of a run where the column holds numbers that are written in one form, see `NumberColumn`.
    """

    key: str
    title: str
    width: int
    text: Callable[[RunSummary, float], str]
    raw: Callable[[RunSummary], str]
    right: bool = False
    by_default: bool = True
    words: str = ""
    kind: FieldKind | None = None
    number: Callable[[RunSummary], object] | None = None


def _tr(text: str) -> str:
    return QCoreApplication.translate("RunsTable", text)


def _iso(at: float | None) -> str:
    return "" if at is None else datetime.fromtimestamp(at, UTC).isoformat()


def _name(run: RunSummary) -> str:
    """Return the name, with a mark for a star and one when another run started this one."""
    return f"{'★ ' * run.starred}{'↳ ' if run.parent else ''}{run.display_name}"


STATE: Final = "state"
NAME: Final = "display_name"
CREATED: Final = "created_at"
FORMULA: Final = "formula:"
"""Begins the keys of columns by a formula: the database does not know them, and cannot sort by them."""
_SHOWN_AT_MOST: Final = {
    FieldKind.PARAMETER: 8,
    FieldKind.METRIC: 4,
    # Each was asked for, and goes when it is not wanted any more.
    FieldKind.AT_STEP: 100,
    FieldKind.USE: 0,
    FieldKind.TAG: 2,
    FieldKind.PROPERTY: 2,
}
"""Columns of each kind that are shown as long as nobody chose; the others can be chosen."""
_TAGS_OF_TOOLS: Final = ("mlflow.", "_aml", "azureml.")
_SHORT_NUMBER: Final = 10
_NARROWEST, _WIDEST, _AROUND, _LETTER = 80, 160, 32, 7
"""Widths of columns of fields in pixels, with what stands around a title and what a letter of it takes."""
_NO_FIELDS: Final = RunFields()
_SIDE: Final[dict[Goal | None, Callable[[MetricSummary], Scalar]]] = {
    Goal.MINIMIZE: attrgetter("least"),
    Goal.MAXIMIZE: attrgetter("greatest"),
}


def columns(fields: RunFields = _NO_FIELDS, own: Sequence[Column] = ()) -> tuple[Column, ...]:
    """Return all columns: after the time those that runs differ in, then those of one's own."""
    fixed = (
        Column(STATE, _tr("State"), 112, lambda run, _: state_word(run.state), lambda run: run.state),
        Column(NAME, _tr("Name"), 168, lambda run, _: _name(run), lambda run: run.display_name),
        Column("experiment", _tr("Experiment"), 136, lambda run, _: run.experiment, lambda run: run.experiment),
        Column(
            CREATED,
            _tr("Created"),
            96,
            lambda run, now: formats.relative_time(run.created_at, now),
            lambda run: _iso(run.created_at),
        ),
    )
    described = (
        Column(
            "duration",
            _tr("Duration"),
            80,
            lambda run, now: formats.duration(run.duration_s(now)),
            lambda run: "" if run.duration_s(0.0) is None or run.ended_at is None else repr(run.duration_s(0.0)),
            right=True,
        ),
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
    every = (*fixed, *_field_columns(fields), *own, *described)
    return tuple(replace(one, by_default=False) if one.key in fields.constant else one for one in every)


def _field_columns(fields: RunFields) -> Iterator[Column]:
    for kind, make in _MAKERS.items():
        left = _SHOWN_AT_MOST[kind]
        for one in fields.fields:
            if one.kind is kind:
                wanted = one.differs or kind in {FieldKind.METRIC, FieldKind.AT_STEP}
                wanted = wanted and left > 0 and not one.name.startswith(_TAGS_OF_TOOLS)
                left -= wanted
                yield replace(make(one, wanted), kind=kind)
                if kind is FieldKind.METRIC:
                    yield from _summary_columns(one, fields.goals.get(one.name))


def _width(title: str) -> int:
    """Return a width that holds a title of usual length and a number of four digits."""
    return min(_WIDEST, max(_NARROWEST, _AROUND + _LETTER * len(title)))


def _metric_column(field: RunField, by_default: bool) -> Column:
    return _of_metric(field, field.name, by_default, _tr("The metric “{0}”, its last value"), attrgetter("last"))


def _of_metric(
    field: RunField, title: str, by_default: bool, words: str, part: Callable[[MetricSummary], Scalar]
) -> Column:
    def value(run: RunSummary) -> Scalar:
        return part(run.metrics[field.name]) if field.name in run.metrics else None

    return _of_scalar(field, title, by_default, words.format(field.name), value)


def _summary_columns(field: RunField, goal: Goal | None) -> Iterator[Column]:
    """Return what else can be shown of a metric: its best where it is known what that is, least, greatest and first."""
    for kind, title, words, part in (
        (FieldKind.BEST, _tr("best {0}"), _tr("The metric “{0}”, its best value"), _SIDE.get(goal)),
        (FieldKind.LEAST, _tr("min {0}"), _tr("The metric “{0}”, its least value"), attrgetter("least")),
        (FieldKind.GREATEST, _tr("max {0}"), _tr("The metric “{0}”, its greatest value"), attrgetter("greatest")),
        (FieldKind.FIRST, _tr("first {0}"), _tr("The metric “{0}”, its first value"), attrgetter("first")),
    ):
        if part is not None:
            own = RunField(kind, field.name, field.differs, field.is_number)
            yield replace(_of_metric(own, title.format(field.name), False, words, part), kind=kind)


def _step_column(field: RunField, by_default: bool) -> Column:
    metric, step = metric_and_step(field.name) or (field.name, 0)
    title = _tr("{0} @ {1}").format(metric, formats.count(step))
    words = _tr("The metric “{0}” at step {1}; where no steps were logged, the value at that place, counted from 0")
    words = words.format(metric, formats.count(step))
    return _of_scalar(field, title, by_default, words, lambda run: run.at_steps.get(field.key))


def _of_scalar(
    field: RunField, title: str, by_default: bool, words: str, value: Callable[[RunSummary], Scalar]
) -> Column:
    def raw(run: RunSummary) -> str:
        found = value(run)
        return "" if found is None else str(found)

    def text(run: RunSummary, _: float) -> str:
        return formats.number4(value(run))

    return Column(field.key, title, _width(title), text, raw, True, by_default, words, number=value)


def _parameter_column(field: RunField, by_default: bool) -> Column:
    def text(run: RunSummary, _: float) -> str:
        found = run.parameters.get(field.name, formats.NOTHING)
        # As it was given, such as 1e-3, as long as that is short.
        return found if len(found) <= _SHORT_NUMBER else formats.number4(typed(found))

    def raw(run: RunSummary) -> str:
        return run.parameters.get(field.name, "")

    def number(run: RunSummary) -> object:
        return typed(run.parameters[field.name]) if field.name in run.parameters else None

    words = _tr("The parameter “{0}”, as it was given or logged").format(field.name)
    return Column(
        field.key,
        field.name,
        _width(field.name),
        text,
        raw,
        field.is_number,
        by_default,
        words,
        number=number if field.is_number else None,
    )


def _use_column(field: RunField, by_default: bool) -> Column:
    title, words, shown = {
        machine_use.CPU: (_tr("CPU"), _tr("Seconds of one core that the run used"), formats.duration),
        machine_use.MEMORY: (_tr("Peak memory"), _tr("The most memory that its processes had at once"), _bytes),
        machine_use.WRITTEN: (_tr("Written"), _tr("What it wrote to disks"), _bytes),
        machine_use.READ: (_tr("Read"), _tr("What it read from disks"), _bytes),
        machine_use.GPU: (_tr("GPUs"), _tr("The most GPUs that were busy at once"), _number),
        machine_use.GPU_MEMORY: (_tr("Peak GPU memory"), _tr("The most GPU memory that it had at once"), _bytes),
    }[field.name]

    def text(run: RunSummary, _: float) -> str:
        return shown(run.use[field.name]) if field.name in run.use else formats.NOTHING

    def raw(run: RunSummary) -> str:
        return f"{run.use[field.name]:g}" if field.name in run.use else ""

    return Column(field.key, title, _width(title), text, raw, True, by_default, words)


def _number(value: float | None) -> str:
    return formats.NOTHING if value is None else f"{value:g}"


def _bytes(value: float | None) -> str:
    return formats.size(None if value is None else int(value))


def _tag_column(field: RunField, by_default: bool) -> Column:
    words = _tr("The tag “{0}”").format(field.name)
    return _of_text(field, by_default, words, lambda run: run.tags.get(field.name, ""))


def _property_column(field: RunField, by_default: bool) -> Column:
    words = _tr("The property “{0}”").format(field.name)
    return _of_text(field, by_default, words, lambda run: run.properties.get(field.name, ""))


def _of_text(field: RunField, by_default: bool, words: str, raw: Callable[[RunSummary], str]) -> Column:
    def text(run: RunSummary, _: float) -> str:
        return raw(run) or formats.NOTHING

    return Column(field.key, field.name, _width(field.name), text, raw, False, by_default, words)


_MAKERS: Final[dict[FieldKind, Callable[[RunField, bool], Column]]] = {
    FieldKind.PARAMETER: _parameter_column,
    FieldKind.METRIC: _metric_column,
    FieldKind.AT_STEP: _step_column,
    FieldKind.USE: _use_column,
    FieldKind.TAG: _tag_column,
    FieldKind.PROPERTY: _property_column,
}


def group_spread(group: RunGroup, column: Column) -> Spread | None:
    """Return mean and deviation of the metric of a column over a group."""
    field = field_of_key(column.key) if column.kind is FieldKind.METRIC else None
    return group.metrics.get(field[1]) if field is not None else None


def group_text(group: RunGroup, column: Column, form: NumberColumn) -> str:
    """Return what the line of a group says in a column: its name and size, and mean ± deviation of a metric."""
    if column.key == NAME:
        mark = "▾" if group.is_open else "▸"
        return f"{mark} {group.name or _tr('without')}  ({formats.count(group.count)})"
    spread = group_spread(group, column)
    if spread is None:
        return ""
    mean = form.text(spread.mean)
    return mean if spread.deviation is None else f"{mean} ± {form.text(spread.deviation)}"


def tooltip(run: RunSummary, column: Column) -> str:
    """Return what the cell cannot show: the exact time, the error, all digits."""
    if column.key == CREATED:
        return formats.exact_time(run.created_at)
    if column.key == STATE:
        return run.error or run.state
    if column.key == NAME:
        return "\n".join((run.display_name, run.id, *([_tr("Child of {0}").format(run.parent)] if run.parent else [])))
    return column.raw(run)
