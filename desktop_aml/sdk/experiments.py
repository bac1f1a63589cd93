"""Calls about experiments, and the submission of runs."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import msgspec

from desktop_aml.domain.environments import THIS_PYTHON
from desktop_aml.run_folder.properties import TARGET_NOTE
from desktop_aml.sdk.body import CallBody
from desktop_aml.sdk.sweeps import spec_of
from desktop_aml.workspace.computes import COMPUTE_TARGET

if TYPE_CHECKING:
    from desktop_aml.workspace.workspace import Workspace


def get(workspace: Workspace, body: CallBody) -> object:
    """Return one experiment, which exists from now on."""
    return _describe(workspace, body.text("name"))


def list_all(workspace: Workspace, _: CallBody) -> object:
    """Return every experiment."""
    return [_describe(workspace, name) for name in workspace.experiments.names()]


def update(workspace: Workspace, body: CallBody) -> object:
    """Add, change and remove tags; archive and take back."""
    name = body.text("name")
    record = workspace.experiments.get(name)
    removed = body.texts("remove_tags")
    tags = {key: value for key, value in record.tags.items() if key not in removed} | body.labels("tags")
    archived_at = body.number("archived_at") if "archived_at" in body.values else record.archived_at
    workspace.experiments.put(name, msgspec.structs.replace(record, tags=tags, archived_at=archived_at))
    return _describe(workspace, name)


def delete(workspace: Workspace, body: CallBody) -> object:
    """Forget an experiment without runs, by its identifier."""
    wanted = body.text("id")
    names = [name for name in workspace.experiments.names() if wanted in {name, workspace.experiments.id_of(name)}]
    for name in names or [wanted]:
        workspace.experiments.forget(name)
    return None


def submit(workspace: Workspace, body: CallBody) -> object:
    """Queue a run of a script and return its id, with what the user should know of where it executes."""
    environment = body.text("environment", THIS_PYTHON)
    place = workspace.computes.place_of(
        body.text("compute", ""), in_container=body.flag("use_docker"), environment=environment
    )
    properties = body.labels("properties")
    compute = body.text("compute", "")
    if compute:
        properties[COMPUTE_TARGET] = compute
    if place.note:
        properties[TARGET_NOTE] = place.note
    warnings: list[str] = []
    run_id = workspace.runs.submit(
        body.text("script"),
        source_directory=body.text("source_directory"),
        experiment=body.text("experiment"),
        environment=environment,
        target=body.text("target", "") or place.target,
        arguments=body.texts("arguments"),
        display_name=body.text("display_name", ""),
        tags=body.labels("tags"),
        env_vars=body.labels("env_vars"),
        submitters=body.labels("submitters") or None,
        properties=properties,
        timeout_s=body.number("timeout_s"),
        parent=body.text("parent", ""),
        warn=warnings.append,
        any_number=body.flag("any_number_of_files"),
        sweep=spec_of(body) if body.has("sweep") else None,
        sweep_properties=body.labels("sweep_properties"),
        run_id=body.text("run_id", ""),
    )
    return {"id": run_id, "notes": [*filter(None, (place.note,)), *warnings]}


def _describe(workspace: Workspace, name: str) -> dict[str, object]:
    record = workspace.experiments.get(name)
    return {
        "name": name,
        "id": workspace.experiments.id_of(name),
        "tags": record.tags,
        "created_at": record.created_at,
        "archived_at": record.archived_at,
    }


METHODS: Final = MappingProxyType[str, Callable[["Workspace", CallBody], object]](
    {
        "experiments.get": get,
        "experiments.list": list_all,
        "experiments.update": update,
        "experiments.delete": delete,
        "runs.submit": submit,
    }
)
