"""Values that JSON has no word or type for reach the model as it was fitted on them, or it answers wrong in silence."""

from __future__ import annotations

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from tests.serving.composites import Served

DAYS = [datetime.date(2024, 1, 1 + number) for number in range(3)]
BIG = 1 << 63
COLUMNS = {
    "days": (pd.Series(DAYS, dtype=object), [day.isoformat() for day in DAYS]),
    "days and nothing": (pd.Series([*DAYS[:2], None], dtype=object), ["2024-01-01", "2024-01-02", None]),
    "dates and nothing": (
        pd.Series(pd.to_datetime([*DAYS[:2], None])).astype("datetime64[ns]"),
        [*map(str, DAYS[:2]), None],
    ),
    "periods": (pd.Series(pd.PeriodIndex(DAYS, freq="D")), ["2024-01-01", "2024-01-02", "2024-01-03"]),
    "durations": (pd.Series(pd.to_timedelta([1, 2, 3], unit="D")), ["1 days", "P2D", "3 days 00:00:00"]),
    "intervals": (pd.Series(pd.IntervalIndex.from_breaks([0, 1, 2, 3])), ["(0, 1]", "(1, 2]", "(2, 3]"]),
    "bytes": (pd.Series([b"a", b"b", b"c"], dtype=object), ["a", "b", "c"]),
    "decimals": (pd.Series([Decimal("0.5"), Decimal(2), Decimal(3)], dtype=object), [0.5, 2, "3"]),
    "beyond int64": (pd.Series([BIG, BIG + 1, BIG + 2], dtype="uint64"), [BIG, BIG + 1, BIG + 2]),
    "beyond all": (pd.Series([10**25, 10**25 + 1, 3], dtype=object), [10**25, 10**25 + 1, 3]),
    "truth and NaN": (pd.Series([True, False, np.nan], dtype=object), [True, False, None]),
    "numbers and NaN as objects": (pd.Series([1, 2, np.nan], dtype=object), [1, 2, None]),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_an_encoder_knows_what_it_was_fitted_on(kind: str) -> None:
    column, sent = COLUMNS[kind]
    frame = pd.DataFrame({"x": [0.1, 0.2, 0.3], "odd": column})
    encoder = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), ["odd"]), remainder="passthrough")
    model = make_pipeline(encoder, DecisionTreeClassifier(random_state=0)).fit(frame, ["a", "b", "c"])
    served = Served(model)
    rows = [[0.2, value] for value in sent]
    alike = model.predict(frame.assign(x=0.2)).tolist()
    assert served.ask(rows) == [alike]
    assert [served.ask([row])[0][0] for row in rows] == alike
    assert len(set(alike)) > 1


@pytest.mark.parametrize(
    "categories", [DAYS, pd.IntervalIndex.from_breaks([0, 1, 2, 3])], ids=lambda one: type(one).__name__
)
def test_categories_that_are_no_texts_are_meant_by_theirs(categories: object) -> None:
    frame = pd.DataFrame({"c": pd.Categorical([*categories] * 20)})
    model = HistGradientBoostingClassifier(max_iter=5, categorical_features="from_dtype", min_samples_leaf=2)
    model.fit(frame, ["a", "b", "c"] * 20)
    assert Served(model).ask([[str(one)] for one in categories]) == [["a", "b", "c"]]


@pytest.mark.parametrize("kind", ["datetime64[D]", "object"])
def test_an_array_of_dates_is_one_of_dates(kind: str) -> None:
    table = np.array(DAYS, dtype=kind).reshape(-1, 1)
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), DecisionTreeClassifier(random_state=0))
    model.fit(table, ["a", "b", "c"])
    assert Served(model).ask([[day.isoformat()] for day in DAYS]) == [["a", "b", "c"]]


class Hours(BaseEstimator, TransformerMixin):
    """Code of one's own, for which the hour counts that the clock there showed."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X[["at"]].apply(lambda column: column.dt.hour)


def test_a_date_with_an_offset_keeps_its_hour() -> None:
    at = pd.date_range("2024-07-01", periods=24, freq="h", tz="Europe/Berlin")
    model = make_pipeline(Hours(), DecisionTreeRegressor()).fit(pd.DataFrame({"at": at}), range(24))
    rows = [{"at": one.isoformat()} for one in at]
    rows += [{"at": "2024-07-01T09:00:00-05:30"}, {"at": "2024-07-01T09:00:00.123456789+02:00"}, {"at": "2024-07-01"}]
    assert Served(model).ask(rows) == [[*range(24), 9, 9, 0]]
