"""How far a script is, as its own bars and epochs say."""

from __future__ import annotations

import pytest

from desktop_aml.domain.summaries.log_progress import progress_in


@pytest.mark.parametrize(
    ("tail", "done"),
    [
        ("  0%|          | 0/200 [00:00<?, ?it/s]\r 45%|####5     | 90/200 [00:09<00:11,  9.98it/s]", 0.45),
        ("Training:  45%|####5     | 90/200 [00:09<00:11]\nloss: 0.3\n", 0.45),
        ("Training:   7%|7         | 7/100", 0.07),
        ("Epoch 1/4\nloss 0.9\nEpoch 3/4\nloss 0.5", 0.5),
        ("epoch: [2/10] loss 0.5", 0.1),
        # The outer bar of two stands above the inner one, and the last that moved counts.
        ("Epochs:  50%|#####     | 1/2\n  Batches:  10%|#         | 1/10", 0.1),
        ("100%|##########| 200/200 [00:20<00:00]\nSaving the model\n", None),
        ("Accuracy 97%\nAUC is 50% better\nstep 3/4\n", None),
        ("Epoch 5/4\n", None),
        ("Epoch 0/0\n", None),
        ("", None),
    ],
)
def test_the_last_bar_or_epoch_counts(tail: str, done: float | None) -> None:
    assert progress_in(tail) == done
