"""Calls about environments: registered, curated, built; and YAML read for interpreters that have no reader."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.environments import BuildState, EnvironmentKind, EnvironmentVersion
from desktop_aml.sdk.body import CallBody
from desktop_aml.workspace.environment.yaml_text import yaml_values

if TYPE_CHECKING:
    from desktop_aml.workspace.workspace import Workspace


def register(workspace: Workspace, body: CallBody) -> object:
    """Save a specification as the next version; the newest version's own text makes none."""
    kind = EnvironmentKind(body.text("kind", EnvironmentKind.CONDA))
    saved = workspace.environments.register(
        body.text("name"), body.text("text"), kind, description=body.text("description", "")
    )
    return _describe(workspace, saved)


def get(workspace: Workspace, body: CallBody) -> object:
    """Return one version; 0 is the newest."""
    return _describe(workspace, workspace.environments.get(body.text("name"), body.whole("version", 0)))


def list_all(workspace: Workspace, _: CallBody) -> object:
    """Return the newest version of each environment, curated ones included."""
    return [
        _describe(workspace, workspace.environments.get(one.name, one.version)) for one in workspace.environments.list()
    ]


def build(workspace: Workspace, body: CallBody) -> object:
    """Begin to build a version; one that is ready stays so."""
    name, version = body.text("name"), body.whole("version", 0)
    now = workspace.environments.summary(name, version)
    if now.state not in {BuildState.BUILDING, BuildState.READY}:
        now = workspace.environments.build(name, version)
    return str(now.state)


def build_state(workspace: Workspace, body: CallBody) -> object:
    """Return how the build of a version stands, and a part of its log."""
    name, version = body.text("name"), body.whole("version", 0)
    log = workspace.environments.build_log(name, version)
    return {"state": str(workspace.environments.summary(name, version).state), "log": log[body.whole("offset", 0) :]}


def _describe(workspace: Workspace, version: EnvironmentVersion) -> dict[str, object]:
    return {
        "name": version.name,
        "version": version.version,
        "kind": str(version.kind),
        "text": version.text,
        "description": version.description,
        "curated": workspace.environments.summary(version.name, version.version).curated,
        "tree": yaml_values(version.text) if version.kind is EnvironmentKind.CONDA else None,
    }


def read_yaml(body: CallBody) -> object:
    """Return a YAML text as JSON values."""
    return yaml_values(body.text("text"))


METHODS: Final = MappingProxyType[str, Callable[["Workspace", CallBody], object]](
    {
        "environments.register": register,
        "environments.get": get,
        "environments.list": list_all,
        "environments.build": build,
        "environments.build_state": build_state,
        "yaml.read": lambda _, body: read_yaml(body),
    }
)
