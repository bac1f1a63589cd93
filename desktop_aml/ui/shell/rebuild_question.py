"""What is offered when the database of a workspace is damaged, empty or gone: to make it again from the folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from desktop_aml.domain.errors import DatabaseLost, DesktopAMLError
from desktop_aml.ui.session.bridge import Bridge, Message
from desktop_aml.ui.shell.shell import Shell
from desktop_aml.ui.widgets.confirm import confirm


def _tr(text: str) -> str:
    return QCoreApplication.translate("rebuild", text)


def ask_to_rebuild(window: Shell, path: Path, error: DatabaseLost) -> None:
    """Say what is wrong with the database of the workspace at `path`; after a yes rebuild it and open the workspace."""
    told = [
        _tr("Everything that it held also lies in the folders of the workspace: runs with their metrics and files,"),
        _tr("environments, models, datasets and endpoints. It can be made again from them."),
        _tr("The file that is there now is kept beside it."),
    ]
    box = confirm(window, error.message, " ".join(told), _tr("Rebuild"), lambda: _rebuild(window, path), danger=False)
    box.setObjectName("rebuild_question")
    if error.details:
        box.setDetailedText(error.details)


def _rebuild(window: Shell, path: Path) -> None:
    from desktop_aml.workspace import rebuild  # here: it brings most of the program

    window.messages.show_message(Message(_tr("Making the database again from the folders…"), "info"))
    bridge = Bridge(window)

    def after(act: Callable[[], object]) -> None:
        bridge.close()
        bridge.deleteLater()
        act()

    bridge.call(
        lambda: rebuild(path),
        lambda report: after(lambda: _opened(window, path, report.runs, report.kept_as, report.problems)),
        lambda error: after(lambda: _failed(window, error)),
    )


def _opened(window: Shell, path: Path, runs: int, kept_as: Path | None, passed_over: Sequence[str]) -> None:
    window.open_folder(path)
    kept = _tr("The old file is kept as {0}.").format(kept_as) if kept_as is not None else ""
    words = _tr("The workspace was made again from its folders: {0} runs.").format(f"{runs:,}")
    if passed_over:
        words += " " + _tr("Some of its folders were passed over.")
    severity = "warning" if passed_over else "success"
    window.messages.show_message(Message(words, severity, kept, "\n".join(passed_over)))


def _failed(window: Shell, error: DesktopAMLError) -> None:
    window.messages.show_message(Message.of_error(error))
