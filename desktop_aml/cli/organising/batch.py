"""Options that say what a batch system is asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import click

from desktop_aml.domain.computes.batch import BatchJobs, BatchSystem
from desktop_aml.domain.organising.needs import parse_size

_R = TypeVar("_R")
_ONLY = "queue", "cores", "memory", "time_s", "directives", "head"


def batch_options(command: Callable[..., _R]) -> Callable[..., _R]:
    """Give a command ``--batch`` and the options that go with it, as one `batch`."""

    @wraps(command)
    def called(*args: object, system: str | None, **others: object) -> _R:
        asked = {name: others.pop(name) for name in _ONLY}
        if system is None and any(asked.values()):
            raise click.UsageError("--queue, --cores, --memory, --time, --directive and --head go with --batch.")
        memory = asked.pop("memory")
        batch = BatchJobs(
            system=BatchSystem(system) if system else None,
            memory_mb=-(-parse_size(str(memory)) >> 20) if memory else 0,
            **asked,  # type: ignore[arg-type]  # click has made them
        )
        return command(*args, batch=batch, **others)

    names = [one.value for one in BatchSystem]
    for option in (
        click.option("--head", default="", metavar="HOST", help="This computer, as the nodes of --batch reach it."),
        click.option("--directive", "directives", multiple=True, metavar="LINE", help="One more line for --batch."),
        click.option("--time", "time_s", type=int, default=0, metavar="SECONDS", help="Time limit of a --batch node."),
        click.option("--memory", default="", metavar="SIZE", help="Memory of each --batch node, such as 4GB."),
        click.option("--cores", type=int, default=0, metavar="N", help="Cores of each --batch node."),
        click.option("--queue", default="", metavar="NAME", help="Queue for --batch; SLURM calls it partition."),
        click.option("--batch", "system", type=click.Choice(names), help="Nodes that a batch system starts."),
    ):
        called = option(called)
    return called
