"""What Azure ML v1's ``get_metrics`` makes of what a run logged, the same inside a run and outside.

Pure rules, no files. Standard library only, Python 3.6 to 3.13; this module imports nothing, because the application
uses it too.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

ARTIFACT_KINDS = frozenset(["image", "confusion_matrix", "accuracy_table", "residuals", "predictions"])
"""Kinds whose value is a file of the run; the journal holds its path."""

_TABLE_KINDS = frozenset(["row", "table"])


def artifact_uri(run_id: str, path: str) -> str:
    """Return how Azure ML names a file of a run in a metric."""
    return "aml://artifactId/ExperimentRun/dcid.{}/{}".format(run_id, path)


def family(kind: str) -> str:
    """Return what a kind counts as: a row is a table of one row."""
    return "table" if kind in _TABLE_KINDS else kind


def shaped(entries: "Iterable[tuple[str, str, Any]]", artifact: "Callable[[str, str], object]") -> "dict[str, object]":
    """Return the dict of ``get_metrics``.

    Parameters
    ----------
    entries : iterable of tuple
        ``(name, kind, data)`` in logging order. `data` is a scalar for the kind ``"scalar"``, a list, a dict of column
        to value (row) or to list (table), or a dict with ``path``.
    artifact : callable
        Given the kind and the path of a file of the run, returns the value of its metric.

    Notes
    -----
    One scalar is itself, several are a list; lists of one name are joined; rows and tables are merged by column; the
    first file of a name counts. The first kind of a name wins. Whole numbers among floats come back as floats.
    """
    kinds = {}  # type: dict[str, str]
    parts = {}  # type: dict[str, list[Any]]
    for name, kind, data in entries:
        kind = family(kind)
        if kinds.setdefault(name, kind) == kind:
            parts.setdefault(name, []).append(data)
    result = {}  # type: dict[str, object]
    for name, kind in kinds.items():
        if kind == "scalar":
            result[name] = _one_or_many(parts[name])
        elif kind == "list":
            result[name] = _one_or_many([item for part in parts[name] if isinstance(part, list) for item in part])
        elif kind == "table":
            result[name] = _merged(parts[name])
        elif kind in ARTIFACT_KINDS:
            first = parts[name][0]
            result[name] = artifact(kind, first["path"] if isinstance(first, dict) else str(first))
    return result


def _merged(parts: "list[Any]") -> "dict[str, object]":
    columns = {}  # type: dict[str, list[Any]]
    for part in parts:
        for column, cells in (part if isinstance(part, dict) else {}).items():
            columns.setdefault(column, []).extend(cells if isinstance(cells, list) else [cells])
    return {column: _one_or_many(cells) for column, cells in columns.items()}


def _one_or_many(values: "list[Any]") -> object:
    values = _widened(values)
    return values[0] if len(values) == 1 else values


def _widened(values: "list[Any]") -> "list[Any]":
    """Return `values` as floats where any is one and the rest are whole numbers, as a column of floats holds them."""
    if not any(type(value) is float for value in values):
        return values
    if not all(type(value) in (int, float) for value in values):
        return values
    try:
        return [float(value) for value in values]
    except OverflowError:  # whole numbers beyond every float
        return values
