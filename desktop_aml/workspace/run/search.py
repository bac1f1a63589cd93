"""Finding runs by MLflow's filters, from the terminal and by call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from desktop_aml.domain.filters import clauses
from desktop_aml.domain.runs import RunSummary
from desktop_aml.store import runs
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.tracking import search as run_search


def search(
    workspace: Path, filter_text: str, order_by: Sequence[str] = (), *, experiment: str | None = None, limit: int = 200
) -> tuple[RunSummary, ...]:
    """Return the runs that a filter in MLflow's language asks for; without an order the newest first.

    Parameters
    ----------
    workspace : Path
        Its folder.
    filter_text : str
        Such as ``metrics.loss < 0.5 and params.kernel = "rbf"``. Arguments count as parameters, and parameters
        compare as numbers, too.
    order_by : sequence of str
        Such as ``metrics.loss DESC``.

    Raises
    ------
    InvalidFilter
        When either cannot be read: it names the column.
    """
    wanted = run_search.RunSearch(
        clauses.parsed(filter_text, typed=True),
        [clauses.parsed_order(one) for one in order_by],
        None if experiment is None else (experiment,),
        arguments=True,
    )
    with Database(WorkspaceFolder(workspace).database, read_only=True) as db:
        found = run_search.find(db, wanted, offset=0, limit=limit)
        return tuple(runs.get(db, run_id).summary for run_id in found)
