"""What was seen of a plain script is read from documents in which anything may stand."""

from __future__ import annotations

import pytest

from desktop_aml.domain.captured.facts import (
    DOCUMENTS,
    CapturedFacts,
    FittedEstimator,
    Score,
    ShownWarning,
    captured_facts,
)

ESTIMATOR = {
    "class": "SVC",
    "module": "sklearn.svm._classes",
    "line": 12,
    "parameters": {"C": "10.0", "kernel": "'rbf'", "gamma": None},
    "set": ["C", "gamma"],
}
SCORE = {
    "metric": "accuracy",
    "function": "accuracy_score",
    "data": "y_test",
    "estimator": "SVC",
    "value": 0.9,
    "line": 14,
}
WARNING = {"category": "ConvergenceWarning", "count": 3, "first": "did not converge"}


def test_documents_are_told_in_the_order_in_which_they_came() -> None:
    found = captured_facts(
        {
            (DOCUMENTS, "score 1"): SCORE,
            (DOCUMENTS, "score 2"): {**SCORE, "times": 40},
            (DOCUMENTS, "estimator 1"): ESTIMATOR,
            (DOCUMENTS, "warning 1"): WARNING,
            (DOCUMENTS, "more estimators"): 4,
            (DOCUMENTS, "model"): {"path": "outputs/captured/model.joblib"},
            ("table", "estimator 2"): ESTIMATOR,
            (DOCUMENTS, "something new"): 1,
        }
    )
    estimator = FittedEstimator("SVC", "sklearn.svm._classes", 12, {"C": "10.0", "kernel": "'rbf'"}, ("C",))
    assert found == CapturedFacts(
        (estimator,),
        tuple(Score("accuracy", "accuracy_score", "y_test", "SVC", 0.9, 14, times) for times in (1, 40)),
        (ShownWarning("ConvergenceWarning", 3, "did not converge"),),
        4,
        "outputs/captured/model.joblib",
    )
    assert not found.is_empty()
    assert estimator.words() == "C=10.0"


@pytest.mark.parametrize("key", ["estimator 1", "score 1", "warning 1", "more estimators", "model"])
@pytest.mark.parametrize("body", [None, 7.5, "words", [], {}, {"parameters": 3}, {"parameters": {}, "set": None}])
def test_a_document_that_makes_no_sense_is_passed_over(key: str, body: object) -> None:
    found = captured_facts({(DOCUMENTS, key): body, (DOCUMENTS, "warning 2"): WARNING})
    assert found == CapturedFacts(warnings=(ShownWarning("ConvergenceWarning", 3, "did not converge"),))


def test_of_a_script_in_which_nothing_was_seen_nothing_is_told() -> None:
    assert captured_facts({}).is_empty()
