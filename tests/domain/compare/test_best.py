"""The best of several values is known where the name of the metric says which way is better."""

from __future__ import annotations

import math

import pytest

from desktop_aml.domain.compare.best import best_places, goal_of


@pytest.mark.parametrize(
    ("name", "goal"),
    [
        ("loss", -1),
        ("val/loss", -1),
        ("trainLoss", -1),
        ("RMSE", -1),
        ("accuracy_loss", -1),
        ("val_acc", 1),
        ("AUC", 1),
        ("f1", 1),
        ("macro-f1", 1),
        ("r2_score", 1),
        ("epoch", 0),
        ("learning_rate", 0),
        ("glossary", 0),
        ("", 0),
    ],
)
def test_the_name_says_which_way_is_better(name: str, goal: int) -> None:
    assert goal_of(name) == goal


def test_the_best_values_are_found_and_only_among_numbers() -> None:
    assert best_places("loss", [0.3, 0.1, None, "0.01", True, math.nan, 0.1]) == {1, 6}
    assert best_places("accuracy", [0.3, 1, math.inf]) == {2}


def test_nothing_is_best_where_all_are_alike_or_the_name_says_nothing() -> None:
    assert best_places("loss", [0.3, 0.3]) == frozenset()
    assert best_places("loss", [0.3]) == frozenset()
    assert best_places("steps", [1, 2]) == frozenset()
