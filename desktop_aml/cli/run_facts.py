"""Everything about a run as JSON, and its parameters in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_aml.domain.parameters import ParameterSource
from desktop_aml.domain.runs import RunDetail
from desktop_aml.domain.secret_words import masked_arguments

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace


def parameter_fields(detail: RunDetail) -> list[tuple[str, str]]:
    """Return the fields of `run show` for what the code logged; the arguments have a line of their own."""
    return [(f"Parameter {one.name}", one.text) for one in detail.parameters if one.source is ParameterSource.LOGGED]


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
        "data_differences": workspace.runs.data.differences(run_id),
    }
    return {**detail.pop("summary"), **detail, **more}


def _parameter_facts(detail: RunDetail) -> list[dict[str, object]]:
    """Return the parameters with their typed values, for ``--json``."""
    return [{"name": one.name, "value": one.value, "text": one.text, "source": one.source} for one in detail.parameters]
