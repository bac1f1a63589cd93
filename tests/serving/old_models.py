# ruff: noqa: B905, E402, PTH100, PTH118, PTH120, UP032 - Python 3.6, with a stand-in for our package
"""Program for an old scikit-learn: fit, serve as an endpoint's process does, and compare with the model itself.

It runs in an environment that has nothing of ours but `desktop_aml.inside_model`, with Python 3.6 or newer.
"""

import json
import os
import sys
import types
import warnings

warnings.simplefilter("ignore")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
package = types.ModuleType("desktop_aml")
package.__path__ = [os.path.join(ROOT, "desktop_aml")]
sys.modules["desktop_aml"] = package

import numpy as np
import pandas as pd
import sklearn
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier, VotingClassifier
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer, OneHotEncoder, StandardScaler

from desktop_aml.inside_model import describing, loading, predicting, worker


class Ratio(BaseEstimator, TransformerMixin):
    """A first step of one's own, which takes columns by name."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return pd.DataFrame({"ratio": X["age"] / X["fee"]})


def logistic():
    return LogisticRegression(solver="lbfgs")


def columns():
    text = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    return ColumnTransformer([("c", text, ["city"]), ("n", StandardScaler(), ["age", "fee"])])


CITY = np.array(["a", "b", "c", np.nan, "a", "b"] * 10, dtype=object)
FRAME = pd.DataFrame({"city": CITY, "age": np.arange(60) + 18, "fee": np.linspace(0.1, 1, 60)})
TARGET = ((FRAME.city == "a") | (FRAME.age > 60)).astype(int)
NUMBERS = FRAME[["age", "fee"]]
ASKED = pd.DataFrame({"city": ["a", np.nan, "new"], "age": [30, 40, 50], "fee": [0.5, 0.25, 1.0]})
SAMPLE = ([["a", 30, 0.5]], ["city", "age", "fee"])
NONE = ((), ())

# The model, what it was fitted on, what it is asked, and the sample that came with it.
MODELS = {
    "pipeline": (make_pipeline(StandardScaler(), logistic()), NUMBERS.values, ASKED[["age", "fee"]].values, NONE),
    "pipeline of pipelines": (
        make_pipeline(make_pipeline(SimpleImputer(), StandardScaler()), logistic()),
        NUMBERS.values,
        ASKED[["age", "fee"]].values,
        NONE,
    ),
    "union": (
        make_pipeline(FeatureUnion([("a", StandardScaler()), ("b", Normalizer())]), logistic()),
        NUMBERS.values,
        ASKED[["age", "fee"]].values,
        NONE,
    ),
    "forest": (RandomForestClassifier(5, random_state=0), NUMBERS.values, ASKED[["age", "fee"]].values, NONE),
    "names from a sample": (
        make_pipeline(StandardScaler(), logistic()),
        NUMBERS,
        ASKED[["age", "fee"]],
        ([[30, 0.5]], ["age", "fee"]),
    ),
    "columns": (make_pipeline(columns(), logistic()), FRAME, ASKED, NONE),
    "columns in a search": (
        GridSearchCV(make_pipeline(columns(), logistic()), {"logisticregression__C": [1.0]}, cv=2, iid=False)
        if sklearn.__version__ < "0.22"
        else GridSearchCV(make_pipeline(columns(), logistic()), {"logisticregression__C": [1.0]}, cv=2),
        FRAME,
        ASKED,
        SAMPLE,
    ),
    "columns in a vote": (
        VotingClassifier([("a", make_pipeline(columns(), logistic()))], voting="soft"),
        FRAME,
        ASKED,
        NONE,
    ),
    "several outputs": (
        MultiOutputRegressor(make_pipeline(StandardScaler(), LinearRegression())),
        NUMBERS.values,
        ASKED[["age", "fee"]].values,
        NONE,
    ),
    "calibrated": (
        CalibratedClassifierCV(make_pipeline(StandardScaler(), logistic()), cv=2),
        NUMBERS.values,
        ASKED[["age", "fee"]].values,
        NONE,
    ),
    "a first step of one's own": (
        make_pipeline(Ratio(), logistic()),
        NUMBERS,
        ASKED[["age", "fee"]],
        ([[30, 0.5]], ["age", "fee"]),
    ),
    "a first step of one's own without a sample": (
        make_pipeline(Ratio(), logistic()),
        NUMBERS,
        ASKED[["age", "fee"]],
        NONE,
    ),
    "a function": (
        make_pipeline(FunctionTransformer(lambda frame: frame[["age"]] * 2, validate=False), logistic()),
        NUMBERS,
        ASKED[["age", "fee"]],
        ([[30, 0.5]], ["age", "fee"]),
    ),
    "texts": (
        make_pipeline(CountVectorizer(), logistic()),
        ["{} word".format(city) for city in CITY],
        ["a word", "new"],
        NONE,
    ),
    "hashed texts": (
        make_pipeline(HashingVectorizer(n_features=16), logistic()),
        ["{} word".format(city) for city in CITY],
        ["a word", "new"],
        NONE,
    ),
}


def ask(model, asked, sample):
    """Return what the process of an endpoint answers."""
    describing.check_is_model(model, "model.joblib")
    description, known = describing.describe(model, [], sample)
    description = json.loads(json.dumps(description))
    predictor = predicting.Predictor(model, worker.columns_for(description), known)
    if description["takes"] == "texts":
        item = (1, "predict", predicting.VALUES, len(asked), 1, json.dumps(asked).encode("ascii"))
    elif not description["takes_text"]:
        values = np.ascontiguousarray(np.asarray(asked), dtype=float)
        item = (1, "predict", predicting.FLOATS, values.shape[0], values.shape[1], values.tobytes())
    else:
        frame = asked.astype(object).where(asked.notnull(), None)
        rows = frame.values.tolist()
        if description["open_names"] and not description["feature_names"]:
            rows = [dict(zip(asked.columns, row)) for row in rows]
        item = (1, "predict", predicting.ROWS, len(rows), len(asked.columns), json.dumps(rows).encode("ascii"))
    answer = predictor.answer(item)
    status = predicting.ANSWER.unpack_from(answer)[1]
    return status, json.loads(answer[predicting.ANSWER.size :].decode("ascii")), description


def main():
    wrong = []
    for name, (model, rows, asked, sample) in sorted(MODELS.items()):
        try:
            describing.check_is_model(model, "model.joblib")
            wrong.append("{}: not trained, and taken".format(name))
        except loading.CannotServe as error:
            if "not fitted" not in str(error):
                wrong.append("{}: {}".format(name, error))
        target = np.column_stack([TARGET, TARGET]) if name == "several outputs" else TARGET
        model.fit(rows, target)
        status, answer, description = ask(model, asked, sample)
        if status != 0 or not np.allclose(answer, model.predict(asked)):
            wrong.append("{}: {} {} instead of {}".format(name, status, answer, model.predict(asked)))
        if hasattr(rows, "columns") and (sample[1] or "columns" in name):
            if description["feature_names"] != list(rows.columns):
                wrong.append("{}: its columns are {}".format(name, description["feature_names"]))
        elif hasattr(rows, "shape") and not hasattr(rows, "columns") and description["feature_count"] != rows.shape[1]:
            wrong.append("{}: takes {} columns".format(name, description["feature_count"]))
    print(json.dumps({"scikit-learn": sklearn.__version__, "models": len(MODELS), "wrong": wrong}))


if __name__ == "__main__":
    main()
