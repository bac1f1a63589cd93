"""A file of rows asked of an endpoint in batches: each row goes out again with its answers beside it."""

from __future__ import annotations

import csv
import io
import json
import re
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TextIO

from desktop_aml.domain.errors import InvalidInput, NotFound, ScoringError, StorageError
from desktop_aml.domain.values import dataclass
from desktop_aml.system.encodings import MARK_BYTES, delimiter_of, encoding_of
from desktop_aml.system.files import open_regular
from desktop_aml.workspace.endpoint.cells import cell_value

if TYPE_CHECKING:
    from desktop_aml.serving.schema import ModelSchema

BATCH: Final = 500
_OF_ROWS: Final = frozenset({400, 413, 422, 500})
"""Statuses that say something of the rows; with any other, no row would be answered."""
_PLACE: Final = re.compile(r"data\[\d+\](?:\[\d+\])? \(row (\d+)(?:, (column (?:“.*?”|\d+)))?\)")
_CORRECT: Final = "Correct the line and score the file again; no answers were written."
_COMMA: Final = re.compile(r"is the text “[+-]?\d+,\d+”; a number is expected")
_POINT: Final = "Decimals stand after a point (1.5): save the file so, and score it again; no answers were written."
_PART: Final = ".part"


class _Writer(Protocol):
    """What the csv module gives to write with."""

    def writerows(self, rows: Sequence[Sequence[object]], /) -> object:
        """Write rows."""


@dataclass(frozen=True, slots=True)
class ScoredFile:
    """What came of a file: how many rows were answered, and the titles of the columns that were written."""

    rows: int
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    cells: list[str]
    row: object


class FileScoring:
    """Reads, asks and writes one file.

    Parameters
    ----------
    ask : callable
        Sends a payload and returns the answers; raises `ScoringError`.
    schema : ModelSchema
        What the model takes.
    method : str
        Of the model; its default one when empty.
    """

    def __init__(self, ask: Callable[[object], object], schema: ModelSchema, method: str = "") -> None:
        self._ask, self._schema = ask, schema
        self._method = method or schema.default_method
        self._names = [column.name for column in schema.columns]
        self._types = [column.type for column in schema.columns]
        self._titles: list[str] = []

    def score(self, path: Path, out: Path, told: Callable[[int], object] = lambda _: None) -> ScoredFile:
        """Score the rows of a file into another one, which is there whole or not at all.

        Parameters
        ----------
        told : callable
            Hears how many rows were answered so far.

        Raises
        ------
        NotFound
            When the file cannot be read.
        InvalidInput, ScoringError
            When its columns are not those of the model, or a row is refused: the message names the line.
        StorageError
            When the answers cannot be written.
        """
        if out.is_dir():
            raise StorageError(f"“{out}” is a folder, and the answers are one file.", "Name a file in it.")
        # A link stays one: its file gets the answers.
        out = out.resolve()
        # By a name that no file has: one of the user's may be called as any other.
        part = out.with_name(f"{out.name}.{secrets.token_hex(6)}{_PART}")
        try:
            with part.open("x", encoding="utf-8", newline="") as file:
                done = self._score(path, file, told)
            part.replace(out)
        except OSError as error:
            raise StorageError(f"“{out}” cannot be written: {error.strerror}.", "Choose another place.") from error
        finally:
            part.unlink(missing_ok=True)
        return done

    def _score(self, path: Path, out: TextIO, told: Callable[[int], object]) -> ScoredFile:
        count, batch = 0, list[_Line]()
        with _lines(path) as (delimiter, lines):
            # As the file itself has it: the spreadsheet that wrote a “;” opens no “,”.
            writer = csv.writer(out, delimiter=delimiter)
            head, rows = self._head(lines)
            for line in rows:
                batch.append(line)
                if len(batch) == BATCH:
                    count += self._write(batch, head, writer, is_first=not count)
                    told(count)
                    batch.clear()
        if batch:
            count += self._write(batch, head, writer, is_first=not count)
        if not count:
            raise InvalidInput(f"“{path.name}” has no rows.", "Choose a file with a row for each answer.")
        told(count)
        return ScoredFile(count, tuple(self._titles))

    def _head(self, lines: Iterator[tuple[int, list[str]]]) -> tuple[list[str], Iterator[_Line]]:
        """Return the titles of the file, and its rows as they are sent."""
        number, first = next(lines, (0, []))
        if not first:
            raise InvalidInput("The file is empty.", "Choose a file with a row for each answer.")
        takes = self._schema.model.takes
        is_open = self._schema.model.open_names and not self._names
        if takes != "texts" and (self._schema.named or takes == "objects" or is_open):
            return first, self._named(first, lines)
        if self._has_titles(first):
            return first, self._by_order(len(first), lines)
        return (
            [f"column {place}" for place in range(1, len(first) + 1)],
            self._by_order(len(first), _again((number, first), lines)),
        )

    def _has_titles(self, first: list[str]) -> bool:
        """Whether the first line of a file tells its columns: where no number is among its cells."""
        if self._schema.model.takes == "texts":
            return [cell.strip().lower() for cell in first] == ["text"]
        return not any(isinstance(cell_value(cell, "number"), int | float) for cell in first)

    def _named(self, titles: list[str], lines: Iterator[tuple[int, list[str]]]) -> Iterator[_Line]:
        titles = [title.strip() for title in titles]
        twice = sorted({title for title in titles if titles.count(title) > 1})
        if twice:
            raise InvalidInput(f"The first line names the column {_listed(twice)} twice.", "Name each column once.")
        missing = [name for name in self._names if name not in titles]
        if missing:
            raise InvalidInput(
                f"The file has no column {_listed(missing)}. It has {_listed(titles)}.",
                f"Its first line names the columns of the model: {_listed(self._names)}.",
            )
        lines = _of_width(lines, len(titles))
        if not self._names:
            return (
                _Line(at, cells, {title: cell_value(cell, "any") for title, cell in zip(titles, cells, strict=True)})
                for at, cells in lines
            )
        wanted = [(titles.index(name), kind) for name, kind in zip(self._names, self._types, strict=True)]
        return (_Line(at, cells, [cell_value(cells[place], kind) for place, kind in wanted]) for at, cells in lines)

    def _by_order(self, width: int, lines: Iterator[tuple[int, list[str]]]) -> Iterator[_Line]:
        if self._schema.model.takes == "texts":
            if width != 1:
                raise InvalidInput(f"The file has {width} columns; the model takes one text a row.")
            return (_Line(at, cells, cells[0]) for at, cells in _of_width(lines, 1))
        types = self._types or ["any"] * width
        if width != len(types):
            raise InvalidInput(
                f"The file has {width} columns, the model takes {len(types)} without names.",
                "Leave out the others: the order tells which is which.",
            )
        return (
            _Line(at, cells, [cell_value(cell, kind) for cell, kind in zip(cells, types, strict=True)])
            for at, cells in _of_width(lines, width)
        )

    def _write(self, batch: list[_Line], head: list[str], writer: _Writer, *, is_first: bool) -> int:
        answers = self._answers(batch)
        if is_first:
            self._titles = [*head, *_fresh(self._answer_titles(answers[0]), head)]
            writer.writerows([self._titles])
        writer.writerows([[*line.cells, *_cells(answer)] for line, answer in zip(batch, answers, strict=True)])
        return len(batch)

    def _answers(self, batch: list[_Line]) -> list[Any]:
        body: dict[str, object] = {"data": [line.row for line in batch], "method": self._method}
        try:
            found = self._ask(body)
        except ScoringError as error:
            if error.status not in _OF_ROWS:
                raise
            place = _PLACE.search(error.message)
            if place is None and len(batch) > 1:
                # Something about one of them, or there are too many: the half that fails is asked on.
                middle = len(batch) // 2
                return self._answers(batch[:middle]) + self._answers(batch[middle:])
            raise _refused(batch, error, place) from error
        if not isinstance(found, list) or len(found) != len(batch):
            raise ScoringError(f"The endpoint did not give one answer for each of {len(batch)} rows.")
        return found

    def _answer_titles(self, answer: object) -> list[str]:
        if not isinstance(answer, list):
            return ["prediction"]
        classes = self._schema.model.classes
        names = classes if len(classes) == len(answer) else range(len(answer))
        word = "probability" if self._method == "predict_proba" else "prediction"
        return [f"{word}_{name}" for name in names]


def _refused(batch: list[_Line], error: ScoringError, place: re.Match[str] | None) -> ScoringError:
    number = int(place[1]) - 1 if place else 0
    line = batch[number].number if number < len(batch) else batch[0].number
    where = f"Line {line}" + (f", {place[2]}" if place and place[2] else "")
    if place is None:
        return ScoringError(f"{where}: {error.message}", _CORRECT, status=error.status)
    before, after = error.message[: place.start()], error.message[place.end() :]
    # Whoever writes a comma does so in every line: to correct one would lead to the next.
    cure = _POINT if _COMMA.search(after) else _CORRECT
    return ScoringError(f"{before}{where}{after}", cure, status=error.status)


def _cells(answer: object) -> list[object]:
    values = answer if isinstance(answer, list) else [answer]
    return [json.dumps(one, ensure_ascii=False) if isinstance(one, list | dict) else one for one in values]


def _fresh(titles: list[str], taken: list[str]) -> Iterator[str]:
    for title in titles:
        while title in taken:
            title += "_"
        yield title


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"“{name[:60]}”" for name in names[:10])
    return f"{shown} and {len(names) - 10} more" if len(names) > 10 else shown


def _again(first: tuple[int, list[str]], rest: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
    yield first
    yield from rest


def _of_width(lines: Iterator[tuple[int, list[str]]], width: int) -> Iterator[tuple[int, list[str]]]:
    for number, cells in lines:
        if len(cells) != width:
            raise InvalidInput(f"Line {number} has {len(cells)} values, the first line {width}.", _CORRECT)
        yield number, cells


@contextmanager
def _lines(path: Path) -> Iterator[tuple[str, Iterator[tuple[int, list[str]]]]]:
    """Give what is between the values of a file, and its lines that are not empty with the numbers they begin on."""

    def read() -> Iterator[tuple[int, list[str]]]:
        begun = 1
        try:
            for cells in reader:
                if cells:
                    yield begun, cells
                begun = reader.line_num + 1
        except OSError as error:
            raise _unreadable(path, error) from error

    try:
        raw = open_regular(path, follow_links=True)
    except OSError as error:
        raise _unreadable(path, error) from error
    try:
        with raw:
            encoding = encoding_of(raw.peek(MARK_BYTES))
            text = iter(io.TextIOWrapper(raw, encoding, newline=""))
            first = next(text, "")
            delimiter = delimiter_of(first)
            csv.field_size_limit(sys.maxsize)
            reader = csv.reader(_first_and(first, text), delimiter=delimiter)
            yield delimiter, read()
    except UnicodeDecodeError as error:
        # Spreadsheets write the letters of one language each, and nothing in the file says of which.
        byte = error.object[error.start]
        raise InvalidInput(
            f"“{path.name}” is not in UTF-8, nor in UTF-16: it holds the byte {byte:#04x}.",
            "Save it as “CSV UTF-8” in the spreadsheet, and score it again; no answers were written.",
        ) from error
    except csv.Error as error:
        raise InvalidInput(f"“{path.name}” is no CSV file: {error}.", "Save it as CSV, in UTF-8.") from error


def _unreadable(path: Path, error: OSError) -> NotFound:
    return NotFound(f"“{path}” cannot be read: {error.strerror or error}.", "Choose another file.")


def _first_and(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest
