"""Everything about a run as JSON; its parameters and what was captured in words; the command about its metrics."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from desktop_aml.cli.opened import opened, workspace_option
from desktop_aml.cli.output import duration, json_option, moment, number, show_json, show_table, size
from desktop_aml.domain.parameters import ParameterSource
from desktop_aml.domain.runs import RunDetail
from desktop_aml.domain.secret_words import masked_arguments
from desktop_aml.domain.summaries import machine_use

if TYPE_CHECKING:
    from desktop_aml.domain.captured.facts import CapturedFacts
    from desktop_aml.domain.datasets import DatasetUse
    from desktop_aml.domain.metrics import MetricSource
    from desktop_aml.workspace import Workspace

_SHOWN = 20
_SOURCES = {"captured": "captured", "log": "read from the log"}


def organising_fields(detail: RunDetail) -> list[tuple[str, str]]:
    """Return the fields of `run show` for what people made of a run: its note, its star, where it was put."""
    run = detail.summary
    return [
        ("Note", detail.description),
        ("Part of", run.parent),
        ("Starred", "yes" if run.starred else ""),
        ("Archived", moment(run.archived_at)),
        ("In the trash since", moment(run.deleted_at)),
    ]


def parameter_fields(detail: RunDetail) -> list[tuple[str, str]]:
    """Return the fields of `run show` for what the code logged or set; the arguments have a line of their own."""
    marks = {ParameterSource.LOGGED: "", ParameterSource.CAPTURED: "  (captured)"}
    return [(f"Parameter {one.name}", one.text + marks[one.source]) for one in detail.parameters if one.source in marks]


def dataset_fields(workspace: Workspace, run_id: str) -> list[tuple[str, str]]:
    """Return the fields of `run show` for the datasets that a run used."""
    return [(f"Dataset {use.name}", _dataset_words(use)) for use in workspace.runs.datasets(run_id)]


def _dataset_words(use: DatasetUse) -> str:
    known = use.dataset
    label = "" if known is None else known.label if known.name else known.id
    return f"{label or use.path or '(no longer known)'} ({use.how})"


def property_fields(detail: RunDetail) -> list[tuple[str, str]]:
    """Return the fields of `run show` for properties; those of what the run used of the computer, in words."""
    used = machine_use.of_properties(detail.properties)
    found = [("Processor", f"{duration(used[machine_use.CPU])} of one core")] if machine_use.CPU in used else []
    for title, name in (
        ("Peak memory", machine_use.MEMORY),
        ("Written to disk", machine_use.WRITTEN),
        ("Read from disk", machine_use.READ),
        ("Peak GPU memory", machine_use.GPU_MEMORY),
    ):
        if name in used:
            found.append((title, size(int(used[name]))))
    if machine_use.GPU in used:
        found.append(("GPUs busy at most", f"{used[machine_use.GPU]:g}"))
    return found + [(key, text) for key, text in detail.properties.items() if not key.startswith(machine_use.PROPERTY)]


def facts(workspace: Workspace, run_id: str) -> dict[str, object]:
    """Return everything about a run, for ``--json``."""
    from dataclasses import asdict, replace

    found = workspace.runs.get(run_id)
    shown = replace(found, arguments=masked_arguments(found.arguments), command=masked_arguments(found.command))
    detail = asdict(shown)
    metrics = workspace.runs.metrics(run_id)
    more = {
        "parameters": _parameter_facts(found),
        "workspace": {"name": workspace.name, "path": str(workspace.path)},
        "metrics": metrics.as_azure(),
        "metric_sources": metrics.sources(),
        "captured": workspace.runs.captured(run_id),
        "datasets": workspace.runs.datasets(run_id),
        "files_read": workspace.runs.data.list(run_id),
        "files_read_more": workspace.runs.data.has_more(run_id),
        "machine_use": machine_use.of_properties(found.properties),
        "data_differences": workspace.runs.data.differences(run_id),
    }
    return {**detail.pop("summary"), **detail, **more}


def _parameter_facts(detail: RunDetail) -> list[dict[str, object]]:
    """Return the parameters with their typed values, for ``--json``."""
    return [{"name": one.name, "value": one.value, "text": one.text, "source": one.source} for one in detail.parameters]


@click.command()
@click.argument("run_id", metavar="RUN")
@workspace_option
@json_option
def metrics(run_id: str, workspace_path: Path | None, *, as_json: bool) -> None:
    """Show what a run logged, and what was captured of it or read from its log.

    Example: desktop-aml run metrics latest --json
    """
    with opened(workspace_path) as workspace:
        found = workspace.runs.metrics(run_id)
    if as_json:
        show_json(found.as_azure())
        return
    rows: list[tuple[object, ...]] = [
        (curve.name, len(curve.points), number(curve.points[-1].value), source_words(curve.source))
        for curve in found.curves
        if curve.points
    ]
    rows += [(record.name, record.kind, "", source_words(record.source)) for record in found.records]
    if not found.sources():
        rows = [row[:3] for row in rows]
    show_table(rows, ("metric", "points", "last", "source")[: len(rows[0]) if rows else 3], "The run logged nothing.")


def source_words(source: MetricSource) -> str:
    """Return where a metric comes from, in words; empty for what the script logged itself."""
    return _SOURCES.get(source, "")


def captured_fields(facts: CapturedFacts) -> list[tuple[str, object]]:
    """Return the fields of `run show` for what was captured beside metrics and parameters."""
    fitted = [
        (f"Fitted {one.name}", f"line {one.line}{': ' if one.changed else ''}{one.words()}") for one in facts.estimators
    ]
    more = len(fitted) - _SHOWN + facts.more_estimators if len(fitted) > _SHOWN else facts.more_estimators
    fields: list[tuple[str, object]] = [*fitted[:_SHOWN]]
    if more:
        fields.append(("Fitted", f"and {more} more"))
    fields += [(f"Warning {one.category}", f"{one.count}: {_first_line(one.first)}") for one in facts.warnings]
    if facts.model:
        fields.append(("Model offered", facts.model))
    return fields


def _first_line(words: str) -> str:
    return words.partition("\n")[0]
