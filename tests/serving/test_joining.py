"""Requests that share a frame get the very numbers that each would get alone."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import ExtraTreesRegressor, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from desktop_aml.inside_model.predicting import FLOATS, INTEGERS, OK, Predictor
from desktop_aml.serving.frames import answers

TREES = [RandomForestClassifier(15), ExtraTreesRegressor(15), DecisionTreeClassifier()]


def item(number, rows, method, kind=FLOATS):
    table = np.asarray(rows, dtype=np.float64 if kind == FLOATS else np.int64)
    return (number, method, kind, *table.shape, table.tobytes())


ASKED = [(model, method) for model in TREES for method in ("predict", "predict_proba") if hasattr(model, method)]


@pytest.mark.parametrize(
    ("model", "method"), ASKED, ids=lambda one: one if isinstance(one, str) else type(one).__name__
)
def test_joined_answers_equal_single_ones(model, method):
    rows, classes = load_iris(return_X_y=True)
    model.fit(rows, classes)
    predictor = Predictor(model, None)
    assert predictor.joins
    generator = np.random.default_rng(0)
    items = [item(i, generator.uniform(0, 8, (i % 3 + 1, 4)), method) for i in range(40)]
    items += [item(99, [[1, 2, 3, 4]], method, INTEGERS), item(100, [[5, 3, 1, 0]], method, INTEGERS)]
    together = {number: (status, body) for number, status, _, body in answers(predictor.answer_all(items))}
    for each in items:
        ((number, status, _, body),) = answers(predictor.answer(each))
        assert together[number] == (status, body)
        assert status == OK


def test_one_bad_request_does_not_spoil_its_neighbours():
    rows, classes = load_iris(return_X_y=True)
    predictor = Predictor(RandomForestClassifier(3).fit(rows, classes), None)
    items = [item(1, rows[:1], "predict"), item(2, [[np.inf, 1, 1, 1]], "predict"), item(3, rows[:2], "predict")]
    statuses = {number: status for number, status, _, _ in answers(predictor.answer_all(items))}
    assert statuses[1] == statuses[3] == OK
    assert statuses[2] != OK


def test_models_that_multiply_matrices_are_asked_one_by_one():
    rows, classes = load_iris(return_X_y=True)
    assert not Predictor(LogisticRegression(max_iter=500).fit(rows, classes), None).joins
    assert not Predictor(RandomForestClassifier(3, n_jobs=2).fit(rows, classes), None).joins
