"""Whether more or less of a metric is better, as far as its name tells."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Goal(StrEnum):
    """Whether more or less of a metric is better."""

    MAXIMIZE = "maximize"
    MINIMIZE = "minimize"


_WORD: Final = re.compile(r"[A-Z]+\d*(?![a-z])|[A-Z]?[a-z]+\d*|\d+")
_WORDS_OF_LESS: Final = (
    "loss losses error errors err mse rmse mae mape smape rmsle msle medae logloss nll bce ce crossentropy entropy"
    " perplexity ppl wer cer eer fid brier deviance regret hinge latency divergence kl impurity inertia"
)
_WORDS_OF_MORE: Final = (
    "accuracy acc auc auroc auprc roc f1 f2 fbeta precision recall score r2 ap map bleu rouge meteor iou miou dice"
    " jaccard kappa mcc ndcg mrr reward sensitivity specificity psnr ssim top1 top5 pearson spearman correlation"
    " silhouette throughput likelihood gini"
)
_LESS: Final = frozenset(_WORDS_OF_LESS.split())
_MORE: Final = frozenset(_WORDS_OF_MORE.split())
_TURNED: Final = frozenset({"neg", "negative"})


def goal_of(name: str) -> Goal | None:
    """Return what the last word of a name that tells it says; None where no word does.

    Of ``val_loss`` less is better, of ``test/Accuracy`` more, and of scikit-learn's ``neg_mean_squared_error``, too.
    """
    words = [word.lower() for word in _WORD.findall(name)]
    for word in reversed(words):
        if word in _MORE:
            return Goal.MAXIMIZE
        if word in _LESS:
            return Goal.MAXIMIZE if words[0] in _TURNED else Goal.MINIMIZE
    return None
