"""Rows of a file are asked in batches by the names of their columns; what is wrong with one is told by its line."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import pytest

from desktop_aml.domain.errors import InvalidInput, NotFound, ScoringError, StorageError
from desktop_aml.serving.rows import read_request
from desktop_aml.serving.schema import Column, ModelDescription, ModelSchema
from desktop_aml.workspace.endpoint.file_scoring import BATCH, FileScoring


def schema(*columns: Column, **model: Any) -> ModelSchema:
    described = ModelDescription(class_name="Model", methods=("predict",), feature_count=len(columns) or None, **model)
    named = all(column.name for column in columns)
    return ModelSchema(model=described, columns=columns, named=named, default_method="predict")


NUMBERS = schema(Column("a", "number"), Column("b", "integer"), takes_text=False)


class Endpoint:
    """Checks what it is asked as the front does, and answers with the sum of a row."""

    def __init__(self, known: ModelSchema) -> None:
        self.known, self.asked = known, list[list[Any]]()

    def __call__(self, payload: Any) -> list[Any]:
        try:
            read_request(payload, self.known)
        except InvalidInput as error:
            raise ScoringError(error.message, status=400) from error
        self.asked.append(payload["data"])
        if any(row == [13, 13] for row in payload["data"]):
            raise ScoringError("The model failed on this request.", status=500)
        return [sum(row) if isinstance(row, list) else row for row in payload["data"]]


def scored(tmp_path: Path, text: str, known: ModelSchema = NUMBERS) -> tuple[list[list[str]], Endpoint]:
    (tmp_path / "rows.csv").write_text(text, encoding="utf-8")
    endpoint = Endpoint(known)
    FileScoring(endpoint, known).score(tmp_path / "rows.csv", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter=";" if ";" in text else ",")), endpoint


def test_columns_go_by_their_names_and_others_stay_beside(tmp_path):
    rows, endpoint = scored(tmp_path, "\ufeffid;b;a\nx;2;1.5\n\n'y';4;2\n")
    assert rows == [["id", "b", "a", "prediction"], ["x", "2", "1.5", "3.5"], ["'y'", "4", "2", "6"]]
    assert endpoint.asked == [[[1.5, 2], [2, 4]]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_spreadsheet_may_save_in_any_encoding_that_the_file_tells(tmp_path, encoding):
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    (tmp_path / "rows.csv").write_bytes(f"{mark}é\ta\tb\r\nÜ\t1\t2\r\n".encode(encoding))
    endpoint = Endpoint(NUMBERS)
    FileScoring(endpoint, NUMBERS).score(tmp_path / "rows.csv", tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text("utf-8").splitlines() == ["é\ta\tb\tprediction", "Ü\t1\t2\t3"]


def test_letters_of_an_encoding_that_nothing_tells_are_refused_in_words(tmp_path):
    (tmp_path / "rows.csv").write_bytes("a,b,name\n1,2,M\u00fcller\n".encode("cp1252"))
    with pytest.raises(InvalidInput, match=r"not in UTF-8, nor in UTF-16: it holds the byte 0xfc") as told:
        FileScoring(Endpoint(NUMBERS), NUMBERS).score(tmp_path / "rows.csv", tmp_path / "out.csv")
    assert "CSV UTF-8" in told.value.hint
    assert not (tmp_path / "out.csv").exists()


def test_answers_for_a_link_go_into_its_file(tmp_path):
    (tmp_path / "out.csv").symlink_to("answers.csv")
    rows, _ = scored(tmp_path, "a,b\n1,2\n")
    assert (tmp_path / "out.csv").is_symlink()
    assert rows == [["a", "b", "prediction"], ["1", "2", "3"]]


def test_many_rows_go_in_batches_and_are_told(tmp_path):
    (tmp_path / "rows.csv").write_text("a,b\n" + "1,2\n" * (2 * BATCH + 1))
    endpoint, told = Endpoint(NUMBERS), list[int]()
    found = FileScoring(endpoint, NUMBERS).score(tmp_path / "rows.csv", tmp_path / "out.csv", told.append)
    assert [len(asked) for asked in endpoint.asked] == [BATCH, BATCH, 1]
    assert (found.rows, found.columns, told[-1]) == (2 * BATCH + 1, ("a", "b", "prediction"), 2 * BATCH + 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n3,long\n", r"Line 3, column “b” is the text “long”"),
        ('a,b,note\n1,2,"two\nlines"\n3,long,\n', r"Line 4, column “b”"),
        ("a,b\n1,2\n3\n", r"Line 3 has 1 values"),
        ("a,b\n" + "1,2\n" * 300 + "13,13\n" + "1,2\n" * 100, r"Line 302: The model failed"),
        ("a,c\n1,2\n", r"no column “b”. It has “a”, “c”"),
        ("a,a,b\n1,2,3\n", r"“a” twice"),
        ("a,b\n", r"no rows"),
        ("", r"empty"),
        ("a,b\n1_000,2\n", r"Line 2, column “a” is the text “1_000”"),
    ],
)
def test_what_is_wrong_is_told_by_its_line_and_nothing_is_written(tmp_path, text, words):
    with pytest.raises((InvalidInput, ScoringError)) as told:
        scored(tmp_path, text)
    assert re.search(words, told.value.message), told.value.message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rows.csv"]


def test_a_decimal_comma_is_told_once_for_the_whole_file(tmp_path):
    for text, cure in (("a;b\n1,5;2\n", "Decimals stand after a point"), ("a;b\nx,y;2\n", "Correct the line")):
        with pytest.raises(ScoringError) as told:
            scored(tmp_path, text)
        assert cure in told.value.hint


def test_a_column_is_told_by_its_whole_name_or_its_place(tmp_path):
    for name, head, words in (
        ("width (cm)", "width (cm)", r"Line 2, column “width \(cm\)” is"),
        ("", "x", "column 1 is"),
    ):
        with pytest.raises(ScoringError, match=words):
            scored(tmp_path, f"{head}\nwide\n", schema(Column(name, "number"), takes_text=False))


def test_number_columns_take_truth_values_and_what_programs_write_for_no_number(tmp_path):
    known = schema(Column("a", "number"), Column("b", "string"))
    (tmp_path / "rows.csv").write_text("a,b\nTrue,NA\nNA,true\nnan,\n,x\n")
    asked = list[Any]()
    FileScoring(lambda body: asked.extend(body["data"]) or body["data"], known).score(
        tmp_path / "rows.csv", tmp_path / "out.csv"
    )
    assert asked == [[True, "NA"], [None, "true"], [None, None], [None, "x"]]


def test_without_names_the_order_counts_and_titles_are_known_by_having_no_number(tmp_path):
    plain = schema(Column("", "number"), Column("", "number"), takes_text=False)
    assert scored(tmp_path, "1,2\n3,4\n", plain)[0][0] == ["column 1", "column 2", "prediction"]
    assert scored(tmp_path, "x,y\n3,4\n", plain)[0] == [["x", "y", "prediction"], ["3", "4", "7"]]
    with pytest.raises(InvalidInput, match="3 columns, the model takes 2"):
        scored(tmp_path, "1,2,3\n", plain)


def test_no_other_file_beside_the_answers_is_touched_and_a_folder_is_none(tmp_path):
    (tmp_path / "out.csv.part").write_text("the user's own")
    scored(tmp_path, "a,b\n1,2\n")
    assert (tmp_path / "out.csv.part").read_text() == "the user's own"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "out.csv.part", "rows.csv"]
    for folder in (tmp_path, Path()):
        with pytest.raises(StorageError, match="is a folder"):
            FileScoring(Endpoint(NUMBERS), NUMBERS).score(tmp_path / "rows.csv", folder)


def test_texts_are_rows_of_one_column(tmp_path):
    texts = schema(takes="texts")
    assert scored(tmp_path, 'text\n"good, very"\nbad\n', texts)[0][1] == ["good, very", "good, very"]


def test_probabilities_bear_the_names_of_the_classes(tmp_path):
    known = schema(Column("a", "number"), classes=("no", "yes"))
    (tmp_path / "rows.csv").write_text("a,probability_no\n1,0\n")
    ask = lambda body: [[0.25, 0.75] for _ in body["data"]]  # noqa: E731
    found = FileScoring(ask, known, "predict_proba").score(tmp_path / "rows.csv", tmp_path / "out.csv")
    assert found.columns == ("a", "probability_no", "probability_no_", "probability_yes")


def test_an_endpoint_that_does_not_serve_is_no_fault_of_a_line(tmp_path):
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n3,4\n")

    def gone(_payload: object) -> object:
        raise ScoringError("The endpoint does not serve.", status=0)

    with pytest.raises(ScoringError, match=r"^The endpoint does not serve"):
        FileScoring(gone, NUMBERS).score(tmp_path / "rows.csv", tmp_path / "out.csv")
    with pytest.raises(NotFound, match=r"none\.csv"):
        FileScoring(gone, NUMBERS).score(tmp_path / "none.csv", tmp_path / "out.csv")
