"""What the command line takes to answer, in starts of a bare interpreter: processor time, one of each in turn, warm."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.history import note

ROUNDS = 15
BARS = {"--version": 5.0, "--help": 5.0, "run list": 10.0}


def main() -> None:
    """Measure in turn and print."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        environment = {**os.environ, "DESKTOP_AML_HOME": f"{folder}/home"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        program = str(Path(sys.executable).with_name("desktop-aml"))
        workspace = f"{folder}/workspace"
        subprocess.run([program, "workspace", "create", workspace], env=environment, check=True, capture_output=True)
        commands = {
            "a bare interpreter": [sys.executable, "-c", "pass"],
            "--version": [program, "--version"],
            "--help": [program, "--help"],
            "run list": [program, "run", "list", "--workspace", workspace],
        }
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for number in range(ROUNDS + 1):
            for name, words in commands.items():
                spent = cost(words, environment)
                if number:  # The first round warms files.
                    taken[name].append(spent)
    bare = statistics.median(cpu for cpu, _ in taken["a bare interpreter"])
    for name, spents in taken.items():
        cpu, wall = (statistics.median(column) for column in zip(*spents, strict=True))
        if name in BARS:
            note(f"command_line: {name}", [one / bare for one, _ in spents])
        bar = f", bar {BARS[name]:g}" if name in BARS else ""
        print(f"{name:18}  {cpu * 1000:5.0f} ms of processor, {wall * 1000:5.0f} ms in all: {cpu / bare:4.1f}{bar}")


def cost(words: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Return the seconds of processor, and of waiting, that a command takes."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(words, env=environment, check=True, capture_output=True)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


if __name__ == "__main__":
    main()
