"""Ask a scheduler that others started how it stands: ``python -m desktop_aml.executors.cluster.asking SPEC``.

A process of its own, as Dask's messages are pickles: no front end and no engine reads them. It prints one line of JSON.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any, Final

import msgspec

from desktop_aml.domain.targets import ClusterSpec, Machine
from desktop_aml.executors.cluster import connecting
from desktop_aml.executors.cluster.far_scheduler import FarScheduler

_ASK_S: Final = 5.0


async def _stands(spec: ClusterSpec) -> Machine:
    try:
        address, security = await FarScheduler(spec).open()
        client = await connecting.client_of(address, security)
        try:
            told: dict[str, Any] = await asyncio.wait_for(client.scheduler.identity(n_workers=-1), _ASK_S)
        finally:
            await client.close(1.0)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told in words
        return Machine(spec.address, await connecting.why_not(error, spec), is_usable=False)
    workers = told["workers"].values()
    if not workers:
        return Machine(spec.address, "it answers and has no workers: runs there wait until it has some")
    threads = sum(int(one.get("nthreads", 1)) for one in workers)
    return Machine(spec.address, f"it answers; {len(workers)} workers, {threads} runs at once")


if __name__ == "__main__":
    found = asyncio.run(_stands(msgspec.json.decode(sys.argv[1].encode(), type=ClusterSpec)))
    sys.stdout.write(msgspec.json.encode(found).decode() + "\n")
