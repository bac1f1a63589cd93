"""``sklearn.preprocessing.Imputer``, gone since scikit-learn 0.22."""

import numpy as np
from sklearn.impute import SimpleImputer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Imputer(SimpleImputer):  # type: ignore[misc]  # scikit-learn has no types
    """Fills missing values of each column; rows (``axis=1``) are refused."""

    def __init__(
        self, missing_values: "Any" = "NaN", strategy: str = "mean", axis: int = 0, verbose: int = 0, copy: bool = True
    ) -> None:
        if axis != 0:
            raise ValueError("Imputer(axis=1) is gone from scikit-learn: pin scikit-learn==0.20.4 to have it.")
        wanted = np.nan if isinstance(missing_values, str) and missing_values == "NaN" else missing_values
        SimpleImputer.__init__(self, missing_values=wanted, strategy=strategy, copy=copy)
        self.axis = axis
        self.verbose = verbose
