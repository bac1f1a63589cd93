"""Calls about compute targets, which are names for places on this computer."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import msgspec

from desktop_aml.domain.errors import Conflict
from desktop_aml.domain.targets import DASK
from desktop_aml.sdk.body import CallBody
from desktop_aml.workspace.computes import ComputeRecord

if TYPE_CHECKING:
    from desktop_aml.workspace.workspace import Workspace

_CLUSTER_OF_AZURE: Final = "AmlCompute"
"""What Azure ML code calls a cluster."""


def create(workspace: Workspace, body: CallBody) -> object:
    """Keep a new compute target."""
    name = body.text("name")
    known = workspace.computes.list().get(name)
    if known is not None and known.kind == DASK and body.text("kind") == _CLUSTER_OF_AZURE:
        # The user has given the name to a cluster: its numbers are theirs to choose.
        return _describe(name, known)
    if known is not None and known.kind != body.text("kind"):
        raise Conflict(f"There is a compute target “{name}” already, of type {known.kind}.", "Choose another name.")
    record = ComputeRecord(
        kind=body.text("kind"),
        created_at=known.created_at if known else time.time(),
        vm_size=body.text("vm_size", ""),
        min_nodes=body.whole("min_nodes", 0),
        max_nodes=max(1, body.whole("max_nodes", 1)),
        idle_seconds=body.whole("idle_seconds", 1800),
        runs_on=known.runs_on if known else "local",
        tags=body.labels("tags"),
    )
    workspace.computes.put(name, record)
    return _describe(name, record)


def get(workspace: Workspace, body: CallBody) -> object:
    """Return one compute target."""
    name = body.text("name")
    return {**_describe(name, workspace.computes.get(name)), **_nodes(workspace, name)}


def list_all(workspace: Workspace, _: CallBody) -> object:
    """Return every compute target."""
    return [_describe(name, record) for name, record in workspace.computes.list().items()]


def update(workspace: Workspace, body: CallBody) -> object:
    """Change how many runs a compute target was made for."""
    name = body.text("name")
    known = workspace.computes.get(name)
    changed = msgspec.structs.replace(
        known,
        min_nodes=body.whole("min_nodes", known.min_nodes),
        max_nodes=max(1, body.whole("max_nodes", known.max_nodes)),
        idle_seconds=body.whole("idle_seconds", known.idle_seconds),
    )
    workspace.computes.put(name, changed)
    return _describe(name, changed)


def delete(workspace: Workspace, body: CallBody) -> object:
    """Forget a compute target."""
    workspace.computes.delete(body.text("name"))
    return None


def _nodes(workspace: Workspace, name: str) -> dict[str, object]:
    """Return what there is of the cluster behind a compute target; nothing where that is none."""
    cluster = workspace.computes.behind(name)
    if not cluster:
        return {}
    state = workspace.computes.state(cluster)
    return {
        "nodes": {
            "current": state.nodes,
            "target": state.nodes + state.starting,
            "preparing": state.starting,
            "running": min(state.busy, state.nodes),
            "idle": max(0, state.nodes - state.busy),
            "fault": state.fault,
        }
    }


def _describe(name: str, record: ComputeRecord) -> dict[str, object]:
    kind = _CLUSTER_OF_AZURE if record.kind == DASK else record.kind
    return {"name": name, **msgspec.to_builtins(record), "kind": kind}


METHODS: Final = MappingProxyType[str, Callable[["Workspace", CallBody], object]](
    {
        "computes.create": create,
        "computes.get": get,
        "computes.list": list_all,
        "computes.update": update,
        "computes.delete": delete,
    }
)
