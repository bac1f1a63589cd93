"""Metrics by a formula in the window: curves and values of compared runs, a column, kept in the workspace."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from desktop_aml.domain.compare.runs import ComparedRow, RunComparison, Section
from desktop_aml.domain.metrics import Point
from desktop_aml.domain.summaries.formulas import read
from desktop_aml.domain.summaries.metrics import MetricSummary
from desktop_aml.ui.compare.derived import curve_of, with_formulas
from desktop_aml.ui.plots.data import MetricBook
from desktop_aml.ui.runs.formulas.column import formula_column
from desktop_aml.ui.runs.formulas.dialog import FormulaDialog
from desktop_aml.ui.runs.formulas.kept import KeptFormulas
from tests.domain.compare.test_grouped import RUN


def book(**curves: list[tuple[int, float]]) -> MetricBook:
    made = MetricBook()
    for name, points in curves.items():
        made.extend([(name, [Point(n, value, step, 10.0 * step) for n, (step, value) in enumerate(points)])])
    return made


def test_a_curve_has_the_steps_that_all_its_metrics_have() -> None:
    both = book(val=[(0, 3.0), (2, 5.0), (4, 7.0)], train=[(0, 1.0), (1, 1.5), (2, 2.0), (4, 0.0), (4, 4.0)])
    gap = curve_of(read("gap", "(val - train) / param.scale + min(min.val, 99)"), both, {"scale": 2})
    assert gap.positions("step").tolist() == [0, 2, 4]
    assert gap.numbers().tolist() == [4.0, 4.5, 4.5], "of a step that was logged twice the last value counts"
    assert gap.positions("time").tolist() == [0, 20, 40]
    assert len(curve_of(read("gap", "val - other"), both, {})) == 0
    assert len(curve_of(read("gap", "param.scale * 2"), both, {"scale": 2})) == 0


def test_a_curve_has_no_value_where_a_number_of_a_run_has_none() -> None:
    both = book(val=[(0, 0.0), (1, 2.0)], odd=[(0, float("inf")), (1, 1.0)])
    for text, first, second in (("1 / val", "nan", "0.5"), ("log(val / 2)", "nan", "0.0"), ("odd / 2", "inf", "0.5")):
        found = curve_of(read("x", text), both, {})
        assert list(map(str, found.numbers().tolist())) == [first, second], text
        # What a run whose last values these are has in the table.
        values = {"val": 0.0, "odd": float("inf")}
        assert str(read("x", text).value(lambda name, of=values: of[name.name])) == first  # type: ignore[misc]


def test_rows_and_books_get_the_formulas_and_what_a_run_logged_itself_stays() -> None:
    runs = (replace(RUN, id="a"), replace(RUN, id="b"))
    found = RunComparison(
        runs,
        (
            ComparedRow(Section.METRICS, "val", (3.0, None)),
            ComparedRow(Section.ARGUMENTS, "--lr", ("0.5", "0.25")),
        ),
    )
    books = {"a": book(val=[(0, 1.0), (1, 3.0)]), "b": book(other=[(0, 1.0)])}
    formulas = (read("twice", "val * 2"), read("val", "1"), read("rate", "param.lr * 4"), read("none", "missing"))
    fuller, drawn = with_formulas(found, books, formulas)
    rows = {row.name: row.values for row in fuller.rows if row.section is Section.METRICS}
    assert rows == {"val": (3.0, None), "twice": (6.0, None), "rate": (2.0, 1.0)}
    assert drawn["a"].curves["twice"].numbers().tolist() == [2.0, 6.0]
    assert "twice" not in books["a"].curves, "what was read is not changed"


def test_a_column_of_the_table_computes_and_says_nothing_where_something_is_missing() -> None:
    column = formula_column(read("gap", "loss - min.loss + param.lr"))
    run = replace(RUN, metrics={"loss": MetricSummary(last=2.0, least=0.5)}, parameters={"lr": "1e-3"})
    assert column.raw(run) == repr(1.501)
    assert column.text(run, 0.0) == "1.501"
    assert column.raw(RUN) == ""
    dashed = replace(RUN, parameters={"batch-size": "8"})
    assert formula_column(read("size", "param.batch_size")).raw(dashed) == "8.0"
    assert column.text(RUN, 0.0) == "–"


def test_the_dialog_reads_while_one_types_keeps_changes_and_removes(qtbot: QtBot, tmp_path: Path) -> None:
    kept, other = KeptFormulas(tmp_path), KeptFormulas(tmp_path)
    dialog = FormulaDialog(kept, ["val/loss", "loss"])
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.keep_button.isEnabled()
    qtbot.keyClicks(dialog.name, "gap")
    qtbot.keyClicks(dialog.text, '"val/loss" -')
    assert "ends too early" in dialog.error.message.text()
    assert not dialog.keep_button.isEnabled()
    qtbot.keyClicks(dialog.text, " loss")
    with qtbot.waitSignal(other.changed):
        qtbot.keyClick(dialog.text, Qt.Key.Key_Return)
    assert [(one.name, one.text) for one in other.all()] == [("gap", '"val/loss" - loss')]
    undos = []
    again = FormulaDialog(kept, [], offer_undo=lambda _words, undo: undos.append(undo))
    qtbot.addWidget(again)
    again.known.setCurrentRow(0)
    assert (again.name.text(), again.text.text()) == ("gap", '"val/loss" - loss')
    again.remove_button.click()
    assert other.all() == ()
    undos[0]()
    assert [one.name for one in other.all()] == ["gap"]


@pytest.mark.parametrize("text", ["{", "[]", '{"a": "1 +", "b": 3}', '"x"'])
def test_settings_that_were_written_by_hand_do_no_harm(tmp_path: Path, text: str) -> None:
    kept = KeptFormulas(tmp_path)
    kept._settings.setValue("formulas", text)
    assert [one.name for one in kept.all()] == (["b"] if "b" in text else [])
