"""The options of ``run list`` that find and order runs, in MLflow's language and beyond it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from unicodedata import combining, east_asian_width

import click

if TYPE_CHECKING:
    from desktop_aml.domain.filters.clauses import InvalidFilter
    from desktop_aml.domain.runs import RunSummary

__all__ = ["filter_options", "find_runs", "refuse_both"]

F = TypeVar("F", bound=Callable[..., Any])


def filter_options(command: F) -> F:
    """Add ``--filter`` and ``--order-by`` to a command."""
    command = click.option(
        "--order-by",
        multiple=True,
        metavar="KEY [DESC]",
        help="With or without --filter: “metrics.loss DESC”, “best.accuracy DESC”, “duration”, “C”.",
    )(command)
    return click.option(
        "--filter",
        "filter_text",
        default="",
        metavar="WORDS",
        help="“rbf”, “kernel = rbf and loss < 1.1”, “best.accuracy > 0.9 or duration > 1h”; MLflow's filters, too.",
    )(command)


def find_runs(
    workspace: Path,
    filter_text: str,
    order_by: Sequence[str],
    *,
    experiment: str | None,
    limit: int,
    anywhere: bool = False,
) -> tuple[RunSummary, ...]:
    """Return the runs that a search asks for, in the archive and the trash, too, where they may be `anywhere`.

    What is wrong with its words is shown under them.

    Raises
    ------
    InvalidFilter
        When it cannot be read.
    """
    from desktop_aml.domain.filters.clauses import InvalidFilter
    from desktop_aml.domain.organising.shelf import Shelf
    from desktop_aml.workspace.run.search import catch_up_texts, search, words_about

    left = catch_up_texts(workspace, filter_text)
    if left:
        click.echo(f"Logs and source of {left:,} ended runs are not indexed yet: some may be missing.", err=True)
    shelf = Shelf.EVERYTHING if anywhere else Shelf.ACTIVE
    try:
        found = search(workspace, filter_text, order_by, experiment=experiment, limit=limit, shelf=shelf)
    except InvalidFilter as error:
        _point_at(error)
        raise
    if not found and (words := words_about(filter_text)):
        click.echo(words, err=True)
    return found


def _point_at(error: InvalidFilter) -> None:
    """Print the words with a caret under those that an error is about."""
    text, begin = error.text, error.column - 1
    if 0 <= begin <= len(text) and "\n" not in text:
        click.echo(f"  {text}", err=True)
        carets = "^" * max(1, _width(text[begin : begin + error.length]))
        click.echo(f"  {' ' * _width(text[:begin])}{carets}", err=True)


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(0 if combining(letter) else 1 + (east_asian_width(letter) in "WF") for letter in text)


def refuse_both(*, is_filtered: bool, is_searched: bool) -> None:
    """Raise `UsageError` when a filter stands beside ``--search`` or ``--state``, which it has words for itself."""
    if is_filtered and is_searched:
        raise click.UsageError("In place of --search and --state write “x and state = failed” into --filter.")
