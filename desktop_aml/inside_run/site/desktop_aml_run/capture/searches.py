"""Note what a search over parameters found: the best parameters and score, and the table of all that was tried."""

from desktop_aml_run.capture import describing
from desktop_aml_run.capture.noting import is_number, notes, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_MOST_ROWS = 1000
_COLUMNS = ("mean_test_", "std_test_", "rank_test_", "mean_train_", "mean_fit_time", "iter", "n_resources")


def note(estimator: "Any") -> None:
    """Note what a search found; nothing where an estimator is none. Reads what lies in the estimator, calls nothing."""
    found = estimator.__dict__
    results = found.get("cv_results_")
    if not isinstance(results, dict) or "params" not in results:
        return
    name = describing.class_of(estimator)
    best = found.get("best_params_")
    if isinstance(best, dict):
        for key, value in best.items():
            words = describing.text(value)
            if words is not None:
                notes().parameter("{}.best_params.{}".format(name, key), words)
    score = found.get("best_score_")
    if is_number(score):
        notes().value(name + ".best_score", plain(score))
    table = _table(results)
    if table:
        notes().record(name + ".cv_results", "table", table)


def _table(results: "dict[str, Any]") -> "dict[str, list[Any]]":
    tried = list(results["params"])[:_MOST_ROWS]
    table: "dict[str, list[Any]]" = {}
    for key in dict.fromkeys(one for row in tried for one in row):
        table[key] = [_cell(row.get(key)) for row in tried]
    for column, values in results.items():
        if column.startswith(_COLUMNS):
            table[column] = [_cell(value) for value in list(values)[:_MOST_ROWS]]
    return table


def _cell(value: "Any") -> "float | str | None":
    if is_number(value):
        return plain(value)
    return value if isinstance(value, (bool, str)) or value is None else describing.text(value)
