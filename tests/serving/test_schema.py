"""Models that are out of the ordinary: old versions, first steps of one's own, dates, texts, objects, odd answers."""

from __future__ import annotations

import datetime
import json
import pickle
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.registry import EndpointState
from desktop_aml.inside_model.answers import Unserializable, encode
from desktop_aml.serving import client
from desktop_aml.serving.rows import read_table
from desktop_aml.serving.schema import example_rows, form_fields, read_sample
from desktop_aml.serving.swagger import swagger
from tests.old_pythons import pythons_of
from tests.serving.composites import Served
from tests.shared_builds import python_with

OLD = [
    ("3.7", ("scikit-learn==0.21.3", "pandas<1", "numpy<1.20")),
    ("3.8", ("scikit-learn==0.24.2", "pandas<1.6")),
]


@pytest.mark.parametrize(("version", "wanted"), OLD, ids=["0.21", "0.24"])
def test_old_versions_are_served_with_the_names_of_their_columns(version, wanted):
    found = pythons_of(version)
    if not found:
        pytest.skip(f"no Python {version} on this computer")
    python = python_with(str(found[0]), wanted, "--only-binary", ":all:")
    program = Path(__file__).with_name("old_models.py")
    ran = subprocess.run([python, "-W", "ignore", str(program)], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr[-3000:]
    told = json.loads(ran.stdout)
    assert told["wrong"] == []
    assert told["models"] > 10


class Ratio(BaseEstimator, TransformerMixin):
    """A first step of one's own that takes columns by name, and leaves no trace of them."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return pd.DataFrame({"ratio": X["income"] / X["rooms"]})


INCOME = pd.DataFrame({"income": [100.0, 300.0, 500.0, 900.0], "rooms": [1, 2, 4, 3]})


def test_a_first_step_of_ones_own_gets_the_columns_that_the_sample_names():
    model = make_pipeline(Ratio(), LinearRegression()).fit(INCOME, INCOME.income / INCOME.rooms)
    served = Served(model, ([[500.0, 2]], ["income", "rooms"]))
    assert [column.name for column in served.schema.columns] == ["income", "rooms"]
    for rows in ([[500, 2]], [{"rooms": 2, "income": 500}], {"columns": ["rooms", "income"], "data": [[2, 500]]}):
        assert served.ask(rows) == [[pytest.approx(250.0)]]


def test_without_a_sample_it_gets_the_columns_that_the_rows_name():
    model = make_pipeline(Ratio(), LinearRegression()).fit(INCOME, INCOME.income / INCOME.rooms)
    served = Served(model)
    expected = [pytest.approx(250.0), pytest.approx(100.0)]
    assert served.ask([{"income": 500, "rooms": 2}, {"rooms": 1.0, "income": 100.0}]) == [expected]
    assert served.ask({"columns": ["income", "rooms"], "data": [[500, 2], [100, 1]]}) == [expected]
    for rows, words in (
        ([{"income": 500, "rooms": 2}, {"income": 500}], "data[1] (row 2) has no “rooms”"),
        (
            [{"income": 500, "rooms": 2}, {"income": 5, "rooms": 2, "x": 1}],
            "has “x”, which the first row does not have",
        ),
        ([{"income": 500, "rooms": 2}, [500, 2]], "is a list among rows that are objects"),
        ([{"income": [1], "rooms": 2}], "(row 1, column “income”) is a list"),
        ([{}], "has no values"),
        ({"columns": ["a", "a"], "data": [[1, 2]]}, "names a column twice"),
        ({"columns": ["a"], "data": [[1, 2]]}, "does not have the 1 values"),
    ):
        with pytest.raises(InvalidInput, match=r".*") as caught:
            read_table(rows, served.schema)
        assert words in caught.value.message


def month(frame):
    return pd.DataFrame({"month": frame["when"].dt.month, "v": frame["v"]})


def year_of_text(frame):
    return pd.DataFrame({"year": frame["when"].str.slice(0, 4).astype(int), "v": frame["v"]})


@pytest.mark.parametrize("text", ["2024-05-05", "2024-05-05T10:00:00", "2024-05-05 10:00", "2024-05-05T10:00:00Z"])
def test_a_column_of_dates_is_given_dates(text):
    utc = text.endswith("Z")
    frame = pd.DataFrame({"when": pd.date_range("2024-01-01", periods=200, tz="UTC" if utc else None), "v": 0.5})
    model = make_pipeline(FunctionTransformer(month), Ridge()).fit(frame, frame.when.dt.month)
    for sample in (((), ()), ([["2024-01-31", 0.5]], ["when", "v"])):
        served = Served(model, sample)
        expected = model.predict(pd.DataFrame({"when": pd.to_datetime([text]), "v": [0.5]})).tolist()
        assert served.ask([{"when": text, "v": 0.5}]) == [expected]
        both = served.ask([{"when": text, "v": 0.5}, {"when": "2024-02-01", "v": 1}, {"when": text, "v": 2}])[0]
        assert both[0] == expected[0]
        assert both[1] == served.ask([{"when": "2024-02-01", "v": 1}])[0][0]


def test_text_that_is_a_date_stays_text_for_a_model_that_takes_text():
    frame = pd.DataFrame({"when": ["2024-05-05", "2023-01-01"] * 5, "v": 0.5})
    model = make_pipeline(FunctionTransformer(year_of_text), LinearRegression()).fit(frame, [1, 0] * 5)
    assert np.round(Served(model).ask([{"when": "2024-05-05", "v": 0.5}])[0]).tolist() == [1]
    encoder = OneHotEncoder().fit(frame[["when"]])
    assert Served(encoder).handed([{"when": "2024-05-05"}])[0][0][2] == "str 2024-05-05"


@pytest.mark.parametrize("kind", ["datetime64[D]", "datetime64[ns]", object])
def test_class_labels_that_are_dates_are_told_as_dates(deploy, kind):
    days = np.array(["2024-01-31", "2024-02-29"] * 4, dtype="datetime64[ns]")
    labels = days.astype(kind) if kind is not object else np.array([datetime.date(2024, 1, 31)] * 8, dtype=object)
    model = KNeighborsClassifier(1) if kind is not object else DummyClassifier(strategy="most_frequent")
    served = Served(model.fit(np.arange(8.0).reshape(-1, 1), labels))
    answer = served.ask([[0.0]])[0]
    assert answer[0].startswith("2024-01-31")
    assert served.schema.model.output_type == "string"
    assert str(served.schema.model.classes[0]).startswith("2024-01-31")


class Frame:
    def predict(self, rows):
        return pd.DataFrame({"label": rows[:, 0].astype(int), "at": pd.Timestamp("2024-01-01"), "no": pd.NaT})


@pytest.mark.parametrize(
    ("answer", "sent"),
    [
        ([{"label": np.int64(3), "share": np.float32(0.5)}], [{"label": 3, "share": 0.5}]),
        ({"a": np.array([1, 2]), "b": {"c": np.bool_(True)}}, {"a": [1, 2], "b": {"c": True}}),
        ({np.int64(1): np.nan, ("a", 1): -np.inf}, {"1": None, "('a', 1)": None}),
        ([np.array([1.5, np.nan]), [np.str_("x"), np.bytes_(b"y")]], [[1.5, None], ["x", "y"]]),
        ((np.array([1]), np.array([2])), [[1], [2]]),
        (np.array(["2024-01-31", "NaT"], dtype="datetime64[D]"), ["2024-01-31", None]),
        (pd.Series(pd.to_datetime(["2024-01-31", None])), ["2024-01-31T00:00:00", None]),
        (pd.DataFrame({"a": [1, 2], "b": ["x", None]}, dtype=object), [[1, "x"], [2, None]]),
        ([pd.NA, pd.NaT, None, datetime.date(2024, 1, 31)], [None, None, None, "2024-01-31"]),
        (pd.Categorical(["x", "y"]), ["x", "y"]),
        (np.float64(0.5), 0.5),
        (np.array([np.datetime64("2024-01-31T10:00")]), ["2024-01-31T10:00"]),
        (np.array([[1 + 0.5]], dtype=np.longdouble), [[1.5]]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_a_model_answers_is_json_however_deep(answer, sent):
    assert json.loads(encode(answer)) == sent


@pytest.mark.parametrize("answer", [{1, 2}, [object()], {"a": [lambda: 0]}, 1j, [[np.complex128(1j)]]])
def test_an_answer_that_means_nothing_in_json_is_refused(answer):
    with pytest.raises(Unserializable, match="no JSON"):
        encode(answer)


def test_a_data_frame_of_answers_is_its_rows():
    assert Served(Frame()).ask([[1.0]]) == [[[1, "2024-01-01T00:00:00", None]]]


@pytest.mark.parametrize("table", [pd.DataFrame({"a": [1]}), pd.Series([1])])
def test_a_pickled_table_is_no_model(deploy, tmp_path, table):
    file = tmp_path / "model.pkl"
    file.write_bytes(pickle.dumps(table))
    endpoint = deploy(file=file)
    assert endpoint.state.state is EndpointState.FAILED
    assert f"is not a model: it holds a {type(table).__name__}, which has no predict" in endpoint.state.error


TEXTS = ["good day", "bad night", "good night", "bad day"]


@pytest.mark.parametrize("wrap", [lambda model: model, lambda model: GridSearchCV(model, {}, cv=2)])
@pytest.mark.parametrize("vectorizer", [CountVectorizer, TfidfVectorizer])
def test_texts_are_taken_as_a_list_and_as_rows_of_one(wrap, vectorizer):
    model = wrap(make_pipeline(vectorizer(), LogisticRegression())).fit(TEXTS, [1, 0, 1, 0])
    served = Served(model)
    assert served.ask(TEXTS[:2]) == served.ask([[text] for text in TEXTS[:2]]) == [[1, 0]]
    for rows, words in (
        ([1], "data[0] (row 1) is a number; the model takes text"),
        ([["a", "b"]], "data[0] (row 1) is a list"),
        ([None], "is null"),
        ("text", "send a list of texts"),
        ([], "data has no rows"),
    ):
        with pytest.raises(InvalidInput) as caught:
            read_table(rows, served.schema)
        assert words in caught.value.message


def test_a_model_of_objects_takes_objects():
    rows = [{"city": "a", "age": 3}, {"city": "b"}]
    model = make_pipeline(DictVectorizer(), DecisionTreeClassifier()).fit(rows, [0, 1])
    served = Served(model, (rows, ()))
    assert served.ask(rows) == [[0, 1]]
    assert example_rows(served.schema) == [rows[0]]


def fitted_pair():
    frame = pd.DataFrame({"kind": list("uvw") * 4, "z": np.linspace(0, 1, 12)})
    steps = make_pipeline(FunctionTransformer(lambda frame: frame[["z"]]), StandardScaler(), LogisticRegression())
    return frame, steps.fit(frame, [0, 1] * 6)


def written(tmp_path, content):
    file = tmp_path / "sample_input.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_sample(file)


@pytest.mark.parametrize(
    ("content", "example"),
    [
        ({"columns": ["z", "kind"], "data": [[0.5, "v"]]}, ["v", 0.5]),
        ([{"z": 0.5, "kind": "v"}, {"kind": "u", "z": 0.1}], ["v", 0.5]),
        ({"columns": ["z", "target", "kind"], "data": [[0.5, 1, "v"]]}, ["v", 0.5]),
        ({"data": [["v", 0.5]]}, ["v", 0.5]),
        ({"dataframe_split": {"columns": ["kind", "z"], "data": [["v", 0.5]]}}, ["v", 0.5]),
        ({"inputs": [["v", 0.5]]}, ["v", 0.5]),
        ('[["v", NaN]]', ["v", None]),
        ([["v", 0.5, 1]], [None, None]),
        ({"columns": ["other", "z"], "data": [["v", 0.5]]}, [None, None]),
        ("[]", [None, None]),
        ('{"data": 3}', [None, None]),
    ],
)
def test_a_sample_is_shown_in_the_models_order_or_not_at_all(tmp_path, content, example):
    _, model = fitted_pair()
    served = Served(model, written(tmp_path, content))
    assert example_rows(served.schema) == [example]
    read_table(example_rows(served.schema), served.schema)


def test_what_the_form_and_the_copied_call_begin_with_can_be_answered(tmp_path):
    frame = pd.DataFrame({"kind": list("uvw") * 4, "z": np.linspace(0, 1, 12)})
    known = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(frame, [0, 1] * 6)
    texts = make_pipeline(CountVectorizer(), LogisticRegression()).fit(TEXTS, [1, 0, 1, 0])
    dated = make_pipeline(FunctionTransformer(month), Ridge())
    dated.fit(pd.DataFrame({"when": pd.date_range("2024-01-01", periods=9), "v": 0.5}), range(9))
    for model, sample in (
        (known, ((), ())),
        (texts, ((), ())),
        (texts, written(tmp_path, ["good day"])),
        (texts, written(tmp_path, [["good day"]])),
        (dated, written(tmp_path, {"columns": ["when", "v"], "data": [["2024-01-31", 0.5]]})),
    ):
        served = Served(model, sample)
        assert len(served.ask(example_rows(served.schema))[0]) == 1
        fields = form_fields(served.schema)
        if fields:
            assert len(served.ask([[field.example for field in fields]])[0]) == 1
        assert swagger(served.schema, "x")["definitions"]["ServiceInput"]["example"]["data"]


def test_a_model_that_tells_nothing_is_shown_no_example(deploy):
    from tests.serving.test_scoring import NOISY, Inline

    endpoint = deploy(Inline(NOISY))
    assert "example" not in endpoint.ask("GET", "/swagger.json").json["definitions"]["ServiceInput"]
    assert client.score(endpoint.uri, {"data": [[0.0]]}) == [0.0]
