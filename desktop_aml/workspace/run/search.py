"""Finding runs by a search, from the terminal and by call."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from desktop_aml.domain.errors import StorageError
from desktop_aml.domain.filters import clauses, finding
from desktop_aml.domain.filters.nodes import KeyOrdering, asks_texts, stray_words
from desktop_aml.domain.organising.shelf import Shelf
from desktop_aml.domain.runs import RunSummary
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.run_table import lines, searching
from desktop_aml.store.tracking import search as run_search

_NAMED: Final = 5


def search(
    workspace: Path,
    text: str,
    order_by: Sequence[str] = (),
    *,
    experiment: str | None = None,
    limit: int = 200,
    shelf: Shelf = Shelf.ACTIVE,
) -> tuple[RunSummary, ...]:
    """Return the runs that a search asks for; without an order the newest first.

    Parameters
    ----------
    workspace : Path
        Its folder.
    text : str
        A filter of MLflow, such as ``metrics.loss < 0.5 and params.kernel = "rbf"``, or what goes beyond it:
        ``kernel = rbf and (loss < 1.1 or best.accuracy > 0.9)``. Arguments count as parameters.
    shelf : Shelf
        Where to look, but for what the search says of ``archived`` and ``deleted`` itself.
    order_by : sequence of str
        Such as ``metrics.loss DESC``, ``best.accuracy DESC``, ``duration`` or ``C``.

    Raises
    ------
    InvalidFilter
        When either cannot be read: it names the column.
    """
    now = time.time()
    experiments = None if experiment is None else (experiment,)
    with Database(WorkspaceFolder(workspace).database, read_only=True).unite() as db:
        orders: list[clauses.Ordering | run_search.Term] = []
        for one in order_by:
            with _about(one):
                order = finding.read_order(one)
                orders.append(searching.term(db, order, now) if isinstance(order, KeyOrdering) else order)
        with _about(text):
            also = searching.of_text(db, text, now, shelf)
        wanted = run_search.RunSearch((), orders, experiments, deleted=None, arguments=True, also=also)
        found = run_search.find(db, wanted, offset=0, limit=limit)
        return tuple(lines.of_runs(db, found))


def catch_up_texts(workspace: Path, text: str, seconds: float = 2.0) -> int:
    """Index what a search asks of logs and source, for a while, and return of how many ended runs that is not done.

    An engine does it in the background, too; where a search asks nothing of them, nothing is done.
    """
    try:
        if not asks_texts(finding.read(text, time.time())):
            return 0
    except clauses.InvalidFilter:
        return 0  # the search itself says what is wrong
    # Imported here: few searches ask for it.
    from desktop_aml.run_folder.indexing import full_text
    from desktop_aml.store.full_text.index import behind

    folder = WorkspaceFolder(workspace)
    with suppress(StorageError):
        return full_text.catch_up(folder, seconds)
    with Database(folder.database, read_only=True) as db:
        return behind(db, folder.full_text)


def words_about(text: str) -> str:
    """Return what to say of a search that found nothing: which words it looked for, as they may be of a name."""
    try:
        words = stray_words(finding.read(text, time.time()))
    except clauses.InvalidFilter:
        return ""  # the search itself says what is wrong
    if not words:
        return ""
    named = ", ".join(f"“{word}”" for word in words[:_NAMED])
    return f'Looked for as words: {named}. Names and values with blanks stand in quotes: "val loss" < 1'


@contextmanager
def _about(text: str) -> Iterator[None]:
    """Let what cannot be read say in which text it stands."""
    try:
        yield
    except clauses.InvalidFilter as error:
        error.text = text
        raise
