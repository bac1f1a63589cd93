"""A sheet of runs as a file."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from desktop_aml.domain.compare.sheet import RunSheet
from desktop_aml.domain.errors import StorageError


def save_sheet(sheet: RunSheet, chosen: Sequence[bool], path: Path) -> None:
    """Write a row for each run that is chosen: id, name and all columns, with all digits.

    Raises
    ------
    StorageError
        When the file cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["id", "name", *(column.name for column in sheet.columns)])
            for number, is_chosen in enumerate(chosen):
                if is_chosen:
                    values = (column.values[number] for column in sheet.columns)
                    writer.writerow([sheet.ids[number], sheet.names[number], *values])
    except OSError as error:
        words = f"The values could not be written to “{path}”: {error.strerror}."
        raise StorageError(words, "Choose another folder.") from error
