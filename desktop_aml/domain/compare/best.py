"""Which of several values of a metric is the best, where its name says whether less or more is better."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Final

from desktop_aml.domain.metrics import Scalar

_LESS: Final = frozenset(
    {"loss", "error", "err", "mse", "rmse", "mae", "mape", "msle", "rmsle", "perplexity", "ppl", "nll", "wer", "cer",
     "fid", "brier", "logloss", "deviance", "regret"}
)  # fmt: skip
_MORE: Final = frozenset(
    {"accuracy", "acc", "auc", "auroc", "auprc", "f1", "precision", "recall", "score", "r2", "bleu", "rouge", "iou",
     "dice", "map", "ndcg", "mcc", "kappa", "sensitivity", "specificity", "correlation", "reward", "psnr", "ssim"}
)  # fmt: skip
_WORDS: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+[0-9]*|[A-Z]+[0-9]*|[0-9]+")


def goal_of(name: str) -> int:
    """Return -1 where a lesser value of the metric is better, 1 where a greater one is, 0 where the name says neither.

    The last word that says it counts: ``accuracy_loss`` is a loss.
    """
    for word in reversed([part.lower() for part in _WORDS.findall(name)]):
        if word in _LESS:
            return -1
        if word in _MORE:
            return 1
    return 0


def best_places(name: str, values: Sequence[Scalar]) -> frozenset[int]:
    """Return the places of the best values, several when they are alike; none where there is no better one."""
    goal = goal_of(name)
    numbers = {
        place: value
        for place, value in enumerate(values)
        if isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)
    }
    if not goal or len(set(numbers.values())) < 2:
        return frozenset()
    best = max(goal * value for value in numbers.values())
    return frozenset(place for place, value in numbers.items() if goal * value == best)
