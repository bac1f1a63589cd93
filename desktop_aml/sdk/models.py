"""Calls about registered models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.errors import NotFound
from desktop_aml.domain.registry import ModelVersion
from desktop_aml.sdk.body import CallBody

if TYPE_CHECKING:
    from desktop_aml.workspace.workspace import Workspace


def register(workspace: Workspace, body: CallBody) -> object:
    """Register the next version of a model: from a run's artifacts, or from a file or folder of this computer."""
    model = workspace.models.register(
        body.text("name"),
        run_id=body.text("run_id", ""),
        path=body.text("path", ""),
        file=body.text("file", ""),
        framework=body.text("framework", ""),
        framework_version=body.text("framework_version", ""),
        description=body.text("description", ""),
        tags=body.labels("tags"),
        properties=body.labels("properties"),
        cpu=body.number("cpu"),
        memory_in_gb=body.number("memory_in_gb"),
        environment=body.text("environment", ""),
    )
    return describe(workspace, model)


def get(workspace: Workspace, body: CallBody) -> object:
    """Return one version of a model; 0 is the newest."""
    return describe(workspace, workspace.models.get(body.text("name"), body.whole("version", 0)))


def list_all(workspace: Workspace, body: CallBody) -> object:
    """Return every version of the models (of one, with a name; only the newest ones, with `latest`), newest first."""
    name = body.text("name", "")
    names = [name] if name else [model.name for model in workspace.models.list()]
    versions = [model for each in names for model in workspace.models.versions(each)]
    if body.flag("latest"):
        newest = {model.name: model.version for model in reversed(versions)}
        versions = [model for model in versions if newest[model.name] == model.version]
    versions.sort(key=lambda model: (model.created_at, model.version), reverse=True)
    return [describe(workspace, model) for model in versions]


def update(workspace: Workspace, body: CallBody) -> object:
    """Change what is written about one version of a model."""
    model = workspace.models.update(
        body.text("name"),
        body.whole("version"),
        description=body.text("description", "") if body.has("description") else None,
        tags=body.labels("tags"),
        remove_tags=body.texts("remove_tags"),
        properties=body.labels("properties"),
    )
    return describe(workspace, model)


def delete(workspace: Workspace, body: CallBody) -> object:
    """Remove one version of a model."""
    workspace.models.delete(body.text("name"), body.whole("version"), forever=True)
    return None


def download(workspace: Workspace, body: CallBody) -> object:
    """Copy the verified files of a model into a folder and return their paths."""
    copied = workspace.models.download(body.text("name"), body.whole("version"), Path(body.text("to")))
    return [str(path) for path in copied]


def describe(workspace: Workspace, model: ModelVersion) -> dict[str, object]:
    """Return one version of a model."""
    return {
        "name": model.name,
        "version": model.version,
        "created_at": model.created_at,
        "run_id": model.run_id,
        "experiment": _experiment(workspace, model.run_id),
        "path": model.path,
        "framework": model.framework,
        "framework_version": model.framework_version,
        "description": model.description,
        "tags": model.tags,
        "properties": model.properties,
        "cpu": model.resources.cpu,
        "memory_in_gb": model.resources.memory_in_gb,
        "files": [file.path for file in model.files],
        "size_bytes": model.size_bytes,
        "environment": model.environment,
    }


def _experiment(workspace: Workspace, run_id: str) -> str:
    if not run_id:
        return ""
    try:
        return workspace.runs.get(run_id).summary.experiment
    except NotFound:  # the run was deleted; its model stays
        return ""


METHODS: Final = MappingProxyType[str, Callable[["Workspace", CallBody], object]](
    {
        "models.register": register,
        "models.get": get,
        "models.list": list_all,
        "models.update": update,
        "models.delete": delete,
        "models.download": download,
    }
)
