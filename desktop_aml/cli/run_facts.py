"""Everything about a run as JSON, and its parameters in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_aml.cli.output import duration, size
from desktop_aml.domain.parameters import ParameterSource
from desktop_aml.domain.runs import RunDetail
from desktop_aml.domain.secret_words import masked_arguments
from desktop_aml.domain.summaries import machine_use

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace


def parameter_fields(detail: RunDetail) -> list[tuple[str, str]]:
    """Return the fields of `run show` for what the code logged; the arguments have a line of their own."""
    return [(f"Parameter {one.name}", one.text) for one in detail.parameters if one.source is ParameterSource.LOGGED]


def property_fields(detail: RunDetail) -> list[tuple[str, str]]:
    """Return the fields of `run show` for properties; those of what the run used of the computer, in words."""
    used = machine_use.of_properties(detail.properties)
    found = [("Processor", f"{duration(used[machine_use.CPU])} of one core")] if machine_use.CPU in used else []
    for title, name in (
        ("Peak memory", machine_use.MEMORY),
        ("Written to disk", machine_use.WRITTEN),
        ("Read from disk", machine_use.READ),
    ):
        if name in used:
            found.append((title, size(int(used[name]))))
    return found + [(key, text) for key, text in detail.properties.items() if not key.startswith(machine_use.PROPERTY)]


def facts(workspace: Workspace, run_id: str) -> dict[str, object]:
    """Return everything about a run, for ``--json``."""
    from dataclasses import asdict, replace

    found = workspace.runs.get(run_id)
    shown = replace(found, arguments=masked_arguments(found.arguments), command=masked_arguments(found.command))
    detail = asdict(shown)
    more = {
        "parameters": _parameter_facts(found),
        "workspace": {"name": workspace.name, "path": str(workspace.path)},
        "metrics": workspace.runs.metrics(run_id).as_azure(),
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
