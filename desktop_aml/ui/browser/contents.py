"""What the workspace browser lists: read off the GUI thread, as plain entries of a tree. No widgets."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication

from desktop_aml.domain.environments import EnvironmentSummary
from desktop_aml.domain.registry import Endpoint
from desktop_aml.domain.runs import RunQuery, RunSummary
from desktop_aml.ui.look import formats
from desktop_aml.ui.look.icons import state_icon_name
from desktop_aml.ui.look.tokens import STATE_ROLES
from desktop_aml.ui.widgets.widgets import state_word

if TYPE_CHECKING:
    from desktop_aml.workspace import ExperimentSummary, Workspace

LATEST_RUNS: Final = 5
"""How many runs an opened experiment shows."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the tree.

    Parameters
    ----------
    kind, key : str
        Destination of the line: see `bridge.Destination`. A kind of ``"group"`` or ``"hint"`` is none.
    note : str
        Short text at the right end.
    role : str
        Colour of icon and note.
    value : object
        The value that the line stands for.
    """

    kind: str
    key: str
    text: str
    icon: str = ""
    note: str = ""
    role: str = "secondary"
    tip: str = ""
    value: object = None
    children: tuple[Entry, ...] = ()
    may_open: bool = False
    """Whether it has children that are read when it is opened."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("WorkspaceBrowser", text)


def read_contents(workspace: Workspace, opened: Collection[str]) -> tuple[Entry, ...]:
    """Return the six groups. Runs are listed only of the experiments that are `opened`."""
    # What was worked on last comes first; those without a run follow by name.
    summaries = sorted(workspace.experiments.list(), key=lambda one: -(one.last_run_at or 0.0))
    experiments = [_experiment(workspace, summary, opened) for summary in summaries]
    environments = [_environment(summary) for summary in workspace.environments.list() if summary.in_use]
    models = [
        Entry("model", m.name, m.name, "model", _tr("v{0}").format(m.version), tip=m.description or m.label, value=m)
        for m in workspace.models.list()
    ]
    endpoints = [_endpoint(endpoint) for endpoint in workspace.endpoints.list()]
    datasets = [
        Entry("dataset", one.name, one.name, "table", _tr("v{0}").format(one.version), tip=one.description, value=one)
        for one in workspace.datasets.list()
    ]
    computes = [
        Entry("compute", name, name, "computer", record.kind, tip=record.address or record.runs_on, value=record)
        for name, record in workspace.computes.list().items()
    ]
    return (
        _group("experiments", _tr("Experiments"), experiments, _tr("Run a script to begin")),
        _group("environments", _tr("Environments"), environments, _tr("None; this Python is used")),
        _group("models", _tr("Models"), models, _tr("Register one from a run")),
        _group("datasets", _tr("Datasets"), datasets, _tr("Drop a data file to get one")),
        _group("endpoints", _tr("Endpoints"), endpoints, _tr("Deploy a model to get one")),
        _group("computes", _tr("Computes"), computes, _tr("Add one for runs to go to")),
    )


def _group(key: str, text: str, children: list[Entry], hint: str) -> Entry:
    shown = children or [Entry("hint", f"no-{key}", hint)]
    note = formats.count(len(children)) if children else ""
    return Entry("group", key, text, note=note, children=tuple(shown))


def _experiment(workspace: Workspace, summary: ExperimentSummary, opened: Collection[str]) -> Entry:
    runs: tuple[RunSummary, ...] = ()
    if summary.name in opened:
        runs = workspace.runs.list(RunQuery(experiment=summary.name), limit=LATEST_RUNS)
    return Entry(
        "runs",
        summary.name,
        summary.name,
        "experiment",
        formats.count(summary.run_count),
        tip=_tr("{0}: last run {1}").format(summary.name, formats.relative_time(summary.last_run_at)),
        value=summary,
        children=tuple(_run(run) for run in runs),
        may_open=summary.run_count > 0,
    )


def _run(run: RunSummary) -> Entry:
    icon, role = state_icon_name(run.state), STATE_ROLES.get(run.state, "secondary")
    tip = "\n".join(part for part in (f"{run.display_name}: {state_word(run.state)}", run.id, run.error) if part)
    return Entry("run", run.id, run.display_name, icon, state_word(run.state), role, tip, run)


def _environment(summary: EnvironmentSummary) -> Entry:
    role = STATE_ROLES.get(summary.state, "secondary")
    tip = f"{summary.name}:{summary.version} Python {summary.python_version}".strip()
    return Entry(
        "environment", summary.name, summary.name, "environment", state_word(summary.state), role, tip, summary
    )


def _endpoint(endpoint: Endpoint) -> Entry:
    icon, role = state_icon_name(endpoint.state), STATE_ROLES.get(endpoint.state, "secondary")
    tip = endpoint.error or endpoint.scoring_uri or endpoint.name
    return Entry("endpoint", endpoint.name, endpoint.name, icon, state_word(endpoint.state), role, tip, endpoint)
