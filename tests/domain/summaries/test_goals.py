"""What is better of a metric, as its name tells."""

from __future__ import annotations

import pytest

from desktop_aml.domain.summaries.goals import Goal, goal_of


@pytest.mark.parametrize(
    ("name", "goal"),
    [
        ("loss", Goal.MINIMIZE),
        ("val_loss", Goal.MINIMIZE),
        ("train/Accuracy", Goal.MAXIMIZE),
        ("testRMSE", Goal.MINIMIZE),
        ("neg_mean_squared_error", Goal.MAXIMIZE),
        ("eval.f1_macro", Goal.MAXIMIZE),
        ("top5 error", Goal.MINIMIZE),
        ("R2", Goal.MAXIMIZE),
        ("epoch", None),
        ("glossary", None),
        ("", None),
        ("精度", None),
    ],
)
def test_the_words_of_a_name_tell_what_is_better(name: str, goal: Goal | None) -> None:
    assert goal_of(name) is goal
