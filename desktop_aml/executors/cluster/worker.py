"""One worker of this computer: ``python -m desktop_aml.executors.cluster.worker HOME ADDRESS NAME PARENT PORT``.

It ends with the process that started it, and with its scheduler.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Final

import dask

from desktop_aml.executors.cluster.own_security import security_in
from desktop_aml.inside_run.process_tree import PR_SET_PDEATHSIG, prctl
from desktop_aml.system.children import KILL

LOOPBACK: Final = "127.0.0.1"

CONFIG: Final = {
    "distributed.scheduler.allowed-failures": 0,  # a run never starts again by itself
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.client.scheduler-info-interval": "200ms",
    "distributed.worker.use-file-locking": False,
    "distributed.comm.timeouts.connect": "10s",
    "distributed.logging": {"distributed": "warning"},
}
"""Dask's settings for the clusters that are started here: nobody looks in, nothing is repeated."""


async def serve(home: Path, address: str, name: str, port: int) -> None:
    """Serve until the scheduler is gone or sends the worker home."""
    from distributed import Worker

    worker = Worker(
        address,
        name=name,
        nthreads=1,
        host=LOOPBACK,
        # Taken where a machine by ssh has this computer's network: then it reaches any port by itself.
        port=[port, 0] if port else 0,
        security=security_in(home),
        memory_limit=0,
        local_directory=str(home / "scratch"),
        dashboard_address=f"{LOOPBACK}:0",
        dashboard=False,
        death_timeout=30,
    )
    async with worker:
        await worker.finished()


def main(home: Path, address: str, name: str, parent: int, port: int) -> None:
    """Serve, for as long as the parent lives."""
    prctl(PR_SET_PDEATHSIG, KILL)
    if os.getppid() != parent:
        return
    with dask.config.set(CONFIG):
        asyncio.run(serve(home, address, name, port))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
