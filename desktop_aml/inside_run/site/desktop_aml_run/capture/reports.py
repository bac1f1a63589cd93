"""Turn confusion matrices and classification reports into what the run's charts and tables hold."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Rows = list[tuple[str, list[float | None]]]


MOST_LABELLED = 1000000
"""More predictions than that are not searched for their labels a second time."""

_MOST_CLASSES = 200
_COLUMNS = ("precision", "recall", "f1-score", "support")


def confusion_matrix(matrix: "Any", labels: "Any") -> "dict[str, Any] | None":
    """Return a matrix in Azure ML's form, or None for what is none.

    Parameters
    ----------
    matrix : numpy.ndarray, shape (n, n)
        Counts, or shares where they were normalised.
    labels : sequence, optional
        Names of the ``n`` classes; without them, and where they are not ``n``, the classes are counted from 0.
    """
    numpy = sys.modules["numpy"]
    if not isinstance(matrix, numpy.ndarray) or matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        return None
    count = len(matrix)
    if not 0 < count <= _MOST_CLASSES or matrix.dtype.kind not in "fiu":
        return None
    if hasattr(labels, "tolist"):
        labels = labels.tolist()
    known = isinstance(labels, (list, tuple)) and len(labels) == count
    names = [str(one) for one in labels] if known else [str(place) for place in range(count)]
    rows = [[0 if value != value else value for value in row] for row in matrix.tolist()]
    return {
        "schema_type": "confusion_matrix",
        "schema_version": "1.0.0",
        "data": {"class_labels": names, "matrix": rows},
    }


def report(result: object) -> "dict[str, list[Any]] | None":
    """Return a classification report as a table, whether it is a text or a dict; None for what is neither."""
    rows = _rows_of_dict(result) if isinstance(result, dict) else _rows_of_text(result)
    if not rows:
        return None
    table: "dict[str, list[Any]]" = {"class": [row[0] for row in rows]}
    for place, column in enumerate(_COLUMNS):
        table[column] = [row[1][place] for row in rows]
    return table


def _rows_of_dict(result: "dict[Any, Any]") -> "Rows":
    rows: "Rows" = []
    for name, found in result.items():
        if isinstance(found, dict):
            rows.append((str(name), [_number(found.get(column)) for column in _COLUMNS]))
        else:
            rows.append((str(name), [None, None, _number(found), None]))
    return rows


def _rows_of_text(result: object) -> "Rows":
    if not isinstance(result, str):
        return []
    lines = [line for line in result.splitlines() if line.strip()]
    if not lines or lines[0].split() != list(_COLUMNS):
        return []
    rows: "Rows" = []
    for line in lines[1:]:
        parts = line.rsplit(None, 4)
        values = [_number(part) for part in parts[1:]]
        if len(parts) == 5 and None not in values:
            rows.append((parts[0].strip(), values))
            continue
        # The row of the accuracy has two numbers.
        parts = line.rsplit(None, 2)
        values = [_number(part) for part in parts[1:]]
        if len(parts) == 3 and None not in values:
            rows.append((parts[0].strip(), [None, None, *values]))
    return rows


def _number(value: "Any") -> "float | None":
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number
