"""Run a run's own code again; when its data has changed since, or secrets would be missing, ask first and say what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.files_read import FileRead, change_in_words
from desktop_aml.ui.look import formats
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.confirm import confirm

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Answers:
    """What is done with the id of the new run, with an error, and when the question is answered with no."""

    done: Callable[[str], object]
    failed: Callable[[DesktopAMLError], object] | None = None
    kept: Callable[[], object] | None = None


def run_again(
    parent: QWidget,
    workspace: Workspace,
    bridge: Bridge,
    run_id: str,
    act: Callable[[], str] | None = None,
    answers: Answers | None = None,
) -> None:
    """Run a run again and go to the new one.

    Parameters
    ----------
    run_id : str
        The run to repeat; empty where `act` repeats none, so that nothing is asked.
    act : callable, optional
        What queues the new run and returns its id; without one it gets all that the old run had.
    """
    queue = act or (lambda: workspace.runs.rerun(run_id))
    then = answers or Answers(lambda new: bridge.go_to("run", new))

    def go() -> None:
        call_for(parent, bridge, queue, then.done, then.failed)

    def look() -> tuple[tuple[FileRead, ...], tuple[str, ...]]:
        return workspace.runs.data.changed(run_id), workspace.runs.code.missing_secrets(run_id)

    def ask(found: tuple[tuple[FileRead, ...], tuple[str, ...]]) -> None:
        changed, missing = found
        if not changed and not missing:
            go()
            return
        tr = QCoreApplication.translate
        words = [_words(changed)] if changed else []
        words += [_words_about_secrets(missing, run_id)] if missing else []
        other, without = (
            tr("running_again", "Run again with other data?"),
            tr("running_again", "Run again without secrets?"),
        )
        verb = tr("running_again", "Run again")
        box = confirm(parent, other if changed else without, "\n\n".join(words), verb, go, danger=False)
        if then.kept is not None:
            box.rejected.connect(then.kept)

    if run_id:
        call_for(parent, bridge, look, ask, then.failed)
    else:
        go()


def _words(changed: tuple[FileRead, ...]) -> str:
    tr = QCoreApplication.translate
    why = tr("running_again", "What this run read has changed since; the new run takes it as it is now:")
    lines = [why, *map(change_in_words, changed[:_SHOWN])]
    if len(changed) > _SHOWN:
        lines.append(tr("running_again", "and {0} more").format(formats.count(len(changed) - _SHOWN)))
    return "\n".join(lines)


def _words_about_secrets(missing: tuple[str, ...], run_id: str) -> str:
    tr = QCoreApplication.translate
    why = tr(
        "running_again",
        "Variables that look like secrets are not kept. These are not set here, so the new run has none:",
    )
    how = tr("running_again", "To set one, run it again in a terminal:")
    return "\n".join([why, ", ".join(missing), how, f"desktop-aml run rerun {run_id} --env {missing[0]}=…"])
