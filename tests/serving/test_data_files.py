"""What a request begins with where nothing describes the model: a row of the run's own data, else nothing at all."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from desktop_aml.serving import data_files
from desktop_aml.serving.schema import ModelDescription, build_schema, showing
from desktop_aml.serving.snippets import curl_call, needs_file
from desktop_aml.serving.swagger import swagger
from tests.serving.composites import Served

FRAME = pd.DataFrame({"town": ["Oslo", "Rome"] * 6, "size": np.linspace(1, 2, 12), "sold": ["no", "yes"] * 6})


class Named(BaseEstimator, TransformerMixin):
    """A first step of one's own, which knows its columns by name and tells nobody what they hold."""

    def fit(self, X, y=None):
        self.feature_names_in_ = np.array(X.columns, dtype=object)
        self.n_features_in_ = len(X.columns)
        return self

    def transform(self, X):
        return np.c_[X["size"].astype(float), X["town"].str.len()]


class Silent(Named):
    """One that does not even tell their names."""

    def fit(self, X, y=None):
        return self


def served(first: BaseEstimator) -> Served:
    return Served(make_pipeline(first, LogisticRegression()).fit(FRAME[["town", "size"]], FRAME["sold"]))


def table(folder: Path, name: str, frame: pd.DataFrame = FRAME, **options: object) -> tuple[str, str]:
    frame.to_csv(folder / name, index=False, **options)
    return name, str(folder / name)


def test_columns_of_which_nobody_knows_anything_begin_empty():
    model = served(Named())
    assert model.schema.is_guessed
    assert [column.name for column in model.schema.columns] == ["town", "size"]
    assert [column.example for column in model.schema.columns] == [None, None]
    assert model.schema.example is None
    assert needs_file(model.schema)
    assert "@request.json" in curl_call("http://127.0.0.1:1/score", model.schema)
    assert "example" not in swagger(model.schema, "x")["definitions"]["ServiceInput"]


def test_a_row_of_the_data_that_the_run_had_is_shown_and_can_be_asked(tmp_path):
    model = served(Named())
    other = table(tmp_path, "other.csv", pd.DataFrame({"a": [1]}))
    row, source = data_files.row_for(model.schema.model, [other, table(tmp_path, "towns.csv", sep=";")])
    assert (row, source) == (("Oslo", 1.0), "towns.csv")
    schema = showing(model.schema, row, source)
    assert not schema.is_guessed
    assert schema.example == {"data": [["Oslo", 1.0]]}
    assert [column.type for column in schema.columns] == [column.type for column in model.schema.columns]
    assert len(model.ask(schema.example["data"])[0]) == 1
    assert json.loads(swagger_example(schema)) == schema.example


def swagger_example(schema) -> str:
    return json.dumps(swagger(schema, "x")["definitions"]["ServiceInput"]["example"])


def test_a_model_that_names_nothing_is_shown_a_whole_row_without_its_answer(tmp_path):
    model = served(Silent())
    only = table(tmp_path, "towns.csv")
    row, source = data_files.row_for(model.schema.model, [only])
    assert row == {"town": "Oslo", "size": 1.0}
    schema = showing(model.schema, row, source)
    assert schema.example == {"data": [{"town": "Oslo", "size": 1.0}]}
    assert len(model.ask(schema.example["data"])[0]) == 1
    assert data_files.row_for(model.schema.model, [only, table(tmp_path, "more.csv")]) is None, "which of the two?"
    assert data_files.row_for(model.schema.model, []) is None


def test_a_row_that_the_model_would_refuse_is_passed_over(tmp_path):
    numbers = ModelDescription(
        class_name="A", methods=("predict",), feature_count=2, feature_names=("a", "b"), takes_text=False
    )
    frame = pd.DataFrame({"a": [None, 1, 2], "b": ["x", "y", "3"]})
    assert data_files.row_for(numbers, [table(tmp_path, "t.csv", frame)]) is None
    frame["b"] = [1.5, None, 3]
    assert data_files.row_for(numbers, [table(tmp_path, "t.csv", frame)]) == ((2, 3.0), "t.csv")
    assert build_schema(numbers).columns[0].example == 0.0, "a model of numbers alone takes any"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a,b\n",
        b"\xff\xfe\x00a",
        b"a,a\n1,2\n",
        b'"a,b\n1,2\n',
        b"\x00\n\x00\n",
        b"x" * 300_000,
        ("a,b\n" + "é" * 200_000).encode(),
        b"[[1, 2]]",
    ],
)
def test_what_is_no_table_gives_nothing(tmp_path, content):
    (tmp_path / "t.csv").write_bytes(content)
    assert data_files.read_rows(tmp_path / "t.csv") == ((), ())


def test_a_table_of_any_size_place_and_form_is_read_at_its_beginning(tmp_path):
    (tmp_path / "big.csv").write_text("a\tb\n" + "1\té\n" * 100_000, "utf-8")
    rows, names = data_files.read_rows(tmp_path / "big.csv")
    assert (names, len(rows), rows[0]) == (("a", "b"), 100, (1, "é"))
    (tmp_path / "wide.csv").write_text("a\té\n" + "1\té\n" * 100_000, "utf-16")
    assert data_files.read_rows(tmp_path / "wide.csv") == (((1, "é"),) * 100, ("a", "é"))
    os.mkfifo(tmp_path / "fifo.csv")
    assert data_files.read_rows(tmp_path / "fifo.csv") == ((), ())
    assert data_files.read_rows(tmp_path / "gone.csv") == ((), ())
    assert data_files.read_rows(tmp_path) == ((), ())
