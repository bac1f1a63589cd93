"""What one ``run.log`` costs a script, beside appending a line of JSON to a file and beside a bare write of 32 bytes.

Run: ``python -m benchmarks.log_call``. Prints, per round, median and 99th percentile in microseconds of each, and the
ratios of the medians. The goals are a median of at most 10 microseconds, and 1.3 times the bare write.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.history import note

SITE = Path(__file__).resolve().parent.parent / "desktop_aml" / "inside_run" / "site"
CALLS, ROUNDS = 20_000, 5


def measure(call: Callable[[int], object]) -> list[float]:
    """Return the time of each of `CALLS` calls in microseconds."""
    clock = time.perf_counter_ns
    times = []
    for number in range(CALLS):
        begin = clock()
        call(number)
        times.append((clock() - begin) / 1000)
    return times


def describe(times: list[float]) -> str:
    """Return median and 99th percentile as text."""
    return f"median {statistics.median(times):6.2f} µs   p99 {statistics.quantiles(times, n=100)[98]:7.2f} µs"


def run_in(folder: Path) -> Any:
    """Return the run of a script whose run has this folder."""
    sys.path.insert(0, str(SITE))
    (folder / "journal").mkdir(parents=True)
    os.environ.update(AZUREML_RUN_ID="benchmark", DESKTOP_AML_RUN_DIR=str(folder), DESKTOP_AML_SCALARS="mapped")
    from azureml.core.run import Run

    return Run.get_context()


def main() -> int:
    """Print the comparison; return 1 when the goal is missed."""
    with tempfile.TemporaryDirectory() as folder:
        run_directory = Path(folder)
        run = run_in(run_directory)
        medians, ratios, bare_ratios = [], [], []
        bare = os.open(run_directory / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        record = bytes(32)
        with (run_directory / "plain.jsonl").open("a", buffering=1) as plain:

            def append_json(number: int) -> None:
                plain.write(json.dumps({"name": "loss", "value": 1 / (number + 1), "time": time.time()}) + "\n")

            print(f"{CALLS} calls a round, Python {sys.version.split()[0]}")
            for number in range(1, ROUNDS + 1):
                ours = measure(lambda step: run.log("loss", 1 / (step + 1), step=step))
                theirs = measure(append_json)
                written = measure(lambda _: os.write(bare, record))
                medians.append(statistics.median(ours))
                ratios.append(medians[-1] / statistics.median(theirs))
                bare_ratios.append(medians[-1] / statistics.median(written))
                print(f"round {number}   run.log: {describe(ours)}")
                print(f"          JSON line: {describe(theirs)}   ratio {ratios[-1]:.2f}")
                print(f"          32 bytes:  {describe(written)}   ratio {bare_ratios[-1]:.2f}")
        os.close(bare)
    best = statistics.median(medians)
    note("log_call: times a JSON line", ratios)
    note("log_call: times a write of 32 bytes", bare_ratios)
    print(f"times a bare write of 32 bytes: {statistics.median(bare_ratios):.2f} (bar 1.3)")
    print(f"run.log median over all rounds: {best:.2f} µs (goal: at most 10 µs)")
    return 0 if best <= 10 else 1


if __name__ == "__main__":
    sys.exit(main())
