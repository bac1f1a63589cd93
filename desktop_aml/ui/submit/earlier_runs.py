"""What earlier runs of a script tell the form: what it was last given, and what it logs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject

from desktop_aml.domain.runs import SWEEP, RunQuery
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_LOOK_BACK: Final = 20
"""How many runs of a script's name are looked at."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is known of earlier runs.

    Parameters
    ----------
    arguments : tuple of str or None
        Those of the newest run; None when there is none.
    metrics : tuple of str
        Names of the numbers that runs logged, those of the newest first.
    """

    arguments: tuple[str, ...] | None = None
    metrics: tuple[str, ...] = ()


def list_metrics(
    owner: QObject,
    workspace: Workspace,
    bridge: Bridge,
    show: Callable[[tuple[str, ...]], object],
    script: Path | None,
    source: Path | None,
) -> None:
    """Read which numbers the runs of a script in its folder logged, those of the newest first, and show their names."""
    if script is not None and source is not None:
        name = script.relative_to(source).as_posix()
        call_for(owner, bridge, lambda: look_back(workspace, name, source).metrics, show)


def look_back(workspace: Workspace, script: str, source: Path) -> Earlier:
    """Return what is known of earlier runs of `script`, a path relative to its folder `source`."""
    arguments: tuple[str, ...] | None = None
    metrics: dict[str, None] = {}
    for summary in workspace.runs.list(RunQuery(text=script), limit=_LOOK_BACK):
        detail = workspace.runs.get(summary.id)
        if (detail.summary.script, detail.source_directory) != (script, str(source)):
            continue
        metrics.update((name, None) for name, value in summary.summary if not isinstance(value, str))
        if arguments is None and summary.target != SWEEP:
            arguments = detail.arguments
    return Earlier(arguments, tuple(metrics))
