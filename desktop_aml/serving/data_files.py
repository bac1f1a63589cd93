"""The first rows of the data that a model's run read, for a request to begin with: tables as text, with named columns.

They are shown, and never tell a column's type: what a file of text says of it is a guess.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from desktop_aml.serving.schema import Cell, ColumnKind, ModelDescription, Row, Sample
from desktop_aml.system.encodings import delimiter_of, encoding_of
from desktop_aml.system.files import open_regular

ENDINGS: Final = (".csv", ".tsv", ".txt", ".data")
_READ_BYTES: Final = 256 << 10
_ROWS: Final = 100
_MISSING: Final = frozenset({"", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "?"})


def row_for(model: ModelDescription, files: Sequence[tuple[str, str]]) -> tuple[Row, str] | None:
    """Return a row that the model can take, and the name of the file that it is from; None when none has one.

    Parameters
    ----------
    files : sequence of (str, str)
        Name and path of each file that the run read, in that order.
    """
    if model.takes != "rows":
        return None
    names = model.feature_names
    if not names:
        return _whole_row(model, files) if model.open_names else None
    kinds = model.columns if len(model.columns) == len(names) else (ColumnKind(),) * len(names)
    for name, path in files:
        rows, header = read_rows(Path(path))
        if not set(names) <= set(header):
            continue
        order = [header.index(column) for column in names]
        for row in rows:
            cells = tuple(row[place] for place in order)  # type: ignore[index]
            if all(map(lambda cell, kind: _suits(cell, kind, model.takes_text), cells, kinds)):
                return cells, name
    return None


def _whole_row(model: ModelDescription, files: Sequence[tuple[str, str]]) -> tuple[Row, str] | None:
    """Return a row of the only table, with its names, for a model that takes such and does not say which.

    The column that holds what the model answers is left out, where it can be told.
    """
    tables = [(name, found) for name, path in files if (found := read_rows(Path(path)))[0]]
    if len(tables) != 1:
        return None
    name, (rows, header) = tables[0]
    columns = list(zip(*rows, strict=True))
    classes = {*model.classes}
    answers = [column for column, cells in zip(header, columns, strict=True) if classes and classes >= {*cells}]
    left_out = answers if len(answers) == 1 else ()
    whole = next((row for row in rows if None not in row), rows[0])
    return {column: cell for column, cell in zip(header, whole, strict=True) if column not in left_out}, name


def read_rows(path: Path) -> Sample:
    """Return the first rows of a table with a header; nothing where it is none.

    A column is of numbers where every value in it is one; missing values are None.
    """
    try:
        with open_regular(path, follow_links=True) as stream:
            start = stream.read(_READ_BYTES)
        # A letter may be cut at the end: what is not whole there is left out.
        text = codecs.getincrementaldecoder(encoding_of(start))().decode(start)
    except (UnicodeDecodeError, OSError):
        return (), ()
    whole = text if len(text) < _READ_BYTES else text[: text.rfind("\n") + 1]
    if "\0" in whole:
        return (), ()
    first = whole.partition("\n")[0]
    try:
        lines = [line for line in csv.reader(io.StringIO(whole), delimiter=delimiter_of(first)) if line]
    except csv.Error:
        return (), ()
    header = [name.strip() for name in lines[0]] if lines else []
    rows = [line for line in lines[1 : _ROWS + 1] if len(line) == len(header)]
    if not rows or len(set(header)) < len(header):
        return (), ()
    columns = [_typed(column) for column in zip(*rows, strict=True)]
    return tuple(zip(*columns, strict=True)), tuple(header)


def _typed(column: Sequence[str]) -> list[Cell]:
    texts = [None if text.strip() in _MISSING else text.strip() for text in column]
    for kind in (int, float):
        try:
            return [None if text is None else kind(text) for text in texts]
        except ValueError:
            continue
    return list(texts)


def _suits(cell: Cell, known: ColumnKind, takes_text: bool) -> bool:
    if cell is None:
        return False
    if known.kind == "category" and known.categories:
        return cell in known.categories
    if not takes_text or known.kind in {"number", "integer"}:
        return isinstance(cell, int | float)
    return isinstance(cell, str) if known.kind in {"text", "date", "moment"} else known.kind != "boolean"
