"""Every kind of composite, fitted on one table with a column of each type, and requests to ask them with.

Also a program: ``python -m tests.serving.composites EXAMPLES`` tries them all with the first pandas on the path.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector
from sklearn.ensemble import (
    BaggingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_selection import RFE, SelectFromModel
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from desktop_aml.inside_model.answers import encode
from desktop_aml.inside_model.describing import describe
from desktop_aml.inside_model.predicting import Predictor
from desktop_aml.inside_model.worker import columns_for
from desktop_aml.serving.frames import answers
from desktop_aml.serving.rows import read_request
from desktop_aml.serving.schema import ModelDescription, ModelSchema, build_schema


def as_text(frame: Any) -> Any:
    """Write every value as text: a whole number that became a fraction shows."""
    return pd.DataFrame(frame).astype(str)


def lengths(frame: Any) -> Any:
    return pd.DataFrame(frame).apply(lambda column: [len(str(value)) for value in column])


class Own(BaseEstimator, TransformerMixin):
    """A first step of one's own, which looks at columns by name and leaves no trace of them."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        made = X[["age", "fee"]].fillna(0.0).astype(float)
        return made.assign(long=X["city"].fillna("?").astype(str).str.len(), zip=X["zip"].astype(str).str.len())


def table(rows: int = 120) -> pd.DataFrame:
    r = np.random.RandomState(0)
    city = r.choice(["a", "b", "ccc"], rows).astype(object)
    city[::7] = np.nan
    return pd.DataFrame(
        {
            "city": city,
            "age": r.randint(18, 80, rows),
            "fee": np.where(np.arange(rows) % 9 == 0, np.nan, r.rand(rows).round(3)),
            "zip": r.choice([10, 20, 30], rows),
            "paid": r.rand(rows) > 0.5,
        }
    )


FRAME = table()
TARGET = ((FRAME.city == "a") | (FRAME.age > 60)).astype(int).to_numpy()
NUMBERS = FRAME[["age", "fee"]].fillna(0.0)


def _prepared() -> ColumnTransformer:
    text = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    zips = make_pipeline(FunctionTransformer(as_text), OneHotEncoder(handle_unknown="ignore"))
    number = make_pipeline(SimpleImputer(), StandardScaler())
    parts = [("text", text, ["city"]), ("number", number, ["age", "fee"]), ("zip", zips, ["zip", "paid"])]
    return ColumnTransformer(parts)


def _mixed(final: Any = None) -> Any:
    return make_pipeline(_prepared(), final or LogisticRegression())


def _union() -> Any:
    sizes = make_pipeline(FunctionTransformer(lengths), StandardScaler())
    return make_pipeline(make_union(_prepared(), sizes), LogisticRegression())


MIXED: dict[str, Callable[[], Any]] = {
    "pipeline": _mixed,
    "columns": lambda: ColumnTransformer(
        [("text", OneHotEncoder(handle_unknown="ignore"), ["city"])], remainder="passthrough", sparse_threshold=0
    ),
    "columns by type": lambda: make_pipeline(
        ColumnTransformer(
            [
                ("text", OneHotEncoder(handle_unknown="ignore"), ["city"]),
                ("number", SimpleImputer(), make_column_selector(dtype_include="number")),
            ]
        ),
        LogisticRegression(),
    ),
    "union": _union,
    "grid": lambda: GridSearchCV(_mixed(), {"logisticregression__C": [1.0]}, cv=2),
    "random": lambda: RandomizedSearchCV(_mixed(), {"logisticregression__C": [1.0]}, n_iter=1, cv=2),
    "voting": lambda: VotingClassifier([("a", _mixed()), ("b", _union())], voting="soft"),
    "stacking": lambda: StackingClassifier([("a", _mixed()), ("b", _mixed(DecisionTreeClassifier()))], cv=2),
    "calibrated": lambda: CalibratedClassifierCV(_mixed(), cv=2),
    "one against the rest": lambda: OneVsRestClassifier(_mixed()),
    "several outputs": lambda: MultiOutputClassifier(_mixed()),
    "target": lambda: TransformedTargetRegressor(_mixed(LinearRegression()), transformer=StandardScaler()),
    "ordinal": lambda: make_pipeline(
        ColumnTransformer(
            [
                ("c", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), ["city", "zip"]),
                ("p", "passthrough", ["age", "fee"]),
            ]
        ),
        HistGradientBoostingClassifier(max_iter=3),
    ),
    "own": lambda: make_pipeline(Own(), StandardScaler(), LogisticRegression()),
    "a function": lambda: make_pipeline(FunctionTransformer(lengths), DecisionTreeClassifier(random_state=0)),
}
"""Composites of models that take all columns of the table."""

OF_NUMBERS: dict[str, Callable[[], Any]] = {
    "pipeline": lambda: make_pipeline(StandardScaler(), LogisticRegression()),
    "forest": lambda: RandomForestClassifier(5, random_state=0),
    "bagging": lambda: BaggingClassifier(DecisionTreeClassifier(), 3, random_state=0),
    "chain": lambda: ClassifierChain(LogisticRegression()),
    "elimination": lambda: RFE(LogisticRegression(), n_features_to_select=1),
    "selection": lambda: make_pipeline(SelectFromModel(LogisticRegression(), max_features=1), LogisticRegression()),
    "union": lambda: make_pipeline(FeatureUnion([("a", StandardScaler()), ("b", "passthrough")]), LogisticRegression()),
}
"""Composites of models of numbers alone."""


def fitted(make: Callable[[], Any], frame: Any) -> Any:
    model = make()
    target = TARGET
    if isinstance(model, MultiOutputClassifier | ClassifierChain):
        target = np.column_stack([TARGET, 1 - TARGET])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(frame, target)


class Spy:
    """Says, for each row, how it was handed over."""

    def predict(self, rows: Any) -> list[Any]:
        if isinstance(rows, pd.DataFrame):
            kinds = [str(kind) for kind in rows.dtypes]
            return [
                [[name, kind, _seen(rows[name].iloc[i])] for name, kind in zip(rows, kinds, strict=True)]
                for i in range(len(rows))
            ]
        return [[[str(rows.dtype), _seen(value)] for value in row] for row in rows]

    transform = predict


def _seen(value: Any) -> str:
    return f"{type(value).__name__} {value!s}"


class Served:
    """A model as its endpoint serves it, front and process in one."""

    def __init__(self, model: Any, sample: Any = ((), ())) -> None:
        description, known = describe(model, [], sample)
        as_sent = json.loads(json.dumps(description))
        self.schema: ModelSchema = build_schema(_described(as_sent), "", sample)
        self.predictor = Predictor(model, columns_for(description), known)
        self.method = "predict" if "predict" in description["methods"] else "transform"

    def ask(self, *requests: Any) -> list[Any]:
        """Return the answers to requests that arrive together, or the status and words of a refusal."""
        items = []
        for number, rows in enumerate(requests):
            _, packed = read_request({"data": rows, "method": self.method}, self.schema)
            items.append((number, self.method, packed.kind, packed.rows, packed.columns, packed.payload))
        got = {
            number: (status, json.loads(body)) for number, status, _, body in answers(self.predictor.answer_all(items))
        }
        return [body if status == 0 else (status, body["message"]) for status, body in map(got.get, range(len(items)))]

    def handed(self, *requests: Any) -> list[Any]:
        """Return how each row of requests that arrive together is handed to the model."""
        model, self.predictor.model = self.predictor.model, Spy()
        try:
            return [row for rows in self.ask(*requests) for row in rows]
        finally:
            self.predictor.model = model


def _described(words: dict[str, Any]) -> ModelDescription:
    import msgspec

    return msgspec.convert(words, ModelDescription, strict=False)


NUMBER = st.one_of(st.integers(-5, 90), st.floats(-5, 90).map(lambda value: round(value, 2)))
ROW = st.fixed_dictionaries(
    {
        "city": st.sampled_from(["a", "b", "ccc", "new", None]),
        "age": st.one_of(NUMBER, st.none()),
        "fee": st.one_of(NUMBER, st.none(), st.booleans()),
        "zip": st.one_of(st.sampled_from([10, 20, 30, 10.0, 20.5]), st.none()),
        "paid": st.one_of(st.booleans(), st.none(), st.integers(0, 1)),
    }
)
ROWS = st.lists(ROW, min_size=1, max_size=6)


def _tries(examples: int) -> settings:
    checks = list(HealthCheck)
    return settings(max_examples=examples, deadline=None, database=None, derandomize=True, suppress_health_check=checks)


def holds(served: Served, model: Any, columns: list[str], examples: int, *, named: bool) -> None:
    """Check that rows are handed over and answered alone as in any company, and as the model itself answers."""

    def as_sent(rows: list[dict[str, Any]]) -> list[Any]:
        return [{name: row[name] for name in columns} if named else [row[name] for name in columns] for row in rows]

    @_tries(examples)
    @given(ROWS, st.integers(0, 6))
    def check_handed(rows: list[dict[str, Any]], cut: int) -> None:
        asked = as_sent(rows)
        alone = [served.handed([row])[0] for row in asked]
        assert served.handed(asked) == alone
        assert served.handed(*[part for part in (asked[:cut], asked[cut:]) if part]) == alone

    @_tries(2 + examples // 10)
    @given(ROWS)
    def check_answers(rows: list[dict[str, Any]]) -> None:
        asked = as_sent(rows)
        alone = served.ask(*[[row] for row in asked])
        assert alone == [_own(model, served, row) for row in asked]
        if all(isinstance(answer, list) for answer in alone):
            assert _close(served.ask(asked)[0], [answer[0] for answer in alone])

    with contextlib.redirect_stderr(io.StringIO()):
        check_handed()
        check_answers()


def _own(model: Any, served: Served, row: Any) -> Any:
    """Return what the model itself says of the table that a row is handed over as."""
    seen: list[Any] = []

    class Kept:
        def predict(self, rows: Any) -> Any:
            seen.append(rows)
            return [0]

        transform = predict

    inside, served.predictor.model = served.predictor.model, Kept()
    try:
        served.ask([row])
    finally:
        served.predictor.model = inside
    try:
        return json.loads(encode(getattr(model, served.method)(seen[0])))
    except Exception as error:
        return (1 if isinstance(error, ValueError) else 2, str(error).strip().splitlines()[0][:300])


def _close(one: Any, other: Any) -> bool:
    return np.shape(one) == np.shape(other) and np.allclose(
        np.array(one, float), np.array(other, float), rtol=1e-12, equal_nan=True
    )


def check_mixed(name: str, examples: int) -> None:
    """Check a composite that takes all columns."""
    model = fitted(MIXED[name], FRAME)
    # A first step of one's own leaves no trace of the columns: only a sample names them.
    sample = ([["a", 30, 0.5, 10, True]], list(FRAME)) if name == "own" else ((), ())
    holds(Served(model, sample), model, list(FRAME), examples, named=True)


def check_of_numbers(name: str, examples: int) -> None:
    """Check a composite of numbers, fitted on a data frame and on an array."""
    for frame in (NUMBERS, NUMBERS.to_numpy()):
        model = fitted(OF_NUMBERS[name], frame)
        holds(Served(model), model, list(NUMBERS), examples, named=frame is NUMBERS)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for one in MIXED:
        check_mixed(one, int(sys.argv[1]))
    for one in OF_NUMBERS:
        check_of_numbers(one, int(sys.argv[1]))
    print(pd.__version__, len(MIXED) + len(OF_NUMBERS))
