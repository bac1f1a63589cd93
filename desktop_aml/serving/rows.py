"""Check the rows of a request against the schema and pack them for the model's process.

A row is a list, or an object with the model's column names. Every complaint names the row and the column at fault.
"""

from __future__ import annotations

import json
import sys
from array import array
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.inside_model.predicting import FLOATS, INTEGERS, METHODS, ROWS, VALUES
from desktop_aml.serving.schema import ModelSchema

_NAMES: Final = {
    bool: "true or false",
    int: "a number",
    float: "a number",
    str: "text",
    list: "a list",
    dict: "an object",
}
_NUMBERS: Final = {int, float, bool}
_MAX_COLUMNS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Table:
    """Rows, packed as the model's process takes them.

    Parameters
    ----------
    kind : int
        `FLOATS` or `INTEGERS`: a block of 64-bit numbers; `ROWS` or `VALUES`: JSON.
    first_null : str
        Where the first missing value stands, in words; empty when there is none.
    """

    kind: int
    rows: int
    columns: int
    payload: bytes
    first_null: str = ""


def read_request(body: Any, schema: ModelSchema) -> tuple[int, Table]:
    """Return the number of the method and the rows of ``{"data": rows, "method": name}``.

    Raises
    ------
    InvalidInput
        Something about it is off; the message says what and where.
    """
    if type(body) is not dict:
        raise InvalidInput(f"The body must be an object with “data”, not {_name(body)}.")
    if "data" not in body:
        raise InvalidInput('Missing parameter: data. Send {"data": [[…], …]}.')
    for key in body:
        if key not in ("data", "method"):
            raise InvalidInput(f"Unknown parameter: {key[:60]}. The endpoint takes data and method.")
    return _method(body.get("method", schema.default_method), schema), read_table(body["data"], schema)


def _method(name: Any, schema: ModelSchema) -> int:
    if type(name) is not str or name not in schema.model.methods:
        wanted = name[:60] if type(name) is str else _name(name)
        raise InvalidInput(
            f"Unknown method: {wanted}. The model ({schema.model.class_name}) has {', '.join(schema.model.methods)}."
        )
    return METHODS.index(name)


def read_table(data: Any, schema: ModelSchema) -> Table:
    """Return the checked and packed rows of ``data``: rows, or ``{"columns": names, "data": rows}``."""
    if schema.model.takes != "rows":
        return _read_whole(data, schema)
    columns = schema.columns
    if type(data) is dict:
        data = _rows_of_split(data, schema)
    if type(data) is not list:
        raise InvalidInput(f'data is {_name(data)}; send a list of rows: {{"data": [[…], …]}}.')
    if not data:
        raise InvalidInput("data has no rows.")
    kinds = set(map(type, data))
    if dict in kinds:
        if schema.model.open_names and not columns:
            return _pack_by_names(data, schema)
        data = _rows_of_objects(data, schema)
    elif kinds != {list}:
        if not columns and kinds == {str}:
            return Table(VALUES, len(data), 1, json.dumps(data).encode("ascii"))
        i = next(i for i, row in enumerate(data) if type(row) is not list)
        raise InvalidInput(f"data[{i}] is {_name(data[i])}; each row is a list of {_width(schema)}: [[…], …].")
    width = len(columns) or len(data[0])
    if set(map(len, data)) != {width}:
        _refuse_length(data, width, schema)
    if width == 0:
        raise InvalidInput("data[0] (row 1) has no values.")
    return _pack(data, width, schema)


def _read_whole(data: Any, schema: ModelSchema) -> Table:
    """Return the rows for a model that takes texts or objects as they are."""
    texts = schema.model.takes == "texts"
    wanted, form = (str, '["…", …]') if texts else (dict, "[{…}, …]")
    if type(data) is not list:
        raise InvalidInput(f'data is {_name(data)}; send a list of {schema.model.takes}: {{"data": {form}}}.')
    if not data:
        raise InvalidInput("data has no rows.")
    if texts:
        # A table of one column says the same.
        data = [row[0] if type(row) is list and len(row) == 1 else row for row in data]
    for i, row in enumerate(data):
        if type(row) is not wanted:
            raise InvalidInput(f"data[{i}] (row {i + 1}) is {_name(row)}; the model takes {_NAMES[wanted]}: {form}.")
    return Table(VALUES, len(data), 1, json.dumps(data).encode("ascii"))


def _pack(data: list[list[Any]], width: int, schema: ModelSchema) -> Table:
    if not schema.model.takes_text:
        with suppress(TypeError, OverflowError):
            return Table(FLOATS, len(data), width, array("d", chain.from_iterable(data)).tobytes())
    elif schema.whole_numbers_count:
        with suppress(TypeError, OverflowError):
            return Table(INTEGERS, len(data), width, array("q", chain.from_iterable(data)).tobytes())
    return _pack_slowly(data, width, schema)


def _pack_slowly(data: list[list[Any]], width: int, schema: ModelSchema) -> Table:
    """Pack rows with text or missing values, or say which cell is at fault."""
    first_null = ""
    for i, row in enumerate(data):
        for j, cell in enumerate(row):
            if cell is None:
                first_null = first_null or _place(i, j, schema)
            elif not _fits(cell, j, schema):
                raise InvalidInput(f"{_place(i, j, schema)} is {_value(cell)}; a {_wanted(j, schema)} is expected.")
    if not schema.model.takes_text:
        numbers = (float("nan") if cell is None else cell for cell in chain.from_iterable(data))
        return Table(FLOATS, len(data), width, array("d", numbers).tobytes(), first_null)
    return Table(ROWS, len(data), width, json.dumps(data).encode("ascii"), first_null)


def _pack_by_names(data: list[Any], schema: ModelSchema) -> Table:
    """Pack rows that name their columns for a model that does not tell its names: it gets those of the rows."""
    first_null = ""
    wanted = data[0].keys() if type(data[0]) is dict else {}
    for i, row in enumerate(data):
        if type(row) is not dict:
            raise InvalidInput(f"data[{i}] (row {i + 1}) is {_name(row)} among rows that are objects.")
        if row.keys() != wanted:
            _refuse_names(set(row), list(wanted), f"data[{i}] (row {i + 1})", "which the first row does not have")
        for name, cell in row.items():
            place = f"data[{i}] (row {i + 1}, column “{name[:60]}”)"
            if cell is None:
                first_null = first_null or place
            elif not _fits(cell, 0, schema):
                raise InvalidInput(f"{place} is {_value(cell)}; a number or text is expected.")
    if not wanted:
        raise InvalidInput("data[0] (row 1) has no values.")
    return Table(ROWS, len(data), len(wanted), json.dumps(data).encode("ascii"), first_null)


def _fits(cell: Any, j: int, schema: ModelSchema) -> bool:
    kind = type(cell)
    wanted = schema.columns[j].type if schema.columns else "any" if schema.model.takes_text else "number"
    if kind in _NUMBERS:
        return wanted != "string" and abs(cell) <= sys.float_info.max
    return kind is str and wanted in ("string", "any")


def _rows_of_split(data: dict[str, Any], schema: ModelSchema) -> Any:
    """Return the rows of ``{"columns": [...], "data": [[...]]}`` in the model's order of columns."""
    if not {"columns", "data"} <= set(data) <= {"columns", "data", "index"}:
        raise InvalidInput("data is an object without “columns” and “data”; send a list of rows: [[…], …].")
    names, rows = data["columns"], data["data"]
    if type(names) is not list or type(rows) is not list or any(type(name) is not str for name in names):
        raise InvalidInput("data.columns must be a list of names and data.data a list of rows.")
    is_open = schema.model.open_names and not schema.columns
    if not schema.named and not is_open:
        raise InvalidInput("The model does not name its columns: send each row as a list, without “columns”.")
    order = _order(names, schema, "data.columns") if schema.named else list(range(len(names)))
    if order is None:
        return rows
    if any(type(row) is not list or len(row) != len(names) for row in rows):
        i = next(i for i, row in enumerate(rows) if type(row) is not list or len(row) != len(names))
        raise InvalidInput(f"data.data[{i}] (row {i + 1}) does not have the {len(names)} values of data.columns.")
    if is_open:
        if len(set(names)) != len(names):
            raise InvalidInput("data.columns names a column twice.")
        return [dict(zip(names, row, strict=True)) for row in rows]
    return [[row[at] for at in order] for row in rows]


def _order(names: list[str], schema: ModelSchema, where: str) -> list[int] | None:
    """Return where each of the model's columns stands in `names`; None when the order is the model's own."""
    wanted = [column.name for column in schema.columns]
    if names == wanted:
        return None
    names = [_as_kept(name, schema) for name in names]
    at = {name: i for i, name in enumerate(names)}
    if len(at) != len(names):
        raise InvalidInput(f"{where} names a column twice.")
    _refuse_names(set(names), wanted, where)
    return [at[name] for name in wanted]


def _rows_of_objects(data: list[Any], schema: ModelSchema) -> list[list[Any]]:
    """Return rows given as objects as lists in the model's order of columns."""
    if not schema.named:
        raise InvalidInput("The model does not name its columns: send each row as a list of values, not as an object.")
    wanted = [column.name for column in schema.columns]
    rows = []
    for i, row in enumerate(data):
        if type(row) is not dict:
            raise InvalidInput(f"data[{i}] (row {i + 1}) is {_name(row)} among rows that are objects.")
        if row.keys() != set(wanted):
            kept = {_as_kept(name, schema): value for name, value in row.items()}
            row = kept if len(kept) == len(row) else row
            _refuse_names(set(row), wanted, f"data[{i}] (row {i + 1})")
        rows.append([row[name] for name in wanted])
    return rows


def _as_kept(name: str, schema: ModelSchema) -> str:
    """Return how the model keeps the name of a column: LightGBM writes a line for each blank."""
    return name.replace(" ", "_") if schema.model.class_name.startswith("LGBM") else name


def _refuse_names(given: set[str], wanted: list[str], where: str, why: str = "which the model does not know") -> None:
    missing = [name for name in wanted if name not in given]
    unknown = sorted(given - set(wanted))
    complaints = []
    if missing:
        complaints.append(f"has no {_listed(missing)}")
    if unknown:
        complaints.append(f"has {_listed(unknown)}, {why}")
    if complaints:
        raise InvalidInput(f"{where} {' and '.join(complaints)}. The columns are {_listed(wanted)}.")


def _refuse_length(data: list[list[Any]], width: int, schema: ModelSchema) -> None:
    i = next(i for i, row in enumerate(data) if len(row) != width)
    than = f"the model takes {_width(schema)}" if schema.columns else f"the first row has {width}"
    raise InvalidInput(f"data[{i}] (row {i + 1}) has {_count(len(data[i]))}; {than}.")


def _width(schema: ModelSchema) -> str:
    if not schema.columns:
        return "values"
    count = _count(len(schema.columns))
    return f"{count} ({_listed([column.name for column in schema.columns])})" if schema.named else count


def _count(number: int) -> str:
    return "1 value" if number == 1 else f"{number} values"


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"“{name[:60]}”" for name in names[:10])
    return f"{shown} and {len(names) - 10} more" if len(names) > 10 else shown


def _place(i: int, j: int, schema: ModelSchema) -> str:
    name = schema.columns[j].name if schema.columns else ""
    return f"data[{i}][{j}] (row {i + 1}, column {f'“{name[:60]}”' if name else j + 1})"


def _wanted(j: int, schema: ModelSchema) -> str:
    kind = schema.columns[j].type if schema.columns else "any"
    return {"string": "text", "any": "number or text"}.get(kind, "number")


def _name(value: Any) -> str:
    return "null" if value is None else _NAMES.get(type(value), "no JSON")


def _value(cell: Any) -> str:
    if type(cell) is str:
        return f"the text “{cell[:40]}”"
    if type(cell) is int:
        return f"the number {cell}" if abs(cell) <= sys.float_info.max else f"too large ({str(cell)[:12]}…)"
    return _name(cell)
