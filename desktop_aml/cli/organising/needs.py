"""Options that say what a run may use, and how often it is tried again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import click

from desktop_aml.domain.organising.needs import Needs, parse_size

_R = TypeVar("_R")


def needs_options(command: Callable[..., _R]) -> Callable[..., _R]:
    """Give a command the options ``--cpus``, ``--memory``, ``--retries`` and ``--retry-failures``, as one `needs`."""

    @wraps(command)
    def called(
        *args: object, cpus: float | None, memory: str | None, retries: int, retry_failures: bool, **others: object
    ) -> _R:
        needs = Needs(
            cpus=cpus,
            memory_bytes=parse_size(memory) if memory else None,
            retries=retries,
            retry_failures=retry_failures,
        )
        return command(*args, needs=needs, **others)

    for option in (
        click.option("--retry-failures", is_flag=True, help="With --retries: also when the script failed by itself."),
        click.option(
            "--retries",
            type=click.IntRange(0),
            default=0,
            metavar="N",
            help="Up to N more attempts when the computer of the run is lost, or something else killed it.",
        ),
        click.option("--memory", metavar="SIZE", help="Memory that it may use, such as 500MB or 2GB; waits for it."),
        click.option("--cpus", type=float, metavar="N", help="Cores that it may use; it waits until they are free."),
    ):
        called = option(called)
    return called
