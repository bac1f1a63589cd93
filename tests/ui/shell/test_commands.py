"""What destinations that are no pages do."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QMessageBox

from desktop_aml.ui.models import list_page
from desktop_aml.ui.shell.main_window import MainWindow
from desktop_aml.workspace import Workspace


def test_a_model_file_is_asked_for_after_the_question_whether_it_is_trusted(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_page, "_trust", list_page._Trust())
    Workspace.create(tmp_path / "lab").close()
    window.open_folder(tmp_path / "lab")
    assert window.docks is not None
    window.docks.pane("browser").adding.add("models")
    page = window.tabs.currentWidget()
    assert isinstance(page, list_page.ModelRegistry)
    assert page.findChild(QMessageBox, "confirm").isVisible()
    assert page.findChild(QFileDialog) is None
