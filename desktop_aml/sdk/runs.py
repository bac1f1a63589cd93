"""Calls about runs: what they are, what they logged and left, and what can be done with them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.errors import NotFound
from desktop_aml.domain.runs import EXTERNAL, LOCAL, SWEEP, RunDetail, RunQuery, RunState, RunSummary
from desktop_aml.inside_run.site.desktop_aml_run import metric_shapes
from desktop_aml.sdk.body import CallBody
from desktop_aml.system.files import read_regular

if TYPE_CHECKING:
    from desktop_aml.workspace.workspace import Workspace

SCRIPT_RUN: Final = "azureml.scriptrun"
HYPERDRIVE: Final = "hyperdrive"
_LOG_CHUNK_BYTES: Final = 1 << 20


def get(workspace: Workspace, body: CallBody) -> object:
    """Return everything about one run."""
    return _describe(workspace, workspace.runs.get(_exact(workspace, body.text("run_id"))))


def state(workspace: Workspace, body: CallBody) -> object:
    """Return the state of a run; the call that is made again and again while somebody waits."""
    return str(workspace.runs.state(body.text("run_id")))


def list_page(workspace: Workspace, body: CallBody) -> object:
    """Return a page of runs, newest first: of an experiment, or the children of a run."""
    parent = body.text("parent", "")
    if not parent and not body.flag("include_children"):
        parent_wanted: str | None = ""
    else:
        parent_wanted = parent or None
    query = RunQuery(experiment=body.text("experiment", "") or None, parent=parent_wanted)
    found = workspace.runs.list(query, offset=body.whole("offset", 0), limit=body.whole("limit", 50))
    return [_describe(workspace, workspace.runs.get(summary.id)) for summary in found]


def metrics(workspace: Workspace, body: CallBody) -> object:
    """Return what a run logged in Azure ML's shapes; with `recursive`, by run, its descendants too."""
    run_id = _exact(workspace, body.text("run_id"))
    name, populate = body.text("name", ""), body.flag("populate")
    if not body.flag("recursive"):
        return _metrics(workspace, run_id, name, populate=populate)
    wanted_type = body.text("run_type", "")
    found = {}
    for summary in (workspace.runs.get(run_id).summary, *_descendants(workspace, run_id)):
        if not wanted_type or run_type(summary) == wanted_type:
            logged = _metrics(workspace, summary.id, name, populate=populate)
            if logged:
                found[summary.id] = logged
    return found


def _metrics(workspace: Workspace, run_id: str, name: str, *, populate: bool) -> dict[str, object]:
    logged = workspace.runs.metrics(run_id).logged()

    def artifact(kind: str, path: str) -> object:
        if populate and kind != "image":
            return json.loads(read_regular(workspace.runs.files.path(run_id, path)))
        return metric_shapes.artifact_uri(run_id, path)

    entries = logged.in_logging_order()
    return metric_shapes.shaped([entry for entry in entries if not name or entry[0] == name], artifact)


def files(workspace: Workspace, body: CallBody) -> object:
    """Return the paths of a run's files."""
    return [artifact.path for artifact in workspace.runs.files.list(_exact(workspace, body.text("run_id")))]


def download(workspace: Workspace, body: CallBody) -> object:
    """Copy files of a run (`paths`) to the absolute paths `targets`, one each."""
    run_id = _exact(workspace, body.text("run_id"))
    for path, target in zip(body.texts("paths"), body.texts("targets"), strict=True):
        workspace.runs.files.copy(run_id, path, Path(target))
    return None


def read_log(workspace: Workspace, body: CallBody) -> object:
    """Return the part of a run's log (`path`) from `offset` on, as base64, and where the next part begins."""
    run_id = _exact(workspace, body.text("run_id"))
    chunk = workspace.runs.files.read(run_id, body.text("path"), body.whole("offset", 0), _LOG_CHUNK_BYTES)
    return {"data": base64.b64encode(chunk.data).decode(), "next": chunk.next_offset}


def update(workspace: Workspace, body: CallBody) -> object:
    """Rename and describe a run, set and remove tags, add properties."""
    workspace.runs.update(
        _exact(workspace, body.text("run_id")),
        body.text("display_name") if body.has("display_name") else None,
        body.labels("tags"),
        body.texts("remove_tags"),
        description=body.text("description") if body.has("description") else None,
        properties=body.labels("properties"),
    )
    return None


def cancel(workspace: Workspace, body: CallBody) -> object:
    """Ask for the end of a run."""
    workspace.runs.cancel(_exact(workspace, body.text("run_id")))
    return None


def fail(workspace: Workspace, body: CallBody) -> object:
    """Ask for the end of a run, as one that failed."""
    workspace.runs.fail(_exact(workspace, body.text("run_id")), body.text("message", ""))
    return None


def start(workspace: Workspace, body: CallBody) -> object:
    """Queue a run that the caller records, and return its folder."""
    directory = body.text("snapshot_directory", "")
    folder = workspace.runs.external.start(
        run_id=body.text("run_id"),
        experiment=body.text("experiment"),
        snapshot_directory=Path(directory) if directory else None,
        display_name=body.text("display_name", ""),
        parent=body.text("parent", ""),
        properties=body.labels("properties"),
    )
    return str(folder)


def take_in(workspace: Workspace, body: CallBody) -> object:
    """Store what the caller wrote into the folder of a run that has ended."""
    workspace.runs.external.take_in(_exact(workspace, body.text("run_id")))
    return None


def restore_snapshot(workspace: Workspace, body: CallBody) -> object:
    """Write the code of a run as a zip file to the absolute path `to`."""
    workspace.runs.code.zip(_exact(workspace, body.text("run_id")), Path(body.text("to")))
    return None


def take_snapshot(workspace: Workspace, body: CallBody) -> object:
    """Keep a file or folder as the code of a run that has none yet, and return the snapshot's identifier."""
    return workspace.runs.code.take(_exact(workspace, body.text("run_id")), Path(body.text("path")))


def _exact(workspace: Workspace, run_id: str) -> str:
    """Return the id of a run; unlike on the command line, the beginning of one is not enough."""
    found = workspace.runs.find(run_id)
    if found != run_id:
        raise NotFound(f"There is no run “{run_id}” in this workspace.", "List them with: desktop-aml run list")
    return found


def _descendants(workspace: Workspace, run_id: str) -> Iterator[RunSummary]:
    for child in workspace.runs.children(run_id):
        yield child
        yield from _descendants(workspace, child.id)


def run_type(summary: RunSummary) -> str | None:
    """Return what Azure ML calls this kind of run; interactive ones have no type."""
    return None if summary.target == EXTERNAL else HYPERDRIVE if summary.target == SWEEP else SCRIPT_RUN


def _describe(workspace: Workspace, detail: RunDetail) -> dict[str, object]:
    run = detail.summary
    return {
        "id": run.id,
        "number": run.number,
        "experiment": run.experiment,
        "display_name": run.display_name,
        "description": detail.description,
        "status": str(run.state),
        "type": run_type(run),
        "target": LOCAL if run.target == SWEEP else run.target,
        "parent": run.parent,
        "script": run.script,
        "arguments": list(detail.arguments),
        "environment": run.environment,
        "environment_version": detail.environment_version,
        "python_version": detail.python_version,
        "timeout_s": detail.timeout_s,
        "container": workspace.runs.code.container_options(run.id),
        "created_at": run.created_at,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "error": _error(workspace, detail) if run.state is RunState.FAILED else None,
        "tags": detail.tags,
        "properties": detail.properties,
        "directory": detail.run_directory,
        "state_note": detail.history[-1].note if detail.history else "",
    }


def _error(workspace: Workspace, detail: RunDetail) -> dict[str, object]:
    reported = workspace.runs.reported_failure(detail.summary.id)
    return {
        "code": reported.code if reported else "UserError",
        "message": detail.summary.error,
        "hint": detail.hint,
        "type": reported.error_type if reported else "",
        "trace": detail.error_details,
    }


METHODS: Final = MappingProxyType[str, Callable[["Workspace", CallBody], object]](
    {
        "runs.get": get,
        "runs.state": state,
        "runs.list": list_page,
        "runs.metrics": metrics,
        "runs.files": files,
        "runs.download": download,
        "runs.read_log": read_log,
        "runs.update": update,
        "runs.cancel": cancel,
        "runs.fail": fail,
        "runs.start": start,
        "runs.take_in": take_in,
        "runs.restore_snapshot": restore_snapshot,
        "runs.take_snapshot": take_snapshot,
    }
)
