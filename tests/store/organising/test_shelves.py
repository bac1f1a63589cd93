"""The condition of a shelf means what the shelf is, for every run there can be."""

from __future__ import annotations

import sqlite3
from itertools import product

import pytest

from desktop_aml.domain.organising.shelf import Shelf
from desktop_aml.store.organising.shelves import on_shelf

MEANT = {
    Shelf.ACTIVE: lambda archived, deleted: not archived and not deleted,
    Shelf.ARCHIVE: lambda archived, deleted: archived and not deleted,
    Shelf.TRASH: lambda _archived, deleted: deleted,
    Shelf.EVERYTHING: lambda _archived, _deleted: True,
}


@pytest.mark.parametrize("asked", [(), ("archived",), ("deleted",), ("archived", "deleted"), ("starred",)])
@pytest.mark.parametrize("shelf", Shelf)
def test_a_shelf_holds_the_runs_that_it_says_but_for_what_a_search_asks_itself(
    shelf: Shelf, asked: tuple[str, ...]
) -> None:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE run (n INTEGER PRIMARY KEY, archived_at REAL, deleted_at REAL)")
    every = dict(enumerate(product((False, True), repeat=2), 1))
    db.executemany("INSERT INTO run VALUES (?, ?, ?)", [(n, a or None, d or None) for n, (a, d) in every.items()])
    found = {n for (n,) in db.execute(f"SELECT n FROM run WHERE {on_shelf(shelf, frozenset(asked))}")}
    if shelf is not Shelf.ACTIVE and {"archived", "deleted"} & set(asked):
        wanted = set(every)
    else:
        away = [n for n, (a, d) in every.items() if (a and "archived" not in asked) or (d and "deleted" not in asked)]
        if shelf is Shelf.ACTIVE:
            wanted = set(every) - set(away)
        else:
            wanted = {n for n, pair in every.items() if MEANT[shelf](*pair)}
    assert found == wanted
    db.close()
