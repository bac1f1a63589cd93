"""What the supervisor of a run costs while the run goes on: it waits, and samples what the run's processes use.

Run: ``python -m benchmarks.machine_use [SECONDS]``. Prints processor time of the whole supervisor, from its first
sample on, as a part of one core, beside a script of one process and one of ten that wait. The bound is 0.2 %. The
system's clock for it counts in steps of 10 ms.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.history import note
from desktop_aml.domain.summaries.machine_use import CURVE
from tests.contracts.places import LocalPlace, begin, finish

SECONDS, BOUND_PERCENT = 60.0, 0.2
FAMILY = (
    "import subprocess, sys, time\n"
    "for _ in range({}): subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)'])\n"
    "open('ready', 'w').close()\ntime.sleep(3600)\n"
)


def share_of(processes: int, seconds: float) -> float:
    """Return the percentage of a core that the supervisor of so many processes takes."""
    with tempfile.TemporaryDirectory() as folder:
        place = LocalPlace(Path(folder))
        executor, job = place.executor(), place.job(FAMILY.format(processes - 1))
        handle = begin(place, executor, job)
        run = Path(job.run_directory)
        supervisor = psutil.Process(json.loads((run / "attempts" / "1" / "claim.json").read_text())["pid"])
        while not (run / "logs" / CURVE).exists():
            time.sleep(0.05)
        spent, began = sum(supervisor.cpu_times()[:2]), time.monotonic()
        time.sleep(seconds)
        share = 100 * (sum(supervisor.cpu_times()[:2]) - spent) / (time.monotonic() - began)
        executor.stop(handle, force=True)
        finish(executor, handle)
        place.close()
    return share


def main() -> int:
    """Print the shares; return 1 when the bound is missed."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    shares = {count: share_of(count, seconds) for count in (1, 10)}
    for count, share in shares.items():
        print(f"{count:3} processes: {share:.3f} % of a core", flush=True)
        note(f"machine_use: {count} processes", [share * seconds / 100], "cpu")
    return int(max(shares.values()) > BOUND_PERCENT)


if __name__ == "__main__":
    sys.exit(main())
