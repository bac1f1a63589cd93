"""Turn the rows of a request into the tables that a model is asked with. Python 3.6 or newer.

The type of a column is the column's own: what the fitted model or the sample says of it, else what each value is by
itself. No row changes how another one is handed over: rows that differ in the types of their values go into tables of
their own, and the answers are put together again.
"""

import importlib
import json
import re
from typing import Any, Dict, List, Optional, Sequence, Tuple

from desktop_aml.inside_model.columns import (
    ANY,
    BOOLEAN,
    CATEGORY,
    DATE,
    DURATION,
    INTEGER,
    MOMENT,
    NAMED,
    NUMBER,
    OBJECT,
    TEXT,
    Known,
    text_of,
)

# What a value is handed over as, and so what the type of its column is in the table of its row.
_AS_FLOAT, _AS_INTEGER, _AS_BOOLEAN, _AS_TEXT, _AS_OBJECT, _AS_CATEGORY = "fibtoc"
# Dates without and with an offset from UTC; in capitals, text that the model may want as a date.
_AS_DATE, _AS_UTC, _AS_OFFSET, _AS_MOMENT, _AS_UTC_MOMENT, _AS_DURATION = "duwDUe"
_ONE_WAY = {NUMBER: _AS_FLOAT, CATEGORY: _AS_CATEGORY, OBJECT: _AS_OBJECT, NAMED: _AS_OBJECT, DURATION: _AS_DURATION}
_INT64 = 1 << 63
_DATE = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
    r"([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?(?P<offset>Z|[+-]\d\d:?\d\d)?)?"
)
_NAN = float("nan")

Part = Tuple[List[int], "Rows"]


def is_date(text: Any) -> bool:
    """Whether a text is a date, or a date and a time, as ISO 8601 writes them."""
    return isinstance(text, str) and 10 <= len(text) <= 40 and _DATE.fullmatch(text) is not None


def of_sample(known: Known, values: Sequence[Any]) -> Known:
    """Return what is known of a column of which sample values are there: they say what the model does not."""
    there = [value for value in values if value is not None]
    if known.kind != ANY or not there:
        return known
    kinds = {type(value) for value in there}
    if kinds <= {str}:
        kind = MOMENT if all(map(is_date, there)) else TEXT
    elif kinds <= {bool}:
        kind = BOOLEAN
    else:
        kind = INTEGER if kinds <= {int, bool} else NUMBER if kinds <= {int, float, bool} else OBJECT
    return Known(kind, known.categories, known.knows_none)


class Rows:
    """Rows whose values are of the same types, column by column.

    Parameters
    ----------
    rows : list of sequences
        The values as JSON has them.
    signature : str
        How the values of each column are handed over, one letter a column.
    names : sequence of str or None
        Names of the columns; None for an array.
    """

    def __init__(
        self, tables: "Tables", rows: List[Sequence[Any]], signature: str, names: Optional[Sequence[str]]
    ) -> None:
        self.tables = tables
        self.rows = rows
        self.signature = signature
        self.names = names

    @property
    def may_be_dates(self) -> bool:
        """Whether there is text that the model may want as dates."""
        return _AS_MOMENT in self.signature or _AS_UTC_MOMENT in self.signature

    def alone(self) -> List["Rows"]:
        """Return each row by itself."""
        return [Rows(self.tables, [row], self.signature, self.names) for row in self.rows]

    def table(self, dates: bool = False) -> Any:
        """Return a data frame or an array; with `dates`, text that may be a date is one."""
        signature = self.signature
        if dates:
            signature = signature.replace(_AS_MOMENT, _AS_DATE).replace(_AS_UTC_MOMENT, _AS_OFFSET)
        if self.names is None:
            return self.tables.array(self.rows, signature)
        return self.tables.frame(self.rows, signature, self.names)


class Tables:
    """Makes tables for one model.

    Parameters
    ----------
    names : list of str or None
        Names of the columns when the model must be given a data frame; None when it takes arrays.
    known : list of Known
        What is known of each column; may be empty.
    order : str
        How arrays of numbers lie in memory: ``C`` by rows or ``F`` by columns.
    """

    def __init__(self, names: Optional[List[str]], known: List[Known], order: str = "C") -> None:
        self.numpy = importlib.import_module("numpy")
        self.names = names
        self.known = known
        self.order = order
        self.pandas: Any = importlib.import_module("pandas") if names is not None else None
        self._text_type: Any = None
        self._of_dates = bool(known) and all(one.kind == DATE for one in known)
        self._meant = [_by_text(one.categories or ()) for one in known]
        kinds = (TEXT, OBJECT, CATEGORY, DATE, MOMENT, DURATION, NAMED)
        self._objects = any(one.knows_none or one.kind in kinds for one in known) and not self._of_dates

    def of_numbers(self, rows: int, columns: int, payload: bytes, whole: bool = False) -> Any:
        """Return the table of a block of float64, or of int64."""
        dtype = self.numpy.int64 if whole else self.numpy.float64
        values = self.numpy.frombuffer(payload, dtype).reshape(rows, columns)
        # A model may want to write into its input; a bytes object must never change.
        values = values.copy(order="F" if self.names else self.order)
        return self.pandas.DataFrame(values, columns=self.names) if self.names else values

    def split(self, payload: bytes) -> List[Part]:
        """Return the rows of a request in JSON, those of the same types together, each with its place."""
        rows = json.loads(payload.decode("utf-8"))
        if not isinstance(rows[0], dict):
            return self._by_types(list(range(len(rows))), rows, self.names)
        if self.pandas is None:
            self.pandas = importlib.import_module("pandas")
        # The order of the columns is that of the row itself, since the model told none.
        by_names: Dict[Tuple[str, ...], List[int]] = {}
        for i, row in enumerate(rows):
            by_names.setdefault(tuple(row), []).append(i)
        parts: List[Part] = []
        for names, places in by_names.items():
            parts.extend(self._by_types(places, [list(rows[i].values()) for i in places], list(names)))
        return parts

    def _by_types(self, places: List[int], rows: List[Sequence[Any]], names: Optional[Sequence[str]]) -> List[Part]:
        letters = [self._letters(i, column) for i, column in enumerate(zip(*rows))]
        if names is None:
            return self._by_array_type(places, rows, letters)
        if all(len(column) == 1 for column in letters):
            return [(places, Rows(self, rows, "".join(letters), names))]
        whole = [column if len(column) > 1 else column * len(rows) for column in letters]
        return self._group(places, rows, ["".join(signature) for signature in zip(*whole)], names)

    def _group(
        self, places: List[int], rows: List[Sequence[Any]], signatures: List[str], names: Optional[Sequence[str]]
    ) -> List[Part]:
        groups: Dict[str, List[int]] = {}
        for i, signature in enumerate(signatures):
            groups.setdefault(signature, []).append(i)
        return [
            ([places[i] for i in group], Rows(self, [rows[i] for i in group], signature, names))
            for signature, group in groups.items()
        ]

    def _by_array_type(self, places: List[int], rows: List[Sequence[Any]], letters: List[str]) -> List[Part]:
        """An array has one type: the row's own, but for a model that was fitted on objects, or on dates."""
        if self._of_dates:
            return [(places, Rows(self, rows, _AS_DATE, None))]
        if self._objects or (self.known and all(one.kind == NUMBER for one in self.known)):
            return [(places, Rows(self, rows, _AS_OBJECT if self._objects else _AS_FLOAT, None))]
        whole = [column if len(column) > 1 else column * len(rows) for column in letters]
        signatures = []
        for signature in zip(*whole):
            kinds = set(signature)
            if kinds <= {_AS_INTEGER, _AS_BOOLEAN}:
                signatures.append(_AS_INTEGER)
            else:
                signatures.append(_AS_FLOAT if kinds <= {_AS_INTEGER, _AS_BOOLEAN, _AS_FLOAT} else _AS_OBJECT)
        return self._group(places, rows, signatures, None)

    def _letters(self, i: int, column: Sequence[Any]) -> str:
        """Return how the values of a column are handed over: one letter for all of them, or one for each."""
        known = self.known[i] if i < len(self.known) else Known()
        if known.knows_none:
            return _AS_OBJECT
        if known.kind in _ONE_WAY:
            return _ONE_WAY[known.kind]
        letters = "".join([_letter(known, value) for value in column])
        return letters[0] if letters == letters[0] * len(letters) else letters

    # -- arrays and frames ---------------------------------------------------------------------------------------------

    def array(self, rows: List[Sequence[Any]], signature: str) -> Any:
        """Return an array of one type."""
        if signature == _AS_OBJECT:
            # Text beside numbers: numpy alone would turn the numbers into text.
            table: Any = self.numpy.empty((len(rows), len(rows[0])), dtype=object)
            columns = [self._missing(i, column) for i, column in enumerate(zip(*rows))]
            for i, column in enumerate(columns):
                table[:, i] = column
            return table
        if signature == _AS_DATE:
            return self.numpy.array([[value or "NaT" for value in row] for row in rows], dtype="datetime64[us]")
        dtype = self.numpy.int64 if signature == _AS_INTEGER else self.numpy.float64
        whole = [[_NAN if value is None else value for value in row] for row in rows]
        return self.numpy.array(whole, dtype=dtype, order=self.order)

    def frame(self, rows: List[Sequence[Any]], signature: str, names: Sequence[str]) -> Any:
        """Return a data frame, each column of its own type."""
        columns = {i: self._series(i, list(column), signature[i]) for i, column in enumerate(zip(*rows))}
        frame = self.pandas.DataFrame(columns)
        frame.columns = list(names)
        return frame

    def _missing(self, i: int, values: Sequence[Any]) -> List[Any]:
        """Return values of a column as objects: what is missing as the model knows it, and what is meant by a text."""
        if i >= len(self.known):
            return [_NAN if value is None else value for value in values]
        meant, knows_none = self._meant[i], self.known[i].knows_none
        if meant:
            values = [meant.get(value, value) if isinstance(value, str) else value for value in values]
        return [_NAN if value is None and not knows_none else value for value in values]

    def _series(self, i: int, values: List[Any], letter: str) -> Any:
        if letter in (_AS_FLOAT, _AS_INTEGER, _AS_BOOLEAN):
            dtype = {_AS_FLOAT: "float64", _AS_INTEGER: "int64", _AS_BOOLEAN: "bool"}[letter]
            return self.numpy.array([_NAN if value is None else value for value in values], dtype=dtype)
        if letter in (_AS_DATE, _AS_UTC, _AS_OFFSET):
            # A row alone keeps its own offset: whoever looks at the hour means the hour that was sent.
            return self._dates(values, letter == _AS_UTC)
        if letter == _AS_DURATION:
            return self.pandas.to_timedelta(self.pandas.Series(values, dtype=object))
        values = self._missing(i, values)
        if letter == _AS_CATEGORY:
            categories = list(self.known[i].categories or ())
            here = set(categories)
            # A value that the model does not know stays there, so that the model itself says what it does with it.
            new = {value: None for value in values if value == value and value is not None and value not in here}
            return self.pandas.Categorical(values, categories=categories + list(new))
        if letter in (_AS_TEXT, _AS_MOMENT, _AS_UTC_MOMENT):
            return self.pandas.Series(values, dtype=self._type_of_text())
        return self.pandas.Series(values, dtype=object)

    def _dates(self, values: List[Any], utc: bool) -> Any:
        texts = self.pandas.Series(values, dtype=object)
        try:
            return self.pandas.to_datetime(texts, utc=utc, format="ISO8601")
        except ValueError:
            if int(self.pandas.__version__.partition(".")[0]) >= 2:
                raise
            # Before pandas 2 each text is read by itself, without a name for that.
            return self.pandas.to_datetime(texts, utc=utc)

    def _type_of_text(self) -> Any:
        """Return the type that pandas itself gives a column of text: `object`, from pandas 3 on `str`."""
        if self._text_type is None:
            self._text_type = self.pandas.Series(["text"]).dtype
        return self._text_type


def _by_text(categories: Sequence[Any]) -> Dict[str, Any]:
    """Return the categories that JSON has no word for, by the text that means each."""
    return {text_of(one): one for one in categories if not isinstance(one, (str, int, float))}


def _letter(known: Known, value: Any) -> str:
    """Return how one value of a column is handed over."""
    kind = known.kind
    if value is None:
        return {TEXT: _AS_TEXT, DATE: _AS_DATE, MOMENT: _AS_MOMENT}.get(kind, _AS_FLOAT)
    if isinstance(value, str):
        if kind not in (ANY, MOMENT, DATE) or not is_date(value):
            return _AS_DATE if kind == DATE else _AS_TEXT
        has_offset = len(value) > 10 and _DATE.fullmatch(value).group("offset")  # type: ignore[union-attr]
        letter = _AS_UTC if has_offset else _AS_DATE
        return letter if kind == DATE else letter.upper()
    if kind in (TEXT, DATE, MOMENT):
        return _AS_OBJECT
    if isinstance(value, bool):
        return _AS_INTEGER if kind == INTEGER else _AS_BOOLEAN
    whole = isinstance(value, int) or (kind == INTEGER and value == int(value))
    return _AS_INTEGER if whole and -_INT64 <= value < _INT64 else _AS_FLOAT
