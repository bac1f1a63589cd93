"""The form that tries an endpoint, without an endpoint: what it asks for, what it would send, what it says."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication

from desktop_aml.domain.errors import ScoringError
from desktop_aml.ui.endpoints.call_samples import CallSamples
from desktop_aml.ui.endpoints.score_call import (
    KEY_PLACEHOLDER,
    cell_text,
    curl_call,
    pretty_answer,
    python_call,
)
from desktop_aml.ui.endpoints.score_form import ScoreForm
from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.workspace.endpoint.cells import cell_value
from desktop_aml.workspace.endpoint.file_scoring import ScoredFile

INPUTS = (
    SimpleNamespace(name="age", type="number", example=30.5),
    SimpleNamespace(name="city", type="string", example="Oslo"),
    SimpleNamespace(name="", type="boolean", example=None),
)


class Scorer:
    """Answers with what it was sent, or with an error."""

    def __init__(self) -> None:
        self.sent: list[object] = []
        self.error: ScoringError | None = None
        self.endpoints = self

    def score(self, name: str, payload: object) -> object:
        self.sent.append(payload)
        if self.error is not None:
            raise self.error
        return [[0.25, 0.75]]


@pytest.fixture
def scorer() -> Scorer:
    return Scorer()


@pytest.fixture
def form(qtbot, qapp: QApplication, scorer: Scorer) -> Iterator[ScoreForm]:
    theme.apply(qapp, "light")
    bridge = Bridge()
    form = ScoreForm(scorer, bridge, "e")
    qtbot.addWidget(form)
    form.set_inputs(INPUTS, ("predict_proba", "predict"), "predict_proba")
    form.set_serving(True)
    form.show()
    yield form
    bridge.close()


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("1", "number", 1),
        ("-1.5e3", "number", -1500.0),
        ("", "number", None),
        ("abc", "number", "abc"),
        ("nan", "number", None),
        ("nan", "any", "nan"),
        ("inf", "number", "inf"),
        ("True", "number", True),
        ("2020_01", "any", "2020_01"),
        ("true", "boolean", True),
        (" 5 ", "string", " 5 "),
        ("FALSE", "any", False),
        ("x", "any", "x"),
    ],
)
def test_a_cell_has_the_type_of_its_column(text: str, kind: str, value: object):
    assert cell_value(text, kind) == value
    assert type(cell_value(text, kind)) is type(value)


@pytest.mark.parametrize("value", [1, 0.1, -2.5e-300, True, "text"])
def test_a_value_typed_back_is_the_same(value: object):
    assert cell_value(cell_text(value), "any") == value


def test_the_form_has_one_column_for_each_input_and_begins_with_examples(form: ScoreForm):
    titles = [form.table.horizontalHeaderItem(n).text() for n in range(form.table.columnCount())]
    assert titles == ["age", "city", "column 2"]
    assert json.loads(form.body()) == {"data": [[30.5, "Oslo", False]]}


def test_rows_are_added_and_removed_but_one_stays(qtbot, form: ScoreForm):
    form.add_button.click()
    form.table.item(1, 0).setText("40")
    assert json.loads(form.body())["data"] == [[30.5, "Oslo", False], [40, "Oslo", False]]
    form.remove_button.click()
    assert not form.remove_button.isEnabled()
    form.table.remove_row()
    assert form.table.rowCount() == 1


def test_pasted_lines_become_rows(form: ScoreForm):
    form.table.setCurrentCell(0, 0)
    form.table.paste("1\tRome\ttrue\n2\tBern\tfalse\n")
    assert json.loads(form.body())["data"] == [[1, "Rome", True], [2, "Bern", False]]


def test_another_method_is_named_in_the_request(form: ScoreForm):
    form.method.set_value("predict")
    assert json.loads(form.body())["method"] == "predict"


def test_ctrl_enter_sends_and_the_answer_is_shown_with_its_time(qtbot, form: ScoreForm, scorer: Scorer):
    qtbot.keyClick(form.table, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: form.answer.toPlainText() != "")
    assert json.loads(form.answer.toPlainText()) == [[0.25, 0.75]]
    assert "ms" in form.took.text()
    assert scorer.sent == [{"data": [[30.5, "Oslo", False]]}]


def test_an_error_is_shown_and_its_column_marked(qtbot, form: ScoreForm, scorer: Scorer):
    scorer.error = ScoringError("data[0].city (row 1) is null; send text.", status=400)
    form.table.setCurrentCell(0, 0)
    form.send_button.click()
    qtbot.waitUntil(lambda: form.error.isVisible())
    assert "city" in form.error.message.text()
    assert form.table.currentColumn() == 1
    assert form.table.horizontalHeaderItem(1).foreground().color() == theme.color("failed")
    assert form.send_button.isEnabled()


def test_the_json_names_the_columns_where_every_one_has_a_name(form: ScoreForm):
    form.set_inputs(INPUTS[:2], ("predict",), "predict", [[1.5, "Rome"], [None, "Bern"]])
    assert json.loads(form.body()) == {"data": [[1.5, "Rome"], [None, "Bern"]]}
    form.views.setCurrentIndex(1)
    assert json.loads(form.json.toPlainText()) == {
        "data": [{"age": 1.5, "city": "Rome"}, {"age": None, "city": "Bern"}]
    }
    twice = (INPUTS[0], INPUTS[0])
    form.views.setCurrentIndex(0)
    form.set_inputs(twice, ("predict",), "predict", [[1, 2]])
    form.views.setCurrentIndex(1)
    assert json.loads(form.json.toPlainText()) == {"data": [[1, 2]]}


def test_send_stays_where_it_is_however_the_request_is_written(qtbot, form: ScoreForm):
    place = form.send_button.geometry()
    form.views.setCurrentIndex(1)
    qtbot.waitUntil(form.json.isVisible)
    form.layout().activate()
    assert form.send_button.geometry() == place
    form.views.setCurrentIndex(0)
    form.add_button.click()
    form.layout().activate()
    assert form.send_button.geometry() == place


def test_the_answer_before_stays_when_a_request_fails(qtbot, form: ScoreForm, scorer: Scorer):
    form.send_button.click()
    qtbot.waitUntil(lambda: form.answer.toPlainText() != "")
    before = form.answer.toPlainText()
    scorer.error = ScoringError("It is too large.", status=413)
    form.send_button.click()
    qtbot.waitUntil(lambda: form.error.isVisible())
    assert form.answer.toPlainText() == before
    assert form.took.text() == "of an earlier request"


def test_json_can_be_written_by_hand(qtbot, form: ScoreForm, scorer: Scorer):
    form.views.setCurrentIndex(1)
    assert json.loads(form.json.toPlainText()) == {"data": [[30.5, "Oslo", False]]}
    form.json.setPlainText('{"data": [[1, "x", true]], "method": "predict"}')
    form.send_button.click()
    qtbot.waitUntil(lambda: scorer.sent != [])
    assert scorer.sent == [{"data": [[1, "x", True]], "method": "predict"}]


def test_json_that_is_none_is_refused_before_it_is_sent(qtbot, form: ScoreForm, scorer: Scorer):
    form.views.setCurrentIndex(1)
    form.json.setPlainText("{data: 1}")
    form.send_button.click()
    assert "not JSON" in form.error.message.text()
    assert scorer.sent == []


def test_a_model_of_texts_gets_one_column_of_text(form: ScoreForm):
    form.set_inputs((), ("predict",), "predict", ("first", "second"))
    assert json.loads(form.body()) == {"data": ["first", "second"]}


BODY = '{"data": [[1.5, "it\'s $HOME"]]}'


def test_the_curl_call_survives_the_shell():
    words = shlex.split(curl_call("http://127.0.0.1:5001/score", BODY, auth_enabled=True).replace("\\\n", " "))
    assert words[0:2] == ["curl", "http://127.0.0.1:5001/score"]
    assert words[words.index("--data") + 1] == BODY
    assert f"Authorization: Bearer {KEY_PLACEHOLDER}" in words


def test_the_python_call_is_python():
    text = python_call("http://127.0.0.1:5001/score", BODY, auth_enabled=True)
    subprocess.run([sys.executable, "-c", f"compile({text!r}, 'call.py', 'exec')"], check=True)
    assert repr(BODY) in text


def test_the_call_that_is_shown_is_copied(qtbot, qapp: QApplication):
    samples = CallSamples()
    qtbot.addWidget(samples)
    samples.set_endpoint("http://127.0.0.1:5001/score", auth_enabled=False)
    samples.set_body(BODY)
    samples.languages.setCurrentIndex(1)
    qtbot.waitUntil(lambda: "urlopen" in samples.code.toPlainText())
    samples.copy_button.click()
    assert QGuiApplication.clipboard().text() == samples.text()


@pytest.mark.parametrize("answer", [[[1, 2], [3, 4]], [1, 2], {"result": [[1, 2]], "n": 1}, "text", None, []])
def test_a_pretty_answer_is_the_same_json(answer: object):
    assert json.loads(pretty_answer(answer)) == answer


def test_a_csv_file_is_scored_and_its_answers_saved(qtbot, form, scorer, tmp_path):
    def score_file(name: str, path: Path, out: Path, *, method: str, told: Callable[[int], object]) -> ScoredFile:
        scorer.sent.append((name, path, method))
        if scorer.error is not None:
            raise scorer.error
        out.write_text("a,prediction\n1,2\n")
        told(1)
        return ScoredFile(1, ("a", "prediction"))

    scorer.score_file = score_file
    form.views.setCurrentIndex(2)
    assert form.csv.isVisible()
    assert not form.send_button.isVisible()
    assert not form.csv.save_button.isEnabled()
    rows = tmp_path / "rows.csv"
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(rows))])
    actions, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    form.csv.dragEnterEvent(QDragEnterEvent(QPoint(5, 5), actions, data, left, none))
    assert form.csv.words.text() == "Score rows.csv"
    form.csv.dropEvent(QDropEvent(QPointF(5, 5), actions, data, left, none))
    qtbot.waitUntil(lambda: form.csv.words.text() == "rows.csv: 1 row scored")
    assert scorer.sent == [("e", rows, "predict_proba")]
    assert form.csv.preview.rows.cell(0, 1) == "2"
    form.csv.save(tmp_path / "mine.csv")
    qtbot.waitUntil(lambda: form.csv.words.text().startswith("Saved to"))
    assert (tmp_path / "mine.csv").read_text() == "a,prediction\n1,2\n"
    scorer.error = ScoringError("Line 3, column “a” is text.", status=400)
    form.csv.score(rows)
    qtbot.waitUntil(form.csv.error.isVisible)
    assert "Line 3" in form.csv.error.message.text()
    assert form.csv.words.text() == "Below: the answers of an earlier file"
    form.views.setCurrentIndex(0)
    assert form.send_button.isVisible()
    assert not form.csv.isVisible()


@pytest.mark.parametrize(("width", "words"), [(800, "Send"), (420, "")])
def test_every_way_to_write_the_request_stays_in_sight_however_narrow_the_window(
    form: ScoreForm, qtbot, width: int, words: str
) -> None:
    def is_fitted() -> bool:
        form.resize(width, 600)  # again: the words that are left out are what kept it wider
        return form.width() == width and form.send_button.text() == words

    qtbot.waitUntil(is_fitted)
    assert form.method_label.isVisible() == bool(words)
    qtbot.waitUntil(lambda: form.views.width() >= form.views.sizeHint().width())
    assert form.send_button.accessibleName() == "Send"
    form.resize(900, 600)
    qtbot.waitUntil(lambda: form.send_button.text() == "Send" and form.method_label.isVisible())
