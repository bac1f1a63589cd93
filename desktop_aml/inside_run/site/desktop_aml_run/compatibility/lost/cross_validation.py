"""``sklearn.cross_validation``, gone since scikit-learn 0.20: splitters that are given the data's size at once."""

import sklearn.model_selection as now
from sklearn.model_selection import cross_val_predict, cross_val_score, train_test_split  # noqa: F401 - given on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


class _Split(object):
    """Index arrays of training and test rows, one pair a round."""

    def __init__(self, splitter: "Any", rows: "Any", y: "Any" = None) -> None:
        self._splitter = splitter
        self._rows = rows
        self._y = y

    def __iter__(self) -> "Iterator[Any]":
        return iter(self._splitter.split(self._rows, self._y))

    def __len__(self) -> int:
        return int(self._splitter.get_n_splits(self._rows, self._y))


def KFold(n: int, n_folds: int = 3, shuffle: bool = False, random_state: "Any" = None) -> "_Split":  # noqa: N802 - the old name
    """Split `n` rows into folds."""
    return _Split(now.KFold(n_folds, shuffle=shuffle, random_state=random_state), range(n))


def StratifiedKFold(y: "Any", n_folds: int = 3, shuffle: bool = False, random_state: "Any" = None) -> "_Split":  # noqa: N802 - the old name
    """Split rows into folds that hold the classes in `y` alike."""
    return _Split(now.StratifiedKFold(n_folds, shuffle=shuffle, random_state=random_state), range(len(y)), y)


def ShuffleSplit(  # noqa: N802 - the old name
    n: int, n_iter: int = 10, test_size: float = 0.1, train_size: "Any" = None, random_state: "Any" = None
) -> "_Split":
    """Split `n` rows at random, several times."""
    splitter = now.ShuffleSplit(n_iter, test_size=test_size, train_size=train_size, random_state=random_state)
    return _Split(splitter, range(n))
