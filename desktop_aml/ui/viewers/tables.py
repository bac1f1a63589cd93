"""Rows of a file of values that commas, semicolons or tabs part, a page at a time. No Qt; called off the GUI thread."""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Final

from desktop_aml.system.encodings import MARK_BYTES, delimiter_of, encoding_of
from desktop_aml.system.files import open_regular

PAGE_ROWS: Final = 1000
_COLUMNS: Final = 200
_CELL: Final = 2000
_COUNTED_AT_MOST: Final = 20_000_000
_ENDINGS: Final = frozenset({".csv", ".tsv"})


@dataclass(frozen=True, slots=True)
class TablePage:
    """Some rows of a file.

    Parameters
    ----------
    first : int
        The number of the first of `rows`, counted from 0 behind the head.
    total : int
        How many rows there are behind the head.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    first: int
    total: int


def table_ending(name: str) -> str:
    """Return ``".csv"`` or ``".tsv"`` for a table, compressed or not; empty for another file."""
    ending = Path(name.lower().removesuffix(".gz")).suffix
    return ending if ending in _ENDINGS else ""


def read_page(path: Path, name: str, first: int = 0, total: int | None = None) -> TablePage:
    """Return a page of a table.

    Parameters
    ----------
    total : int, optional
        How many rows there are, when that is known: it spares reading to the end.

    Raises
    ------
    OSError, csv.Error
        When the file cannot be read.
    """
    with _text(path, name) as stream:
        begin = stream.readline()
        delimiter = delimiter_of(begin) if table_ending(name) == ".csv" else "\t"
        rows = csv.reader(chain([begin], stream), delimiter=delimiter)
        csv.field_size_limit(sys.maxsize)
        head = tuple(_cut(next(rows, [])))
        shown = tuple(tuple(_cut(row)) for row in islice(rows, first, first + PAGE_ROWS))
        if total is None:
            total = first + len(shown) + sum(1 for _ in islice(rows, _COUNTED_AT_MOST))
    return TablePage(head, shown, first, total)


def _cut(row: list[str]) -> Iterator[str]:
    for cell in row[:_COLUMNS]:
        yield cell if len(cell) <= _CELL else cell[:_CELL] + "…"


@contextmanager
def _text(path: Path, name: str) -> Iterator[io.TextIOBase]:
    with open_regular(path, follow_links=True) as raw:
        plain = gzip.GzipFile(fileobj=raw) if name.lower().endswith(".gz") else raw
        # NUL would end the reading of a row with an error.
        with io.TextIOWrapper(plain, encoding_of(plain.peek(MARK_BYTES)), "replace", newline="") as text:
            yield text
