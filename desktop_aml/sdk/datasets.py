"""Calls about datasets and datastores."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.datasets import DatasetVersion
from desktop_aml.sdk.body import CallBody
from desktop_aml.workspace.datasets import DEFAULT_DATASTORE

if TYPE_CHECKING:
    from desktop_aml.workspace.workspace import Workspace


def describe(dataset: DatasetVersion) -> dict[str, object]:
    """Return a dataset as JSON values."""
    return {**asdict(dataset), "definition": json.loads(dataset.definition)}


def register(workspace: Workspace, body: CallBody) -> object:
    """Remember a dataset, with or without a name."""
    return describe(
        workspace.datasets.register(
            body.text("kind"),
            body.text("definition"),
            body.texts("files"),
            name=body.text("name", ""),
            description=body.text("description", ""),
            tags=body.labels("tags"),
            create_new_version=body.flag("create_new_version"),
        )
    )


def update(workspace: Workspace, body: CallBody) -> object:
    """Change description and tags of a version; what is absent stays."""
    return describe(
        workspace.datasets.update(
            body.text("name"),
            body.whole("version"),
            description=body.text("description") if body.has("description") else None,
            tags=body.labels("tags") if body.has("tags") else None,
        )
    )


def changed(workspace: Workspace, body: CallBody) -> object:
    """Return the paths whose bytes are no longer those of the dataset's version."""
    return [file.path for file in workspace.datasets.changed_files(workspace.datasets.get_by_id(body.text("id")))]


def of_run(workspace: Workspace, body: CallBody) -> object:
    """Return the datasets of a run, see `DatasetUse`."""
    return [
        {**asdict(use), "dataset": use.dataset and describe(use.dataset)}
        for use in workspace.runs.datasets(body.text("run_id"))
    ]


def datastore(workspace: Workspace, body: CallBody) -> object:
    """Return where a datastore's files lie."""
    name = body.text("name", DEFAULT_DATASTORE)
    return {"name": name, "path": str(workspace.datasets.datastore(name, make=body.flag("make")))}


METHODS: Final = MappingProxyType[str, Callable[["Workspace", CallBody], object]](
    {
        "datasets.register": register,
        "datasets.get": lambda workspace, body: describe(
            workspace.datasets.get(body.text("name"), body.whole("version", 0))
        ),
        "datasets.get_by_id": lambda workspace, body: describe(workspace.datasets.get_by_id(body.text("id"))),
        "datasets.list": lambda workspace, _: [describe(one) for one in workspace.datasets.list()],
        "datasets.versions": lambda workspace, body: [
            describe(one) for one in workspace.datasets.versions(body.text("name"))
        ],
        "datasets.update": update,
        "datasets.unregister": lambda workspace, body: workspace.datasets.unregister(body.text("name")),
        "datasets.changed": changed,
        "datasets.of_run": of_run,
        "datastores.list": lambda workspace, _: list(workspace.datasets.datastores()),
        "datastores.get": datastore,
    }
)
