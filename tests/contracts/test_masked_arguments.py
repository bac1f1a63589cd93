"""Arguments that look like passwords are masked wherever a run is shown, printed or exported."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop_aml.cli import main
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.secret_words import MASK
from desktop_aml.store import runs
from desktop_aml.store.database import Database
from desktop_aml.ui.compare.page import ComparePage
from desktop_aml.ui.look import theme
from desktop_aml.ui.runs.info import RunInfo
from desktop_aml.ui.session.bridge import RUN_SEPARATOR, Bridge
from desktop_aml.workspace import Workspace

SECRET = "hunter2"
ARGUMENTS = ("--lr", "0.1", "--password", SECRET, f"--api-key={SECRET}", "--db", f"postgresql://me:{SECRET}@host/shop")
IDS = ("first_1", "second_2")


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with two runs whose arguments hold a password; nothing runs in it."""
    made = Workspace.create(tmp_path / "guarded", "guarded")
    made.close()
    with closing(Database(tmp_path / "guarded" / "desktop_aml.db", read_only=False)) as db:
        for number, run_id in enumerate(IDS):
            request = SubmitRun(
                run_id=run_id,
                experiment="e",
                script="train.py",
                environment="this-python",
                arguments=(*ARGUMENTS, "--seed", str(number), "--token", f"{SECRET}{number}"),
            )
            runs.insert(db, request, environment="this-python", version=0, seed=1, at=1.0)
    made = Workspace.open(tmp_path / "guarded")
    yield made
    made.close()


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize(
    "words",
    [("run", "show", IDS[0]), ("run", "compare", *IDS), ("run", "compare", *IDS, "--all"), ("run", "list")],
    ids=lambda words: " ".join(words),
)
def test_a_command_prints_no_password(
    guarded: Workspace, capfd: pytest.CaptureFixture[str], words: tuple[str, ...], as_json: bool
) -> None:
    code = main([*words, *(["--json"] if as_json else []), "-w", str(guarded.path)])
    printed = capfd.readouterr()
    assert code == 0, printed.err
    assert SECRET not in printed.out + printed.err
    if "show" in words:
        assert "0.1" in printed.out
        assert MASK in printed.out or MASK.encode("ascii", "backslashreplace").decode() in printed.out


def texts(page: QWidget) -> str:
    found = [one.text() for one in page.findChildren(QLabel)] + [one.text() for one in page.findChildren(QLineEdit)]
    found += [one.toPlainText() for one in page.findChildren(QTextEdit)]
    found += [one.toolTip() for one in page.findChildren(QWidget)]
    return "\n".join(found)


@pytest.fixture
def bridge(qapp: QApplication) -> Iterator[Bridge]:
    theme.apply(qapp, "light")
    made = Bridge()
    yield made
    made.close()


def test_the_page_of_a_run_shows_no_password(guarded: Workspace, bridge: Bridge, qtbot: QtBot) -> None:
    page = RunInfo(guarded, bridge, IDS[0])
    qtbot.addWidget(page)
    page.show_detail(guarded.runs.get(IDS[0]))
    qtbot.waitUntil(lambda: not bridge.is_busy())
    assert "--lr 0.1" in texts(page)
    assert SECRET not in texts(page)


def test_a_comparison_shows_and_copies_no_password(guarded: Workspace, bridge: Bridge, qtbot: QtBot) -> None:
    page = ComparePage(guarded, bridge, RUN_SEPARATOR.join(IDS))
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page._found is not None and not bridge.is_busy())
    page.differences.setChecked(False)
    page.copy_button.click()
    copied = QGuiApplication.clipboard().text()
    assert "lr\t0.1" in copied
    assert SECRET not in copied
