"""Runs that leave the workspace as a file, and come into it: what the File and Run menus and drops ask for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desktop_aml.ui.session.bridge import RUN_SEPARATOR, Destination, Message
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.shell.shell import Shell
from desktop_aml.ui.widgets.drop import RUNS_ENDING

if TYPE_CHECKING:
    from desktop_aml.workspace.run.bundles.reading import Imported


def _tr(text: str) -> str:
    return QCoreApplication.translate("sharing", text)


def _filters() -> list[str]:
    return [_tr("Exported runs (*{0})").format(RUNS_ENDING), _tr("All files (*)")]


class SharingCommands:
    """The part of the commands that takes runs along."""

    _window: Shell

    def export_run(self) -> None:
        """Ask where the run in front is to be written to, with its children."""
        destination = self._window.tabs.destination()
        if destination is None or destination.kind != "run":
            return
        run_id = destination.key
        from desktop_aml.ui.widgets.save_dialog import ask_where_to_save

        ask_where_to_save(
            self._window,
            _tr("Export run"),
            lambda path: self._export(run_id, path),
            name=f"{run_id}{RUNS_ENDING}",
            filters=_filters(),
            suffix=RUNS_ENDING.removeprefix("."),
        )

    def report_runs(self) -> None:
        """Ask where a report of what is in front is to be written to: of one run, or of those that are compared."""
        destination = self._window.tabs.destination()
        if destination is None or destination.kind not in {"run", "compare"}:
            return
        wanted = destination.key.split(RUN_SEPARATOR)
        from desktop_aml.ui.widgets.save_dialog import ask_where_to_save

        ask_where_to_save(
            self._window,
            _tr("Save report"),
            lambda path: self._report(wanted, path),
            name="report.html",
            filters=[_tr("Web pages (*.html)"), _tr("PDF (*.pdf)"), _tr("All files (*)")],
            suffix="html",
        )

    def _report(self, wanted: Sequence[str], path: Path) -> None:
        session = self._window.session
        assert session is not None
        call_for(
            self._window,
            session.bridge,
            lambda: session.workspace.runs.reports.write(wanted, path),
            lambda written: self._say(_tr("The report was written to {0}.").format(written), "success"),
        )

    def import_runs(self) -> None:
        """Ask for an exported file, and take its runs in."""
        from PySide6.QtWidgets import QFileDialog

        dialog = QFileDialog(self._window, _tr("Import runs"))
        dialog.setNameFilters(_filters())
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.import_file)
        dialog.open()

    def _export(self, run_id: str, path: Path) -> None:
        session = self._window.session
        assert session is not None
        self._say(_tr("Writing {0}…").format(path.name))
        call_for(
            self._window,
            session.bridge,
            lambda: session.workspace.runs.bundles.export([run_id], path),
            lambda written: self._say(
                _tr("The run was written to {0}.").format(written),
                "success",
                _tr("Logs and outputs are in it as they are: look through them before you give it away."),
            ),
        )

    def import_file(self, path: str) -> None:
        """Take in the runs of an exported file; nothing of them is run."""
        session = self._window.session
        assert session is not None
        self._say(_tr("Reading {0}…").format(Path(path).name))
        call_for(
            self._window, session.bridge, lambda: session.workspace.runs.bundles.take_in(Path(path)), self._imported
        )

    def _imported(self, found: Imported) -> None:
        origin = _tr("From {0}.").format(found.origin)
        if not found.runs:
            self._say(_tr("All runs of this file are here already."), "info", origin)
            return
        count = len(found.runs)
        words = _tr("1 run was imported.") if count == 1 else _tr("{0} runs were imported.").format(f"{count:,}")
        self._say(words, "success", origin)
        self._window.go_to(Destination("run", found.runs[0]))

    def _say(self, text: str, severity: str = "info", hint: str = "") -> None:
        self._window.messages.show_message(Message(text, severity, hint))
