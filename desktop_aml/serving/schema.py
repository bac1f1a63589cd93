"""What a model takes and gives: the schema of an endpoint, and the fields of a form made from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from desktop_aml.inside_model.describing import aligned
from desktop_aml.serving.config import SCHEMA_FILE, read_struct
from desktop_aml.system.files import open_regular

ColumnType = Literal["number", "integer", "string", "boolean", "any"]
Cell = float | int | str | bool | None
Row = tuple[Cell, ...] | str | dict[str, Cell]
"""A row; a text or an object for the models that take such."""

Sample = tuple[tuple[Row, ...], tuple[str, ...]]
"""Sample rows and the names of their columns; either may be empty."""


_SAMPLE_ROWS: Final = 100


class ColumnKind(msgspec.Struct, frozen=True):
    """What is known of the values of a column, in the words of ``inside_model.columns``."""

    kind: str = "any"
    categories: tuple[Cell, ...] = ()


class ModelDescription(msgspec.Struct, frozen=True, kw_only=True):
    """What the model's process found in the file.

    Parameters
    ----------
    kind : str
        ``classifier``, ``regressor``, ``clusterer``, ``transformer``… or empty.
    feature_count : int or None
        Columns of a row; None when the model does not say, as a text vectorizer.
    columns : tuple of ColumnKind
        What the model or the sample says of the types of its columns; empty when their number is not known.
    takes_text : bool
        Whether a cell may be text; a model of numbers alone refuses it, and gets all its numbers as float64.
    takes : str
        What a row is: ``rows`` of cells; ``texts`` or ``objects`` for a model that begins with a vectorizer of such.
    by_column : bool
        Whether the model is asked with a data frame.
    open_names : bool
        Whether rows may name their columns although nobody knows how the model names them.
    """

    class_name: str
    methods: tuple[str, ...]
    kind: str = ""
    steps: tuple[str, ...] = ()
    feature_count: int | None = None
    feature_names: tuple[str, ...] = ()
    classes: tuple[Cell, ...] = ()
    columns: tuple[ColumnKind, ...] = ()
    by_column: bool = False
    takes_text: bool = True
    takes: Literal["rows", "texts", "objects"] = "rows"
    open_names: bool = False
    output_type: ColumnType = "number"
    versions: dict[str, str] = {}
    notes: tuple[str, ...] = ()
    pid: int = 0


class Column(msgspec.Struct, frozen=True):
    """One input column. `name` is empty when the model does not name its columns."""

    name: str
    type: ColumnType
    example: Cell = None


class ModelSchema(msgspec.Struct, frozen=True, kw_only=True):
    """The inputs and outputs of an endpoint, kept in ``schema.json``.

    Parameters
    ----------
    columns : tuple of Column
        Empty when the number of columns is not known.
    named : bool
        Whether rows may be sent as objects with these names.
    default_method : str
        Method of a request that names none.
    sample : tuple
        Sample rows, each a tuple of cells; a text or an object for a model that takes such.
    sample_output : tuple
        Rows of what the model predicts.
    sample_from : str
        Name of the file that the sample is a row of, where it is from the data that the model's run read.
    """

    model: ModelDescription
    columns: tuple[Column, ...]
    named: bool
    default_method: str
    sample: tuple[Row, ...] = ()
    sample_output: tuple[tuple[Cell, ...], ...] = ()
    sample_from: str = ""

    @property
    def whole_numbers_count(self) -> bool:
        """Whether the model is given whole numbers as such, in rows that hold nothing else."""
        kinds = {column.kind for column in self.model.columns}
        return not self.model.by_column and kinds <= {"any", "integer", "boolean"}

    @property
    def is_guessed(self) -> bool:
        """Whether neither the model nor a sample tells what its rows hold, so that there is no example."""
        if self.sample or self.model.takes == "texts":
            return False
        return not self.columns or (self.model.takes_text and ColumnKind() in self.model.columns)

    @property
    def example(self) -> dict[str, Any] | None:
        """A body that the model takes; None where nobody knows one."""
        return None if self.is_guessed else {"data": example_rows(self)}


class FormField(msgspec.Struct, frozen=True):
    """One input of a form that tries the endpoint: label, type of the value, and a value to begin with."""

    name: str
    type: ColumnType
    example: Cell


def build_schema(
    model: ModelDescription,
    default_method: str = "",
    sample: Sample = ((), ()),
    sample_output: tuple[Row, ...] = (),
) -> ModelSchema:
    """Return the schema of a model, sharpened by sample rows when there are any that it can take."""
    width = model.feature_count or 0
    rows: tuple[Row, ...]
    if model.takes == "rows":
        rows = tuple(tuple(row) for row in aligned(sample, model.feature_names, model.feature_count)[0])
    else:
        rows = _alike(sample, model.takes)
    kinds = model.columns if len(model.columns) == width else (ColumnKind(),) * width
    columns = tuple(
        Column(
            model.feature_names[i] if len(model.feature_names) == width else "",
            _column_type(kinds[i], model.takes_text),
            _first([row[i] for row in rows if isinstance(row, tuple)], kinds[i], model.takes_text),
        )
        for i in range(width)
    )
    method = default_method if default_method in model.methods else _default_method(model)
    return ModelSchema(
        model=model,
        columns=columns,
        named=bool(columns and columns[0].name),
        default_method=method,
        sample=rows[:5],
        sample_output=tuple(row for row in sample_output[:5] if isinstance(row, tuple)),
    )


def showing(schema: ModelSchema, row: Row, source: str) -> ModelSchema:
    """Return a schema that shows a row of the data file called `source`, and else stays as it is."""
    if not isinstance(row, tuple):
        return msgspec.structs.replace(schema, sample=(row,), sample_from=source)
    columns = tuple(map(lambda column, cell: msgspec.structs.replace(column, example=cell), schema.columns, row))
    return msgspec.structs.replace(schema, columns=columns, sample=(row,), sample_from=source)


def _alike(sample: Sample, takes: str) -> tuple[Row, ...]:
    """Return those of the sample rows that are texts, or objects, as the model wants them."""
    rows, names = sample
    if takes == "texts":
        texts = (row[0] if isinstance(row, tuple) and len(row) == 1 else row for row in rows)
        return tuple(text for text in texts if isinstance(text, str))
    return tuple(
        row if isinstance(row, dict) else dict(zip(names, row, strict=True))
        for row in rows
        if isinstance(row, dict) or (isinstance(row, tuple) and len(row) == len(names))
    )


def _default_method(model: ModelDescription) -> str:
    # The cloud's no-code deployment answers with probabilities where the model has them.
    for method in ("predict_proba", "predict"):
        if method in model.methods:
            return method
    return model.methods[0]


def _column_type(known: ColumnKind, takes_text: bool) -> ColumnType:
    if not takes_text:
        return "number"
    if known.kind == "category":
        kinds = set(map(type, known.categories))
        return "string" if kinds == {str} else "number" if kinds <= {int, float} else "any"
    words: dict[str, ColumnType] = {
        "number": "number",
        "integer": "number",
        "boolean": "boolean",
        "text": "string",
        "date": "string",
        "moment": "string",
        "duration": "string",
    }
    return words.get(known.kind, "any")


def _first(values: list[Cell], known: ColumnKind, takes_text: bool) -> Cell:
    """Return a value of a column that the model can take; None where nobody knows."""
    there = [value for value in (*values, *known.categories) if value is not None]
    if there:
        return there[0]
    examples: dict[str, Cell] = {
        "text": "text",
        "boolean": False,
        "date": "2024-01-31",
        "moment": "2024-01-31",
        "duration": "1 days 12:00:00",
    }
    unknown = None if known.kind == "any" else 0.0
    return examples.get(known.kind, unknown) if takes_text else 0.0


def read_sample(path: Path) -> Sample:
    """Return sample rows and column names from a JSON file: rows, ``{"data": rows}``, or ``{"columns", "data"}``.

    Rows are lists, objects with the names of the columns, or texts. A file that is missing or of another shape gives
    nothing: a sample only sharpens the schema.
    """
    try:
        with open_regular(path, follow_links=True) as stream:
            content = json.load(stream, parse_constant=lambda _: None)
    except (OSError, ValueError, RecursionError):
        return (), ()
    for key in ("dataframe_split", "dataframe_records", "inputs"):
        content = content.get(key, content) if isinstance(content, dict) else content
    names: tuple[str, ...] = ()
    if isinstance(content, dict) and isinstance(content.get("data"), dict):
        content = content["data"]
    if isinstance(content, dict):
        names = tuple(map(str, content["columns"])) if isinstance(content.get("columns"), list) else ()
        content = content.get("data")
    if not isinstance(content, list):
        return (), ()
    rows = content[:_SAMPLE_ROWS]
    if rows and all(isinstance(row, dict) and row.keys() == rows[0].keys() for row in rows):
        names = tuple(map(str, rows[0]))
        rows = [[row[name] for name in rows[0]] for row in rows]
    if all(isinstance(row, list) for row in rows):
        rows = [tuple(row) for row in rows]
    cells = [cell for row in rows for cell in (row.values() if isinstance(row, dict) else row)]
    if not all(isinstance(row, tuple | dict | str) for row in rows) or not all(
        isinstance(cell, Cell) for cell in cells
    ):
        return (), ()
    return tuple(rows), names


def read_schema(endpoint_dir: Path) -> ModelSchema | None:
    """Return the schema that the front wrote, or None before the model was loaded."""
    return read_struct(endpoint_dir / SCHEMA_FILE, ModelSchema)


def form_fields(schema: ModelSchema) -> tuple[FormField, ...]:
    """Return the fields to fill in for one row, in the order of the model's columns."""
    return tuple(
        FormField(column.name or f"x{i}", column.type, column.example) for i, column in enumerate(schema.columns)
    )


def example_rows(schema: ModelSchema) -> list[Any]:
    """Return rows that the endpoint accepts as ``data``; cells of which nobody knows anything are None."""
    if schema.sample:
        row = schema.sample[0]
        return [list(row) if isinstance(row, tuple) else row]
    if schema.columns:
        return [[column.example for column in schema.columns]]
    return ["text"] if schema.model.takes == "texts" else []
