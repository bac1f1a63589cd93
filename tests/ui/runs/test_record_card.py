"""What a run logs in Azure ML's forms is drawn, read by keyboard and as a table; what is malformed says so calmly."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QTableWidget
from pytestqt.qtbot import QtBot

from desktop_aml.domain.charts import ConfusionMatrix, Predictions, Residuals
from desktop_aml.domain.metrics import Record
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.plots.chart_content import AccuracyContent, CurvesContent, MatrixContent
from desktop_aml.ui.plots.chart_drawings import PredictionsChart, ResidualsChart
from desktop_aml.ui.plots.matrix_chart import MatrixChart
from desktop_aml.ui.plots.record_groups import group_records
from desktop_aml.ui.runs.record_card import RecordCard
from desktop_aml.ui.runs.record_grid import RecordGrid
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.viewers.picture import PictureDialog, PicturePane, Thumbnail
from desktop_aml.workspace import Workspace

LABELS = ["setosa", "versicolor", "virginica"]
MATRIX = {"class_labels": LABELS, "matrix": [[50, 0, 0], [0, 46, 4], [1, 3, 46]]}
STEPS = [[50, 100, 0, 0], [48, 10, 90, 2], [20, 0, 100, 30], [0, 0, 100, 50]]
ACCURACY = {"class_labels": LABELS, "probability_tables": [STEPS] * 3}
RESIDUALS = {"bin_edges": [-2, -1, 0, 1], "bin_counts": [1, 5, 2]}
PREDICTIONS = {"bin_edges": [0, 10, 20], "bin_averages": [6, 14], "bin_errors": [1, 2], "bin_counts": [5, 7]}


class _Files:
    """The only part of a workspace that cards ask."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs = self.files = self

    def path(self, _run_id: str, path: str) -> Path:
        return self.folder / path


class Place:
    """A page with cards, over files in a folder."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.qtbot = qtbot
        self.folder = folder
        self.bridge = Bridge()
        self.grid = RecordGrid(cast(Workspace, _Files(folder)), self.bridge, "run", None)  # type: ignore[arg-type]
        qtbot.addWidget(self.grid)
        self.grid.resize(900, 900)
        self.grid.show()

    def chart(self, kind: str, text: str, name: str = "chart") -> Record:
        (self.folder / name).write_text(text)
        return Record(name, kind, 0, 0.0, {"path": name})

    def show(self, *records: Record) -> list[RecordCard]:
        self.grid.show_groups(group_records(records))
        cards = list(self.grid.cards.values())
        self.qtbot.waitUntil(lambda: all(card.content or card.table or card.words.text()[-1] == "." for card in cards))
        return cards

    def card(self, kind: str, data: object) -> RecordCard:
        (card,) = self.show(self.chart(kind, json.dumps({"data": data})))
        return card


@pytest.fixture
def place(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Place:
    theme.apply(qapp, "light")
    return Place(qtbot, tmp_path)


def test_a_confusion_matrix_is_read_by_pointer_and_by_keys(place: Place):
    content = place.card("confusion_matrix", MATRIX).content
    assert isinstance(content, MatrixContent)
    assert content.words.text() == "Accuracy 0.9467"
    place.qtbot.mouseMove(content.map, content.map._cell(1, 2).center())
    place.qtbot.waitUntil(lambda: content.words.text() == "versicolor predicted as virginica: 4 (8.0 %)")
    place.qtbot.keyClick(content.map, Qt.Key.Key_Down)
    assert content.words.text() == "virginica predicted as virginica: 46 (92.0 %)"
    place.qtbot.keyClick(content.map, Qt.Key.Key_Down)
    assert "virginica predicted as virginica" in content.map.accessibleDescription()


def test_shares_of_a_matrix_are_drawn_on_request(place: Place):
    content = place.card("confusion_matrix", MATRIX | {"matrix": [[100, 0, 0], [0, 1, 0], [0, 0, 0]]}).content
    assert isinstance(content, MatrixContent)
    middle = content.map._cell(1, 1).topLeft() + QPoint(4, 4)
    pale = content.map.grab().toImage().pixelColor(middle)
    place.qtbot.mouseClick(content.shares, Qt.MouseButton.LeftButton, pos=QPoint(8, content.shares.height() // 2))
    strong = content.map.grab().toImage().pixelColor(middle)
    assert pale.lightnessF() > strong.lightnessF() + 0.2


def test_a_matrix_of_five_hundred_classes_is_painted_as_one_picture(qtbot: QtBot):
    counts = np.eye(500).tolist()
    chart = MatrixChart(ConfusionMatrix(tuple(map(str, range(500))), tuple(map(tuple, counts))))
    qtbot.addWidget(chart)
    chart.resize(1200, 700)
    picture = chart.grab().toImage()
    assert picture.pixelColor(chart._cell(250, 250).center()) != picture.pixelColor(chart._cell(250, 300).center())


def test_curves_of_an_accuracy_table_are_of_all_classes_or_of_one(place: Place):
    content = place.card("accuracy_table", ACCURACY).content
    assert isinstance(content, AccuracyContent)
    assert [line.name for line in content.roc.lines] == LABELS
    assert content.classes.itemText(0) == "All classes"
    content.classes.setCurrentIndex(2)
    assert [(line.name, line.color) for line in content.precision.lines] == [("versicolor", 1)]
    assert content.roc.lines[0].note == "AUC 0.95"
    place.qtbot.keyClick(content.roc, Qt.Key.Key_Right)
    assert content.roc.words.text().startswith("0  ·  versicolor")


def test_residuals_say_their_mean_and_each_bin(place: Place):
    content = place.card("residuals", RESIDUALS).content
    assert isinstance(content, ResidualsChart)
    assert content.words.text() == "8 values  ·  mean about -0.375"
    place.qtbot.keyClick(content, Qt.Key.Key_Left)
    assert content.words.text() == "0 to 1: 2"
    place.qtbot.keyClick(content, Qt.Key.Key_Escape)
    assert content.chosen() is None


def test_charts_without_values_are_drawn_empty(qtbot: QtBot):
    for chart in (ResidualsChart(Residuals((), ())), PredictionsChart(Predictions((), (), (), ()))):
        qtbot.addWidget(chart)
        qtbot.keyClick(chart, Qt.Key.Key_Right)
        assert chart.chosen() is None
        assert not chart.grab().isNull()


def test_predictions_say_average_error_and_count(place: Place):
    content = place.card("predictions", PREDICTIONS).content
    assert isinstance(content, PredictionsChart)
    content.choose(content.nearest(14.0))
    assert content.words.text() == "10 to 20: 14 ± 2, 7 values"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "the file is no JSON"),
        ("[" * 100_000, "the file is no JSON"),
        ("7", "it has no “data”"),
        (json.dumps({"data": MATRIX | {"matrix": "?"}}), "“matrix” is no list"),
    ],
)
def test_what_cannot_be_drawn_says_why_in_the_page(place: Place, text: str, words: str):
    (card,) = place.show(place.chart("confusion_matrix", text))
    assert re.search(words, card.words.text())
    assert card.words.isVisible()
    assert card.content is None


def test_a_chart_whose_file_is_gone_says_so(place: Place):
    (card,) = place.show(Record("chart", "residuals", 0, 0.0, {"path": "gone"}))
    assert "No such file" in card.words.text()
    (card,) = place.show(Record("chart", "residuals", 0, 0.0, 7))
    place.qtbot.waitUntil(lambda: card.words.text() == "This record names no file.")


def test_the_numbers_of_a_chart_are_a_table_too_and_are_copied_with_all_digits(place: Place):
    card = place.card("residuals", {"bin_edges": [0, 1 / 3], "bin_counts": [5]})
    card.table_button.click()
    assert isinstance(card.table, QTableWidget)
    assert card.table.isVisible()
    assert not card.content.isVisible()
    assert card.table.item(0, 1).text() == "0.3333"
    card.copy_rows()
    assert QGuiApplication.clipboard().text() == "From\tTo\tCount\n0.0\t0.3333333333333333\t5.0"


def test_rows_of_numbers_are_curves_over_the_column_that_rises(place: Place):
    rows = [Record("folds", "row", at, 0.0, {"fold": at, "score": 0.9 - at / 10, "s": 2 - at}) for at in range(3)]
    (card,) = place.show(*rows)
    assert isinstance(card.content, CurvesContent)
    assert card.content.axis.value() == "fold"
    assert [line.name for line in card.content.chart.lines] == ["score", "s"]
    card.content.axis.setCurrentIndex(0)
    assert [line.name for line in card.content.chart.lines] == ["fold", "score", "s"]


def test_a_table_with_words_is_a_table(place: Place):
    (card,) = place.show(Record("people", "table", 0, 0.0, {"name": ["Ada", "Grace"], "born": [1815, 1906]}))
    assert card.content is None
    assert isinstance(card.table, QTableWidget)
    assert [card.table.item(1, column).text() for column in range(2)] == ["Grace", formats.count(1906)]


def test_what_is_logged_later_joins_its_card(place: Place):
    first = Record("folds", "row", 0, 0.0, {"word": "a"})
    (card,) = place.show(first)
    place.show(first, Record("folds", "row", 1, 0.0, {"word": "b"}), place.chart("residuals", "{"))
    place.qtbot.waitUntil(lambda: isinstance(card.table, QTableWidget) and card.table.rowCount() == 2)
    assert next(iter(place.grid.cards.values())) is card


def test_a_picture_is_shrunk_to_the_page_and_looked_at_closely(place: Place):
    image = QImage(1600, 800, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    for number in range(2):
        image.scaled(1600 - number, 800).save(str(place.folder / f"{number}.png"))
    (card,) = place.show(*(Record("plot", "image", at, 0.0, {"path": f"{at}.png"}) for at in range(2)))
    assert card.place_label.text() == "2 of 2"
    assert card.image().width() == 1599
    card.back_button.click()
    place.qtbot.waitUntil(lambda: card.image().width() == 1600)
    assert isinstance(card.content, Thumbnail)
    place.qtbot.waitUntil(lambda: card.content.width() <= 450 and card.content.height() <= 225)
    place.qtbot.keyClick(card.content, Qt.Key.Key_Space)
    dialog = card.findChild(PictureDialog)
    assert dialog.isVisible()
    dialog.close()


def test_a_picture_that_is_none_says_so(place: Place):
    (place.folder / "0.png").write_bytes(b"no picture")
    (card,) = place.show(Record("plot", "image", 0, 0.0, {"path": "0.png"}))
    assert "cannot be read" in card.words.text()


def test_a_picture_is_zoomed_by_keys_and_buttons(qtbot: QtBot):
    pane = PicturePane()
    qtbot.addWidget(pane)
    pane.resize(400, 300)
    pane.show()
    image = QImage(1000, 100, QImage.Format.Format_RGB32)
    pane.show_image(image, "wide")
    assert pane.size_label.text() == "1000 x 100"
    fitted = pane.view.scale_factor()
    assert fitted == pytest.approx(0.4, abs=0.01)
    qtbot.keyClick(pane.view, Qt.Key.Key_Plus)
    assert pane.view.scale_factor() == pytest.approx(fitted * 1.25)
    qtbot.keyClick(pane.view, Qt.Key.Key_1)
    assert pane.view.scale_factor() == 1.0
    for _ in range(30):
        qtbot.keyClick(pane.view, Qt.Key.Key_Plus)
    assert pane.view.scale_factor() == 16.0
    qtbot.keyClick(pane.view, Qt.Key.Key_0)
    pane.resize(300, 300)
    qtbot.waitUntil(lambda: pane.view.scale_factor() == pytest.approx(0.3, abs=0.01))


def test_charts_are_drawn_anew_for_another_theme(place: Place, qapp: QApplication):
    for kind, data in (("predictions", PREDICTIONS), ("accuracy_table", ACCURACY), ("confusion_matrix", MATRIX)):
        content = place.card(kind, data).content
        light = content.grab().toImage().pixelColor(2, 2)
        theme.apply(qapp, "dark")
        picture = content.grab().toImage()
        assert picture.pixelColor(picture.width() // 2, picture.height() - 4).lightnessF() < 0.5
        theme.apply(qapp, "light")
        assert light.isValid()
        place.grid.show_groups([])
