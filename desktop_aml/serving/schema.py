"""What a model takes and gives: the schema of an endpoint, and the fields of a form made from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import msgspec

from desktop_aml.serving.config import SCHEMA_FILE, read_struct

ColumnType = Literal["number", "integer", "string", "boolean", "any"]
Cell = float | int | str | bool | None
Sample = tuple[tuple[tuple[Cell, ...], ...], tuple[str, ...]]
"""Sample rows and the names of their columns; either may be empty."""


class ModelDescription(msgspec.Struct, frozen=True, kw_only=True):
    """What the model's process found in the file.

    Parameters
    ----------
    kind : str
        ``classifier``, ``regressor``, ``clusterer``, ``transformer``… or empty.
    feature_count : int or None
        Columns of a row; None when the model does not say, as a text vectorizer.
    takes_text : bool
        Whether a cell may be text; a model of numbers alone refuses it.
    by_column : bool
        Whether the model looks at its columns by name.
    """

    class_name: str
    methods: tuple[str, ...]
    kind: str = ""
    steps: tuple[str, ...] = ()
    feature_count: int | None = None
    feature_names: tuple[str, ...] = ()
    classes: tuple[Cell, ...] = ()
    by_column: bool = False
    takes_text: bool = True
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
        Sample rows, each a tuple of cells, or a text for a model of texts.
    sample_output : tuple
        Rows of what the model predicts.
    """

    model: ModelDescription
    columns: tuple[Column, ...]
    named: bool
    default_method: str
    sample: tuple[tuple[Cell, ...], ...] = ()
    sample_output: tuple[tuple[Cell, ...], ...] = ()


class FormField(msgspec.Struct, frozen=True):
    """One input of a form that tries the endpoint: label, type of the value, and a value to begin with."""

    name: str
    type: ColumnType
    example: Cell


def build_schema(
    model: ModelDescription,
    default_method: str = "",
    sample: Sample = ((), ()),
    sample_output: tuple[tuple[Cell, ...], ...] = (),
) -> ModelSchema:
    """Return the schema of a model, sharpened by sample rows and their column names when there are any."""
    rows, sample_names = sample
    width = model.feature_count if model.feature_count is not None else len(rows[0]) if rows else 0
    rows = tuple(row for row in rows if len(row) == width)
    names = model.feature_names if len(model.feature_names) == width else ()
    if not names and len(sample_names) == width:
        names = sample_names
    fallback: ColumnType = "any" if model.takes_text else "number"
    columns = tuple(
        Column(
            names[i] if names else "",
            _column_type([row[i] for row in rows], fallback) if model.takes_text else "number",
            rows[0][i] if rows else None,
        )
        for i in range(width)
    )
    method = default_method if default_method in model.methods else _default_method(model)
    return ModelSchema(
        model=model,
        columns=columns,
        named=bool(names),
        default_method=method,
        sample=rows[:5],
        sample_output=sample_output[:5],
    )


def _default_method(model: ModelDescription) -> str:
    # The cloud's no-code deployment answers with probabilities where the model has them.
    for method in ("predict_proba", "predict"):
        if method in model.methods:
            return method
    return model.methods[0]


def _column_type(values: list[Cell], fallback: ColumnType) -> ColumnType:
    kinds = {type(value) for value in values if value is not None}
    if not kinds:
        return fallback
    if kinds == {bool}:
        return "boolean"
    if kinds <= {int, float, bool}:
        return "number"
    return "string" if kinds == {str} else "any"


def read_sample(path: Path) -> Sample:
    """Return sample rows and column names from a JSON file: rows, ``{"data": rows}``, or ``{"columns", "data"}``.

    A file that is missing or of another shape gives nothing: a sample only sharpens the schema.
    """
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return (), ()
    names: tuple[str, ...] = ()
    if isinstance(content, dict) and isinstance(content.get("data"), dict):
        content = content["data"]
    if isinstance(content, dict):
        names = tuple(map(str, content["columns"])) if isinstance(content.get("columns"), list) else ()
        content = content.get("data")
    if not isinstance(content, list) or not content:
        return (), ()
    if all(isinstance(row, dict) for row in content):
        names = tuple(map(str, content[0]))
        content = [list(row.values()) for row in content]
    if not all(isinstance(row, list) and all(isinstance(cell, Cell) for cell in row) for row in content):
        return (), ()
    return tuple(tuple(row) for row in content[:100]), names


def read_schema(endpoint_dir: Path) -> ModelSchema | None:
    """Return the schema that the front wrote, or None before the model was loaded."""
    return read_struct(endpoint_dir / SCHEMA_FILE, ModelSchema)


def form_fields(schema: ModelSchema) -> tuple[FormField, ...]:
    """Return the fields to fill in for one row, in the order of the model's columns."""
    return tuple(
        FormField(column.name or f"x{i}", column.type, _example(column)) for i, column in enumerate(schema.columns)
    )


def _example(column: Column) -> Cell:
    if column.example is not None:
        return column.example
    examples: dict[str, Cell] = {"string": "text", "boolean": False, "integer": 0}
    return examples.get(column.type, 0.0)


def example_rows(schema: ModelSchema) -> list[list[Cell]] | list[str]:
    """Return rows that the endpoint accepts as ``data``."""
    if schema.sample:
        return [list(schema.sample[0])]
    if not schema.columns:
        return ["text"]
    return [[_example(column) for column in schema.columns]]
