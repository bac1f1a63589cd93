"""What is said of a compute. No widgets."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop_aml.domain.targets import DASK, ClusterState
from desktop_aml.ui.look.labels import target_text
from desktop_aml.workspace.computes import ComputeRecord


def _tr(text: str) -> str:
    return QCoreApplication.translate("Computes", text)


def place_words(record: ComputeRecord) -> str:
    """Return where the runs of a compute execute."""
    if record.kind != DASK:
        return target_text(record.runs_on)
    return record.address or ", ".join(record.hosts) or record.batch.in_words() or _tr("Workers of this computer")


def node_words(record: ComputeRecord) -> str:
    """Return how many nodes it may have; nothing for a scheduler that others scale."""
    if record.address:
        return ""
    if record.hosts:
        return _tr("{0}, one worker on each").format(len(record.hosts))
    return _tr("{0} to {1}").format(record.min_nodes, record.max_nodes)


def machine_words(state: ClusterState) -> str:
    """Return how the machines of a cluster stand, each on a line; nothing where it has none."""
    return "\n".join(f"{one.host}: {one.words}" for one in state.machines)


def state_words(state: ClusterState, *, is_own: bool = True) -> str:
    """Return how a cluster stands; `is_own` for one that a run starts, not one that others keep."""
    if state.fault:
        return state.fault
    if not state.is_up:
        return _tr("Not started; a run starts it") if is_own else _tr("Not connected; a run that goes there calls it")
    nodes = _tr("1 node, {1} busy") if state.nodes == 1 else _tr("{0} nodes, {1} busy")
    words = [nodes.format(state.nodes, min(state.busy, state.nodes))]
    if state.starting:
        words.append(_tr("{0} starting").format(state.starting))
    if state.waiting:
        words.append(_tr("1 run waits") if state.waiting == 1 else _tr("{0} runs wait").format(state.waiting))
    return ", ".join(words)
