"""The options of ``run list`` that filter and order runs in MLflow's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from desktop_aml.workspace.run.search import search as find_runs

__all__ = ["filter_options", "find_runs", "refuse_both"]

F = TypeVar("F", bound=Callable[..., Any])


def filter_options(command: F) -> F:
    """Add ``--filter`` and ``--order-by`` to a command."""
    command = click.option(
        "--order-by", multiple=True, metavar="KEY [DESC]", help="With or without --filter: “metrics.loss DESC”."
    )(command)
    return click.option(
        "--filter",
        "filter_text",
        default="",
        metavar="WORDS",
        help="In MLflow's language: “metrics.loss < 0.5 and params.C >= 1”. Arguments count as parameters.",
    )(command)


def refuse_both(*, is_filtered: bool, is_searched: bool) -> None:
    """Raise `UsageError` when a filter stands beside ``--search`` or ``--state``, which it has words for itself."""
    if is_filtered and is_searched:
        raise click.UsageError("In place of --search and --state write “run_name LIKE '%x%'” and “status = 'FAILED'”.")
