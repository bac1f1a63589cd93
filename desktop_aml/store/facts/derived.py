"""What a list says of runs, read of the tables of parameters, labels and metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from desktop_aml.domain.summaries.machine_use import NAMES, PROPERTY, of_properties
from desktop_aml.domain.summaries.metrics import MetricSummaries
from desktop_aml.store.database import Database
from desktop_aml.store.summaries import metrics as metric_summaries


class RunFacts(NamedTuple):
    """What a list says of one run beside its own row; a list makes very many.

    Parameters
    ----------
    parameters : mapping of str to str
        Texts by name, in the order they came. What was given comes before what was logged under its name.
    tags : mapping of str to str
        By key.
    use : mapping of str to float
        What it used of the computer, see `domain.summaries.machine_use`.
    metrics : MetricSummaries
        By name, in the order in which they were first logged.
    numbers : frozenset of str
        The parameters of which each value is a number.
    """

    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    use: Mapping[str, float]
    metrics: MetricSummaries
    numbers: frozenset[str]


def of_runs(db: Database, run_ids: Sequence[str]) -> dict[str, RunFacts]:
    """Return what a list says of runs. Call in a transaction or within `Database.reading`."""
    parameters, numbers = _parameters(db, run_ids)
    tags, use = _tags(db, run_ids), _use(db, run_ids)
    metrics = {run_id: MetricSummaries.of(one) for run_id, one in metric_summaries.of_runs(db, run_ids).items()}
    return {
        run_id: RunFacts(parameters[run_id], tags[run_id], use[run_id], metrics[run_id], numbers[run_id])
        for run_id in run_ids
    }


def _parameters(db: Database, run_ids: Sequence[str]) -> tuple[dict[str, dict[str, str]], dict[str, frozenset[str]]]:
    rows: dict[str, list[tuple[int, str, str, int]]] = {run_id: [] for run_id in run_ids}
    # What was captured counts where nothing else has its name; so it does in searches.
    sql = (
        "SELECT run_id, name, place, text, kind NOT IN ('text', 'bool') FROM parameter"  # noqa: S608  question marks only
        f" WHERE run_id IN ({_marks(run_ids)}) ORDER BY run_id, source = 'captured', source"
    )
    for run_id, *row in db.tuples(sql, tuple(run_ids)):
        rows[run_id].append((row[1], row[0], row[2], row[3]))
    texts, numbers = {}, {}
    for run_id, found in rows.items():
        first: dict[str, str] = {}
        for _, name, text, _ in found:
            first.setdefault(name, text)
        texts[run_id] = {name: first[name] for _, name, _, _ in sorted(found, key=lambda row: row[0])}
        words = {name for _, name, _, is_number in found if not is_number}
        numbers[run_id] = frozenset(first.keys() - words)
    return texts, numbers


def _tags(db: Database, run_ids: Sequence[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {run_id: {} for run_id in run_ids}
    # The plus keeps SQLite from walking the index by key over the labels of all runs.
    sql = f"SELECT run_id, key, value FROM label WHERE kind = 'tag' AND run_id IN ({_marks(run_ids)}) ORDER BY +key"  # noqa: S608
    for run_id, key, value in db.tuples(sql, tuple(run_ids)):
        found[run_id][key] = value
    return found


def _use(db: Database, run_ids: Sequence[str]) -> dict[str, Mapping[str, float]]:
    sql = (
        f"SELECT run_id, key, value FROM label WHERE kind = 'property' AND key IN ({_marks(NAMES)})"  # noqa: S608
        f" AND run_id IN ({_marks(run_ids)})"
    )
    found: dict[str, dict[str, str]] = {run_id: {} for run_id in run_ids}
    for run_id, key, value in db.tuples(sql, (*(f"{PROPERTY}{name}" for name in NAMES), *run_ids)):
        found[run_id][key] = value
    return {run_id: of_properties(properties) for run_id, properties in found.items()}


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))
