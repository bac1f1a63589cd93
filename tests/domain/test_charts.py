"""Azure ML's charts are read in their form, reckoned with rightly, and refused in words."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from desktop_aml.domain.charts import AccuracyTable, ConfusionMatrix, Predictions, Residuals, read_chart
from desktop_aml.domain.errors import InvalidInput

MATRIX = {"class_labels": ["cat", "dog"], "matrix": [[8, 2], [0, 0]]}
TABLE = {"class_labels": ["yes"], "probability_tables": [[[2, 1, 1, 0], [1, 0, 2, 1], [0, 0, 2, 2]]]}
RESIDUALS = {"bin_edges": [-1, 0, 1], "bin_counts": [3, 4]}
PREDICTIONS = {"bin_edges": [0, 10, 20], "bin_averages": [6, 14], "bin_errors": [1, 2], "bin_counts": [5, 7]}


def test_a_confusion_matrix_knows_counts_and_accuracy():
    chart = read_chart("confusion_matrix", {"schema_version": "v1", "data": MATRIX})
    assert chart == ConfusionMatrix(("cat", "dog"), ((8.0, 2.0), (0.0, 0.0)))
    assert chart.accuracy() == pytest.approx(0.8)
    assert ConfusionMatrix(("a",), ((0.0,),)).accuracy() == 0.0


def test_areas_of_an_accuracy_table_are_those_of_scikit_learn():
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 2, 200)
    scores = np.round(truth * 0.3 + rng.random(200) * 0.7, 2)
    rows = []
    for threshold in [*np.unique(scores), 2.0]:
        said = scores >= threshold
        rows.append([int((said & (truth == value)).sum()) for value in (1, 0)])
        rows[-1] += [int((~said & (truth == value)).sum()) for value in (0, 1)]
    chart = read_chart("accuracy_table", {"data": {"class_labels": [1], "probability_tables": [rows]}})
    assert isinstance(chart, AccuracyTable)
    assert chart.labels == ("1",)
    assert chart.roc(0).area == pytest.approx(roc_auc_score(truth, scores))
    assert chart.precision_recall(0).area == pytest.approx(average_precision_score(truth, scores))


def test_a_curve_starts_and_ends_at_its_corners_and_leaves_out_what_is_undefined():
    chart = read_chart("accuracy_table", {"data": TABLE})
    assert isinstance(chart, AccuracyTable)
    roc = chart.roc(0)
    assert (roc.x[0], roc.y[0], roc.x[-1], roc.y[-1]) == (0.0, 0.0, 1.0, 1.0)
    assert chart.precision_recall(0).x == (0.5, 1.0)
    nothing = AccuracyTable(("yes",), (((0.0, 0.0, 0.0, 0.0),),))
    assert nothing.roc(0).area == 0.5
    assert nothing.precision_recall(0).x == ()


def test_residuals_and_predictions_are_read():
    assert read_chart("residuals", {"data": RESIDUALS}) == Residuals((-1.0, 0.0, 1.0), (3.0, 4.0))
    chart = read_chart("predictions", {"data": PREDICTIONS})
    assert isinstance(chart, Predictions)
    assert chart.centres() == (5.0, 15.0)
    assert (chart.averages, chart.errors, chart.counts) == ((6.0, 14.0), (1.0, 2.0), (5.0, 7.0))


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("confusion_matrix", None, "it has no “data”"),
        ("confusion_matrix", {"matrix": []}, "“class_labels” is missing"),
        ("confusion_matrix", {"class_labels": []}, "“class_labels” is empty"),
        ("confusion_matrix", MATRIX | {"matrix": "?"}, "“matrix” is no list"),
        ("confusion_matrix", MATRIX | {"matrix": [[1, 2]]}, "“matrix” has 1 rows for 2 classes"),
        ("confusion_matrix", MATRIX | {"matrix": [[1, 2], [1]]}, "row 2 of “matrix” has 1 numbers where 2 belong"),
        ("confusion_matrix", MATRIX | {"matrix": [[1, 2], 7]}, "row 2 of “matrix” is no list"),
        ("confusion_matrix", MATRIX | {"matrix": [[1, "x"], [1, 1]]}, "row 1 of “matrix” holds no number at place 2"),
        ("confusion_matrix", MATRIX | {"matrix": [[1, float("nan")], [1, 1]]}, "holds no number at place 2"),
        ("confusion_matrix", MATRIX | {"matrix": [[1, 10**400], [1, 1]]}, "holds no number at place 2"),
        ("confusion_matrix", MATRIX | {"matrix": [[1, True], [1, 1]]}, "holds no number at place 2"),
        ("accuracy_table", TABLE | {"probability_tables": []}, "has 0 tables for 1 classes"),
        ("accuracy_table", TABLE | {"probability_tables": [3]}, "the table of “yes” is no list"),
        ("accuracy_table", TABLE | {"probability_tables": [[[1, 2]]]}, "row 1 of the table of “yes” has 2 numbers"),
        ("residuals", RESIDUALS | {"bin_counts": [1]}, "“bin_counts” has 1 numbers where 2 belong"),
        ("residuals", {"bin_edges": [], "bin_counts": [1]}, "“bin_counts” has 1 numbers where 0 belong"),
        ("predictions", PREDICTIONS | {"bin_errors": None}, "“bin_errors” is no list"),
    ],
)
def test_what_has_not_the_form_is_refused_with_the_place(kind: str, data: object, words: str):
    with pytest.raises(InvalidInput, match="This cannot be drawn: ") as caught:
        read_chart(kind, {"data": data})
    assert words in caught.value.message
    assert caught.value.hint


def test_a_bare_number_is_refused():
    with pytest.raises(InvalidInput):
        read_chart("residuals", 7)
