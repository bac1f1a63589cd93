"""Runs are ordered by every key that a search takes, against a real database."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_aml.domain.filters.clauses import InvalidFilter
from desktop_aml.domain.runs import RunQuery
from desktop_aml.workspace.run.search import search
from tests.store.run_table.test_searching import view  # noqa: F401 - a fixture


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (("best.accuracy DESC",), "badc"),
        (("min.loss",), "abdc"),
        (("max.loss",), "badc"),
        (("max.loss DESC",), "abdc"),
        (("first.loss DESC",), "abdc"),
        (("last.accuracy",), "abdc"),
        (("loss",), "abdc"),
        (("C",), "bacd"),
        (("args.C DESC",), "cabd"),
        (("learning-rate", "C"), "abcd"),
        (("duration DESC",), "dcba"),
        (("name DESC",), "dcba"),
        (("state", "name DESC"), "bdca"),
        (("`fold` DESC",), "dcba"),
        (("metrics.loss",), "abcd"),
    ],
)
def test_runs_are_ordered_by_keys_of_searches(view, tmp_path: Path, terms, expected: str) -> None:  # noqa: F811
    found = search(view._path.parent, "", terms)
    # Runs without a value stand last, the newest of them first.
    assert "".join(run.id[-1] for run in found) == expected


def test_what_is_found_says_all_that_a_line_of_the_table_says(view, tmp_path: Path) -> None:  # noqa: F811
    found = search(view._path.parent, "fold > 0 or C > 0")
    table = view.page(view.apply(RunQuery()).token, 0, 10)
    assert found == tuple(line for line in table if line in found)
    assert [sorted(line.tags) for line in found if line.id == "id-b"] == [["fold", "who"]]
    assert any(line.parameters for line in found)
    assert any(line.metrics for line in found)


@pytest.mark.parametrize(
    ("term", "hint", "column"),
    [
        ("best.los", "Say which is meant: min.los or max.los.", 1),
        ("los DESC", "Did you mean metrics.loss?", 1),
        ("best.loss DOWN", "", 11),
        ("< DESC", "Such as: best.loss DESC, duration, C", 1),
        ("datasets.name", "", 1),
    ],
)
def test_an_order_that_is_none_is_pointed_at(view, term: str, hint: str, column: int) -> None:  # noqa: F811
    with pytest.raises(InvalidFilter) as caught:
        search(view._path.parent, "", (term,))
    assert (caught.value.hint[: len(hint)], caught.value.column, caught.value.text) == (hint, column, term)
