"""What files become as a dataset: the definition that Azure ML code finds them by."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_aml.domain.datasets import DatasetKind
from desktop_aml.domain.errors import InvalidInput, NotFound
from desktop_aml.system.encodings import MARK_BYTES, delimiter_of, encoding_of
from desktop_aml.system.files import open_regular
from desktop_aml.system.whole_paths import whole_path

_DELIMITED: Final = frozenset({".csv", ".tsv", ".tab"})
_LONGEST_HEAD: Final = 1 << 20
_JSON_LINES: Final = frozenset({".jsonl", ".ndjson"})
_PARQUET: Final = frozenset({".parquet", ".pq"})


@dataclass(frozen=True, slots=True)
class Defined:
    """What files are: rows and columns, or the files themselves; see `Datasets.register`."""

    kind: DatasetKind
    definition: str
    files: tuple[Path, ...]


def of_paths(paths: Sequence[Path]) -> Defined:
    """Return what files and folders are as a dataset, told by their names.

    Files of one tabular kind (.csv, .tsv, .jsonl, .parquet) are a table, anything else is files. A folder means all
    files below it.

    Raises
    ------
    InvalidInput
        When nothing is named.
    NotFound
        When there is no such path, or no file below it.
    """
    if not paths:
        raise InvalidInput("A dataset needs at least one file or folder.", "Name one.")
    whole = [whole_path(path) for path in paths]
    files = tuple(file for path in whole for file in _files_of(path))
    endings = {file.suffix.lower() for file in files}
    table = _table(endings, files) if not any(path.is_dir() for path in whole) else None
    entries = [{"path": f"{path}/**" if path.is_dir() else str(path)} for path in whole]
    form, options = table or ("files", {"is_file": False})
    kind = DatasetKind.TABULAR if table else DatasetKind.FILE
    body = {"kind": str(kind), "format": form, "paths": entries, "options": options, "steps": []}
    return Defined(kind, json.dumps(body, sort_keys=True), files)


def _table(endings: set[str], files: Sequence[Path]) -> tuple[str, dict[str, object]] | None:
    """Return format and options of a table that all files of these endings are."""
    if len(endings) != 1:
        return None
    (ending,) = endings
    if ending in _DELIMITED:
        return "delimited", {
            "include_path": False,
            "infer_column_types": True,
            "separator": _separator(files[0]) if ending == ".csv" else "\t",
            "header": "all",
            "partition_format": None,
            "empty_as_string": False,
            "encoding": "utf8",
            "column_types": {},
        }
    if ending in _JSON_LINES:
        return "json_lines", {
            "include_path": False,
            "partition_format": None,
            "invalid_lines": "error",
            "column_types": {},
        }
    if ending in _PARQUET:
        return "parquet", {"include_path": False, "partition_format": None, "column_types": {}}
    return None


def _separator(path: Path) -> str:
    """Return what parts the cells of a table, as a spreadsheet wrote it; a comma where nothing is read."""
    try:
        with open_regular(path, follow_links=True) as raw:
            text = io.TextIOWrapper(raw, encoding_of(raw.peek(MARK_BYTES)), "replace", newline="")
            return delimiter_of(text.readline(_LONGEST_HEAD))
    except OSError:
        return ","  # what cannot be read is said when it is hashed


def _files_of(path: Path) -> Iterator[Path]:
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.is_file())
        if not found:
            raise NotFound(f"There is no file in the folder “{path}”.")
        yield from found
    elif path.is_file():
        yield path
    else:
        raise NotFound(f"There is no file or folder “{path}”.", "Check the path.")
