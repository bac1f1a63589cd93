from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDragLeaveEvent
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from desktop_aml.domain.errors import StorageError
from desktop_aml.ui.endpoints.csv_view import CsvView
from desktop_aml.ui.endpoints.use_curve import UseCurve
from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Bridge


class Scoring:
    """Scores a file, but refuses one whose name says so."""

    def score_file(self, _name: str, path: Path, out: Path, **_more: object) -> Any:
        if path.stem == "bad":
            raise StorageError("Line 3 is no number.", "Correct the line.")
        out.write_text(path.read_text() + "1,yes\n")
        return SimpleNamespace(rows=1)


def test_answers_are_saved_under_the_name_of_the_file_they_are_of(qtbot: QtBot, bridge: Bridge, tmp_path: Path) -> None:
    view = CsvView(SimpleNamespace(endpoints=Scoring()), bridge, "flowers", lambda: "predict")  # type: ignore[arg-type]
    qtbot.addWidget(view)
    view.show()
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    for path in (good, bad):
        path.write_text("x,answer\n")
        view.score(path)
        qtbot.waitUntil(view.choose_button.isEnabled)
    assert view.error.isVisible()
    view.save_button.click()
    dialog = view.findChild(QFileDialog) or view.window().findChild(QFileDialog)
    assert [Path(one).name for one in dialog.selectedFiles()] == ["good-scored.csv"]
    dialog.reject()


def test_a_file_that_is_dragged_over_and_away_leaves_the_words_as_they_were(
    qtbot: QtBot, bridge: Bridge, tmp_path: Path
) -> None:
    view = CsvView(SimpleNamespace(endpoints=Scoring()), bridge, "flowers", lambda: "predict")  # type: ignore[arg-type]
    qtbot.addWidget(view)
    view.resize(400, 300)
    view.show()
    qtbot.waitUntil(lambda: view.words.width() == 400)  # a line of its own, not what the buttons leave
    good = tmp_path / "good.csv"
    good.write_text("x,answer\n")
    view.score(good)
    qtbot.waitUntil(view.choose_button.isEnabled)
    words = view.words.text()
    assert "good.csv" in words
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "other.csv"))])
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    view.dragEnterEvent(QDragEnterEvent(QPoint(1, 1), Qt.DropAction.CopyAction, data, left, none))
    assert "other.csv" in view.words.text()
    view.dragLeaveEvent(QDragLeaveEvent())
    assert view.words.text() == words


def test_a_lone_span_of_a_curve_is_a_dot_that_can_be_seen(qtbot: QtBot) -> None:
    curve = UseCurve("Time", " ms", ("failed",))
    qtbot.addWidget(curve)
    curve.resize(240, 80)
    curve.show_values("", ((None, None, 5.0, None, None, 10.0, 10.0),))
    picture, wanted = curve.grab().toImage(), theme.color("failed")

    def is_dot(x: int, y: int) -> bool:
        found = QColor(picture.pixel(x, y))
        return abs(found.red() - wanted.red()) + abs(found.green() - wanted.green()) < 40

    around = range(240 * 2 // 6 - 6, 240 * 2 // 6 + 6)
    assert sum(is_dot(x, y) for x in around for y in range(80)) >= 9
