from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop_aml.ui.shell.pages import KINDS
from desktop_aml.ui.start.loading_ahead import LoadingAhead, modules_of_panes


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.parametrize("wrong", ["import a_package_that_is_not_there", "import math\nmath.no_such_word"])
def test_modules_are_loaded_off_the_windows_thread_whatever_is_wrong_with_one(
    qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.delitem(sys.modules, "second_ahead", raising=False)
    (folder / "first_ahead.py").write_text(wrong)
    (folder / "second_ahead.py").write_text("import threading\nwhere = threading.current_thread().name")
    owner = QObject()
    ahead = LoadingAhead(owner, ["first_ahead", "second_ahead"])
    with qtbot.waitSignal(ahead.loaded):
        ahead.begin()
    ahead.stop()
    assert sys.modules["second_ahead"].where == "loading ahead"


def test_a_window_that_closes_waits_for_the_module_that_is_loaded_and_for_no_other(qtbot: QtBot, folder: Path) -> None:
    (folder / "last_ahead.py").write_text("from tests.ui.start import test_loading_ahead as it\nit.during()")
    (folder / "never_ahead.py").write_text("")
    owner = QObject()
    ahead = LoadingAhead(owner, ["last_ahead", "never_ahead"])
    globals()["during"] = ahead._is_over.set
    ahead.begin()
    qtbot.waitUntil(lambda: ahead._thread is not None)
    ahead.stop()
    assert ahead.is_done()
    assert "never_ahead" not in sys.modules


def test_every_page_is_loaded_ahead_and_what_its_plots_need(qtbot: QtBot) -> None:
    names = list(modules_of_panes())
    assert {f"desktop_aml.ui.{kind.module}" for kind in KINDS.values()} <= set(names)
    assert {"desktop_aml.ui.plots.grid", "desktop_aml.ui.runs.tuning.contour"} <= set(names)


def test_no_module_makes_an_object_of_qt_as_it_is_loaded(qtbot: QtBot) -> None:
    # It would belong to the thread that loads.
    made = {
        f"{name}.{word}"
        for name in modules_of_panes()
        for word, value in vars(importlib.import_module(name)).items()
        if isinstance(value, QObject)
    }
    assert made == set()
