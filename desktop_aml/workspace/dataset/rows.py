"""The rows of a table as its files have them. Reads CSV, TSV and JSON lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from desktop_aml.domain.datasets import DatasetVersion
from desktop_aml.domain.errors import InvalidInput, StorageError
from desktop_aml.system.encodings import MARK_BYTES, encoding_of
from desktop_aml.system.files import open_regular


def first_rows(dataset: DatasetVersion, limit: int) -> tuple[Mapping[str, Any], ...]:
    """Return up to `limit` rows of a table, each value by its column.

    Raises
    ------
    InvalidInput
        When it is no table of a kind that can be read here, or its files are no such table.
    StorageError
        When one of its files is gone or cannot be read.
    """
    with named_faults(dataset):
        return tuple(islice(rows_of(dataset), limit))


@contextmanager
def named_faults(dataset: DatasetVersion) -> Iterator[None]:
    """Say of which dataset it is that something cannot be read."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"“{dataset.label}” cannot be read: {error.strerror or error}.") from error
    except (ValueError, csv.Error, RecursionError) as error:
        raise InvalidInput(f"“{dataset.label}” is no table that can be read: {error}.") from error


def rows_of(dataset: DatasetVersion) -> Iterator[Mapping[str, Any]]:
    """Give the rows of a table one by one, each value by its column; what goes wrong is for `named_faults`."""
    definition = json.loads(dataset.definition)
    form, options = str(definition.get("format")), dict(definition.get("options") or {})
    if form in {"delimited", "frame"}:
        for file in dataset.files:
            yield from _delimited(
                Path(file.path), str(options.get("separator") or ","), options.get("header") != "none"
            )
    elif form == "json_lines":
        for file in dataset.files:
            yield from _json_lines(Path(file.path))
    else:
        raise InvalidInput(
            f"The rows of “{dataset.label}” cannot be read here: it is {_what(form)}.",
            "Tables of .csv, .tsv and .jsonl files can.",
        )


def _what(form: str) -> str:
    return "made of Parquet files" if form == "parquet" else "files, no table"


def _delimited(path: Path, separator: str, has_header: bool) -> Iterator[Mapping[str, Any]]:
    with open_regular(path, follow_links=True) as raw:
        lines = io.TextIOWrapper(raw, encoding_of(raw.peek(MARK_BYTES)), "replace", newline="")
        reader = csv.reader(lines, delimiter=separator)
        header: list[str] | None = None
        for cells in reader:
            if not cells:
                continue
            if header is None:
                header = _unique(cells) if has_header else [f"Column{n}" for n in range(1, len(cells) + 1)]
                if has_header:
                    continue
            yield dict(zip(header, cells, strict=False))


def _unique(names: list[str]) -> list[str]:
    found: dict[str, None] = {}
    for number, name in enumerate(names, 1):
        wanted = name.strip() or f"Column{number}"
        while wanted in found:
            wanted += "_"
        found[wanted] = None
    return list(found)


def _json_lines(path: Path) -> Iterator[Mapping[str, Any]]:
    with open_regular(path, follow_links=True) as raw:
        for number, line in enumerate(raw, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise InvalidInput(f"Line {number} of “{path}” is no JSON: {error}.") from error
            if not isinstance(row, dict):
                raise InvalidInput(f"Line {number} of “{path}” is no JSON object.")
            yield row
