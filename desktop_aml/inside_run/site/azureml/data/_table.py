"""Read the files of a tabular dataset into one pandas table, with the types that Azure ML would find.

pandas is the script's own, and is loaded only here. Numbers, truth values and dates are recognised in text; an empty
cell is no value.
"""

import io
import json
import re

from azureml.data import _partitions
from azureml.data.dataset_error_handling import DatasetExecutionError, DatasetValidationError
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TextIO

    from azureml.data._sources import File


_TRUTHS = {"true": True, "false": False}
ENCODINGS = {
    "utf8": "utf-8-sig",
    "utf8bom": "utf-8-sig",
    "iso88591": "latin-1",
    "latin1": "latin-1",
    "ascii": "ascii",
    "utf16": "utf-16",
    "utf32": "utf-32",
    "windows1252": "cp1252",
}
_LINE_ENDS = ("\n", "\r\n", "\r")
_NO_NUMBER = ("", "na", "n/a", "nan", "null", "none")
_DATE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?"
    r"|\d{1,2}/\d{1,2}/\d{4}( \d{1,2}:\d{2}(:\d{2})?( ?[AP]M)?)?"
)


def read(definition: "dict[str, Any]", files: "list[File]", on_error: str = "null") -> "Any":
    """Return the rows of `files` as one table.

    Parameters
    ----------
    definition : dict
        ``format`` and ``options`` of the dataset.
    files : list of azureml.data._sources.File
    on_error : str
        ``"null"`` or ``"fail"``: what becomes of a value that is not of its column's type.

    Raises
    ------
    UserErrorException
        When a file cannot be read as such a table.
    """
    try:
        import pandas
    except ImportError:
        raise UserErrorException(
            "Reading a dataset as a table needs pandas in this environment. Add pandas to it and run again."
        ) from None
    options = definition["options"]
    frames = []
    names = None
    for file in files:
        try:
            frame = _READING[definition["format"]](pandas, file.path, options, names)
        except (ValueError, UnicodeError, OSError) as error:
            raise DatasetExecutionError("The file {} cannot be read: {}".format(file.path, error)) from None
        if options.get("header") == "first" and names is None:
            names = list(frame.columns)
        if options.get("include_path"):
            frame.insert(0, "Path", "/" + file.relative.replace("\\", "/"))
        if options.get("partition_format"):
            _partitions.add(frame, options["partition_format"], file.path.replace("\\", "/"))
        frames.append(frame)
    table = frames[0] if len(frames) == 1 else pandas.concat(frames, ignore_index=True, sort=False)
    if options.get("infer_column_types") and definition["format"] == "delimited":
        for name in table.columns:
            if table[name].dtype == object or str(table[name].dtype) in ("str", "string"):
                table[name] = _inferred(pandas, table[name])
    for name, kind in (options.get("column_types") or {}).items():
        if name not in table.columns:
            raise UserErrorException("set_column_types names the column {!r}, and there is none.".format(name))
        table[name] = _converted(pandas, table[name], kind, on_error)
    return table


def check(definition: "dict[str, Any]", files: "list[File]") -> None:
    """Look whether the first file can be such a table, without reading all of it and without pandas.

    Raises
    ------
    UserErrorException
        When it is empty, or its text has another encoding.
    """
    if definition["format"] == "parquet":
        with io.open(files[0].path, "rb") as stream:
            problem = None if stream.read(4) == b"PAR1" else "it is not a Parquet file"
    else:
        encoding = ENCODINGS[definition["options"].get("encoding", "utf8")]
        try:
            with io.open(files[0].path, "r", encoding=encoding) as stream:
                problem = None if stream.readline() else "it is empty"
        except (UnicodeError, OSError) as error:
            problem = str(error)
    if problem:
        raise DatasetValidationError("The file {} cannot be read as a table: {}.".format(files[0].path, problem))


def _exact(pandas: "Any") -> "dict[str, str]":
    """Return what makes pandas read numbers exactly; since 3 it always does."""
    return {"float_precision": "round_trip"} if int(pandas.__version__.split(".")[0]) < 3 else {}


def _delimited(pandas: "Any", path: str, options: "dict[str, Any]", names: "list[str] | None") -> "Any":
    header = options["header"]
    inferring = options["infer_column_types"]
    keywords: "dict[str, Any]" = {
        "sep": options["separator"],
        "header": 0 if header == "all" or (header == "first" and names is None) else None,
        "keep_default_na": False,
        "na_values": [] if options["empty_as_string"] else [""],
        "skip_blank_lines": True,
        **_exact(pandas),
    }
    if not inferring:
        keywords["dtype"] = str
    if len(options["separator"]) > 1:
        keywords.update(engine="python")
        keywords.pop("float_precision", None)
    with io.open(path, "r", encoding=ENCODINGS[options["encoding"]], newline="") as stream:
        if options["separator"] in _LINE_ENDS:
            frame = _whole_lines(pandas, stream, keywords["header"], inferring)
        else:
            frame = pandas.read_csv(stream, **keywords)
    if header == "none":
        frame.columns = ["Column{}".format(number + 1) for number in range(len(frame.columns))]
    elif keywords["header"] is None:
        frame.columns = names
    return frame


def _whole_lines(pandas: "Any", stream: "TextIO", header: "int | None", inferring: bool) -> "Any":
    """Return a table of one column whose cells are lines as they are: requests to a service, say."""
    lines = [line for line in stream.read().splitlines() if line]
    name = lines.pop(0) if header == 0 and lines else 0
    frame = pandas.DataFrame({name: lines}, dtype=object)
    if inferring:
        try:
            frame[name] = pandas.to_numeric(frame[name])
        except ValueError:
            pass
    return frame


def _json_lines(pandas: "Any", path: str, options: "dict[str, Any]", names: "list[str] | None") -> "Any":
    with io.open(path, "r", encoding="utf-8-sig") as stream:
        lines = [line for line in stream if line.strip()]
    rows = []
    for number, line in enumerate(lines, 1):
        try:
            rows.append(json.loads(line))
        except ValueError as error:
            if options["invalid_lines"] == "error":
                raise ValueError("line {} is not JSON: {}".format(number, error)) from None
    frame = pandas.DataFrame(rows)
    for name in frame.columns:
        if frame[name].dtype == object:
            frame[name] = _inferred(pandas, frame[name], only_dates=True)
    return frame


def _parquet(pandas: "Any", path: str, options: "dict[str, Any]", names: "list[str] | None") -> "Any":
    try:
        return pandas.read_parquet(path)
    except ImportError:
        raise UserErrorException(
            "Reading Parquet needs pyarrow in this environment. Add pyarrow to it and run again."
        ) from None


def _frame(pandas: "Any", path: str, options: "dict[str, Any]", names: "list[str] | None") -> "Any":
    """Read what `register_pandas_dataframe` wrote: text, and the type of each column beside it."""
    frame = pandas.read_csv(path, dtype=str, keep_default_na=False, na_values=[""], encoding="utf-8")
    for name, kind in options["frame_types"].items():
        if kind == "bool":
            frame[name] = frame[name].map({"True": True, "False": False})
        elif kind.startswith("datetime"):
            frame[name] = _times(pandas, frame[name])
        elif kind.startswith(("int", "uint", "float")):
            frame[name] = pandas.to_numeric(frame[name]).astype(kind)
        else:
            frame[name] = _no_value_is_none(frame[name])
    return frame


_READING: "dict[str, Callable[[Any, str, dict[str, Any], list[str] | None], Any]]" = {
    "delimited": _delimited,
    "json_lines": _json_lines,
    "parquet": _parquet,
    "frame": _frame,
}


def _inferred(pandas: "Any", column: "Any", only_dates: bool = False) -> "Any":
    """Return a column of text with the type that all its values have."""
    values = column.dropna()
    texts = {value for value in values.unique() if isinstance(value, str)}
    if len(texts) == 0 or len(texts) != values.nunique():
        return _no_value_is_none(column)
    lowered = {text.strip().lower() for text in texts}
    if not only_dates:
        if lowered <= set(_TRUTHS):
            return column.map(lambda value: _TRUTHS[value.strip().lower()] if isinstance(value, str) else None)
        if lowered & set(_NO_NUMBER) and len(lowered - set(_NO_NUMBER)) > 0:
            numbers = pandas.to_numeric(
                column.map(lambda value: None if str(value).strip().lower() in _NO_NUMBER else value), errors="coerce"
            )
            if numbers.notnull().sum() == sum(str(value).strip().lower() not in _NO_NUMBER for value in values):
                return numbers
    if all(_DATE.fullmatch(text.strip()) for text in texts):
        try:
            return _times(pandas, column)
        except (ValueError, OverflowError):
            return column
    return _no_value_is_none(column)


def _times(pandas: "Any", column: "Any") -> "Any":
    try:
        return pandas.to_datetime(column)
    except ValueError:
        # Since pandas 2 the first value decides about the form of all, unless one says that they differ.
        return pandas.to_datetime(column, format="mixed")


def _no_value_is_none(column: "Any") -> "Any":
    column = column.astype(object)
    return column.where(column.notnull(), None)


def _converted(pandas: "Any", column: "Any", kind: "dict[str, Any]", on_error: str) -> "Any":
    """Return a column as the type that the script asks for."""
    name, errors = kind["type"], "raise" if on_error == "fail" else "coerce"
    try:
        if name == "string":
            return _no_value_is_none(column.map(lambda value: value if value is None or value != value else str(value)))
        if name == "float":
            return pandas.to_numeric(column, errors=errors).astype("float64")
        if name == "long":
            numbers = pandas.to_numeric(column, errors=errors)
            whole = numbers.where(numbers.isnull() | (numbers == numbers.round()))
            return whole.astype("int64") if whole.notnull().all() else whole
        if name == "bool":
            return column.map(lambda value: _TRUTHS.get(str(value).strip().lower()))
        formats = kind.get("formats")
        if not formats:
            return pandas.to_datetime(column, errors=errors)
        found = None
        for text in formats:
            times = pandas.to_datetime(column, format=text, errors="coerce")
            found = times if found is None else found.where(found.notnull(), times)
    except (ValueError, TypeError) as error:
        raise DatasetExecutionError(
            "A value is not of the type {!r} that its column must have: {}".format(name, error)
        ) from None
    return found
