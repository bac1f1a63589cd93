"""The type of a column is the column's own: no row changes how another one is handed to the model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.inside_model.boosters import categories_of_a_booster, names_of_a_booster
from desktop_aml.inside_model.describing import describe
from desktop_aml.serving import client
from tests.serving.composites import FRAME, MIXED, OF_NUMBERS, Served, check_mixed, check_of_numbers, fitted
from tests.serving.inline import Inline
from tests.shared_builds import libraries

ROOT = Path(__file__).parents[2]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MIXED)
def test_a_row_is_the_same_alone_and_in_any_batch(name):
    check_mixed(name, 20)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", OF_NUMBERS)
def test_a_row_of_numbers_is_the_same_alone_and_in_any_batch(name):
    check_of_numbers(name, 10)


def in_older_libraries(folder, *words):
    """Run Python where those libraries come first, and return the words that it prints."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
    command = [sys.executable, *words]
    tried = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr[-3000:]
    return tried.stdout.split()


@pytest.mark.parametrize("wanted", [("pandas==1.5.3", "numpy==1.26.4", "pytz"), ("pandas==2.2.3", "pytz")])
def test_it_holds_with_older_pandas(wanted):
    if sys.version_info[:2] > (3, 11) and wanted[0].startswith("pandas==1"):
        pytest.skip("pandas 1 came before this Python")
    told = in_older_libraries(libraries(*wanted), "-m", "tests.serving.composites", "3")
    assert told == [wanted[0].partition("==")[2], str(len(MIXED) + len(OF_NUMBERS))]


def titanic() -> pd.DataFrame:
    port = np.array(["S", "C", "Q", np.nan, "S", "C"] * 10, dtype=object)
    return pd.DataFrame({"fare": np.linspace(5, 60, 60).round(2), "port": port})


def imputing(**words) -> ColumnTransformer:
    text = make_pipeline(SimpleImputer(strategy="most_frequent", **words), OneHotEncoder(handle_unknown="ignore"))
    return ColumnTransformer([("text", text, ["port"]), ("number", StandardScaler(), ["fare"])])


def test_null_in_a_column_of_text_is_a_missing_value_beside_text_and_alone(deploy):
    frame = titanic()
    model = make_pipeline(imputing(), LogisticRegression()).fit(frame, (frame.port == "C").astype(int))
    endpoint = deploy(model)
    gap, text = {"fare": 44.0, "port": None}, {"fare": 44.0, "port": "S"}
    right = model.predict_proba(pd.DataFrame({"fare": [44.0, 44.0], "port": [np.nan, "S"]})).tolist()
    assert client.score(endpoint.uri, {"data": [gap]}) == right[:1]
    assert client.score(endpoint.uri, {"data": [gap, text]}) == right


def test_null_is_none_only_where_the_model_knows_none():
    frame = titanic()
    frame["port"] = pd.Series([None if value != value else value for value in titanic().port], dtype=object)
    knows = make_pipeline(imputing(missing_values=None), LogisticRegression())
    served = Served(knows.fit(frame, (frame.port == "C").astype(int)))
    assert served.handed([{"fare": 1, "port": None}])[0][1] == ["port", "object", "NoneType None"]
    encoder = OrdinalEncoder().fit(np.array([["a"], [None]], dtype=object))
    assert Served(encoder).handed([[None]], [["a"], [None]]) == [
        [["object", "NoneType None"]],
        [["object", "str a"]],
        [["object", "NoneType None"]],
    ]
    plain = OrdinalEncoder().fit(np.array([["a"], ["b"]], dtype=object))
    assert Served(plain).handed([[None]]) == [[["object", "float nan"]]]


def test_a_whole_number_and_a_flag_stay_so_beside_a_fraction():
    frame = pd.DataFrame({"zip": [10, 20, 30] * 4, "flag": [True, False] * 6, "share": np.linspace(0, 1, 12)})
    text = make_pipeline(FunctionTransformer(lambda frame: frame.astype(str)), OneHotEncoder(handle_unknown="ignore"))
    steps = ColumnTransformer([("text", text, ["zip", "flag"]), ("share", "passthrough", ["share"])])
    model = make_pipeline(steps, LogisticRegression(C=100)).fit(frame, (frame.zip == 10).astype(int))
    served = Served(model)
    rows = [{"zip": 10, "flag": True, "share": 0.5}, {"zip": 30, "flag": False, "share": 1}]
    kinds = [[kind for _, kind, _ in row] for row in served.handed(rows)]
    assert kinds == [["int64", "bool", "float64"]] * 2
    assert served.ask(rows)[0] == model.predict(pd.DataFrame(rows).astype({"share": float})).tolist() == [1, 0]
    # In one column, too, each value is what it is by itself.
    fraction = {"zip": 10.5, "flag": True, "share": 0.5}
    assert served.handed([rows[0], fraction])[0] == served.handed([rows[0]])[0]


def test_a_lone_null_beside_text_is_a_number_that_is_missing():
    frame = pd.DataFrame({"age": [1.0, np.nan, 3.0] * 4, "city": ["a", "b", "c"] * 4})
    both = FunctionTransformer(lambda frame: frame.assign(city=frame["city"].map(len), age=frame["age"].fillna(0.0)))
    served = Served(make_pipeline(both, LogisticRegression()).fit(frame, [0, 1, 1] * 4))
    assert served.handed([{"age": None, "city": "a"}])[0][0] == ["age", "float64", "float64 nan"]


def test_the_sample_tells_types_that_the_model_does_not():
    model = FunctionTransformer(lambda frame: frame).fit(pd.DataFrame({"a": [1.5], "b": [1], "c": ["x"], "d": [True]}))
    served = Served(model, ([[1.5, 1, "x", True]], ["a", "b", "c", "d"]))
    handed = served.handed([{"a": 2, "b": 2.0, "c": None, "d": False}])[0]
    assert [kind for _, kind, _ in handed] == ["float64", "int64", str(pd.Series(["x"]).dtype), "bool"]
    assert [column.type for column in served.schema.columns] == ["number", "number", "string", "boolean"]
    assert served.handed([{"a": 2, "b": 2.5, "c": "x", "d": None}])[0][1] == ["b", "float64", "float64 2.5"]


@pytest.mark.parametrize(
    "wrap", [lambda model: model, make_pipeline, lambda m: GridSearchCV(m, {"max_iter": [5]}, cv=2)]
)
def test_categories_are_taken_however_deep_their_model_lies(wrap):
    frame = pd.DataFrame({"kind": pd.Categorical(list("uvw") * 20), "z": np.linspace(0, 1, 60)})
    model = wrap(HistGradientBoostingClassifier(categorical_features="from_dtype", max_iter=5, min_samples_leaf=1))
    model.fit(frame, (frame.kind == "u").astype(int))
    served = Served(model)
    asked = pd.DataFrame({"kind": pd.Categorical(["u", "w"], categories=list("uvw")), "z": [0.2, 0.3]})
    assert served.ask([{"kind": "u", "z": 0.2}, {"kind": "w", "z": 0.3}])[0] == model.predict(asked).tolist() == [1, 0]
    assert served.schema.columns[0].example == "u"
    assert served.schema.columns[0].type == "string"


LENGTHS = """
class Model:
    def predict(self, rows):
        return {"sizes": [len(rows)]}
"""


def test_an_answer_that_cannot_be_put_together_is_refused_in_words(deploy):
    endpoint = deploy(Inline(LENGTHS))
    assert client.score(endpoint.uri, {"data": [[1, 2], [3, 4]]}) == {"sizes": [2]}
    answer = endpoint.post({"data": [[1, 2], [3, 4.5], [5, 6]]})
    assert answer.status == 400
    assert "Send the rows one by one" in answer.message


def test_answers_of_several_outputs_are_put_together():
    model = fitted(MIXED["several outputs"], FRAME)
    served = Served(model)
    served.method = "predict_proba"
    rows = [{"city": "a", "age": 30, "fee": 0.5, "zip": zip_, "paid": True} for zip_ in (10, 20.5, 30)]
    alone = [served.ask([row])[0] for row in rows]
    assert np.allclose(served.ask(rows)[0], [[row[output][0] for row in alone] for output in range(2)])
    assert json.dumps(served.ask(rows)[0])


def test_a_column_of_numbers_that_knows_none_is_of_objects_in_any_company():
    encoder = OrdinalEncoder().fit(np.array([[1], [2], [None]], dtype=object))
    served = Served(encoder)
    alone = [served.handed([[value]])[0] for value in (1, None)]
    assert alone == [[["object", "int 1"]], [["object", "NoneType None"]]]
    assert served.handed([[1], [None]]) == alone
    fractions = Served(OrdinalEncoder().fit(np.array([[1.5], [None]], dtype=object)))
    assert fractions.handed([[None]], [[1.5]]) == [[["object", "NoneType None"]], [["object", "float 1.5"]]]


CATEGORIES = """
import json, sys, warnings
warnings.simplefilter("ignore")
import lightgbm, numpy as np, pandas as pd, xgboost
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from tests.serving.composites import Served
kind = pd.Categorical(list("uvü") * 60)
frame = pd.DataFrame({"z": np.linspace(0, 1, 180), "kind": kind, "size": pd.Categorical([1, 2] * 90)})
asked = pd.DataFrame({"z": [0.2, 0.9], "kind": ["u", "ü"], "size": [2, 1]})
asked = asked.astype({"kind": frame.kind.dtype, "size": frame["size"].dtype})
booster = lightgbm.LGBMClassifier(n_estimators=5, min_child_samples=1, verbose=-1)
other = xgboost.XGBClassifier(n_estimators=5, enable_categorical=True, max_cat_to_onehot=1)
for model in (booster, make_pipeline(booster), GridSearchCV(booster, {"n_estimators": [5]}, cv=2), other):
    model.fit(frame, (frame.kind == "u").astype(int) + (frame["size"] == 1))
    served = Served(model)
    assert [column.type for column in served.schema.columns] == ["number", "string", "number"], served.schema.columns
    assert served.schema.columns[1].example == "u"
    rows = [{"z": 0.2, "kind": "u", "size": 2}, {"z": 0.9, "kind": "ü", "size": 1}]
    own = model.predict(asked).tolist()
    assert served.ask(rows)[0] == own == [served.ask([row])[0][0] for row in rows], own
    handed = served.handed([{"z": 1, "kind": None, "size": 2}, {"z": 0.5, "kind": "new", "size": 1}])
    assert [kind for _, kind, _ in handed[0]] == ["float64", "category", "category"], handed
served = Served(other.get_booster())
assert served.ask(rows)[0] == [served.ask([row])[0][0] for row in rows] == other.predict_proba(asked).tolist()
print(lightgbm.__version__, xgboost.__version__)
"""


def test_categories_of_boosters_are_given_as_they_were_fitted_on_them():
    told = in_older_libraries(libraries("lightgbm==4.6.0", "xgboost-cpu==3.2.0"), "-c", CATEGORIES)
    assert told == ["4.6.0", "3.2.0"]


def test_categories_that_xgboost_keeps_no_more_are_asked_for_by_number():
    class Booster:
        feature_names = ("z", "kind")
        feature_types = ("float", "c")

        def save_raw(self, form):
            return bytearray(b'{"learner": {"gradient_booster": {"model": {}}}}')

        def predict(self, rows):
            return rows

    Booster.__module__ = "xgboost.core"
    described, known = describe(Booster(), [])
    assert [one.kind for one in known] == ["number", "number"]
    assert any("“kind” neither: rows give their numbers" in note for note in described["notes"])


def test_categories_that_xgboost_keeps_are_read():
    kept = {
        "enc": [
            {"offsets": [], "values": []},
            {"offsets": [0, 1, 4], "values": [117, 118, -61, -92]},
            {"type": 15, "values": [1, 2]},
        ]
    }

    class Booster:
        feature_names = ("z", "kind", "size")
        feature_types = ("float", "c", "c")

        def save_raw(self, form):
            return bytearray(json.dumps({"learner": {"gradient_booster": {"model": {"cats": kept}}}}).encode())

    Booster.__module__ = "xgboost.core"
    assert categories_of_a_booster(Booster()) == {1: ["u", "vä"], 2: [1, 2]}
    assert names_of_a_booster(Booster()) == ["z", "kind", "size"]
    Booster.feature_types = ("float", "q", "q")
    assert categories_of_a_booster(Booster()) == {}
    assert categories_of_a_booster(OrdinalEncoder()) is None


def test_the_columns_of_catboost_have_their_names():
    class Model:
        feature_names_ = ("wide", "long")

        def predict(self, rows):
            return [list(rows.columns) for _ in range(len(rows))]

    Model.__module__ = "catboost.core"
    assert Served(Model()).ask([{"long": 1, "wide": 2}]) == [[["wide", "long"]]]
    Model.feature_names_ = ("0", "1")
    assert names_of_a_booster(Model()) == []


def test_columns_are_named_as_lightgbm_was_told_them():
    class LGBMModel:
        feature_name_ = ("a_b", "c")

        def predict(self, rows):
            return [list(row) for row in rows.values.tolist()]

    LGBMModel.__module__ = "lightgbm.sklearn"
    served = Served(LGBMModel())
    for name in ("a b", "a_b"):
        assert served.ask([{"c": 1, name: 2}]) == [[[2, 1]]]
        assert served.ask({"columns": ["c", name], "data": [[1, 2]]}) == [[[2, 1]]]
    with pytest.raises(InvalidInput, match="a_b"):
        served.ask([{"c": 1, "a b": 2, "a_b": 3}])
