"""What a run costs beyond its script: `submit` of ``pass`` until Completed, beside a bare ``python -c pass``.

Prints medians over several rounds, taken in turn, and their difference.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.history import note

ROUNDS = 15


def main() -> None:
    """Measure and print."""
    home = Path(tempfile.mkdtemp(prefix="benchmark-"))
    os.environ["DESKTOP_AML_HOME"] = str(home / "user")
    from desktop_aml.workspace import Workspace

    script = home / "source" / "script.py"
    script.parent.mkdir()
    script.write_text("pass\n")
    workspace = Workspace.create(home / "workspace")
    workspace.start_engine()
    bare, submitted, typed = [], [], []
    for number in range(ROUNDS + 1):
        bare.append(timed(lambda: run([sys.executable, "-c", "pass"])))
        submitted.append(timed(lambda: wait(workspace, workspace.runs.submit(script))))
        typed.append(timed(lambda: run(command(workspace.path, script))))
        if number == 0:
            bare.clear(), submitted.clear(), typed.clear()  # The first round warms files and caches.
    workspace.close()
    print(f"bare python -c pass          {report(bare)}")
    print(f"submit to Completed          {report(submitted)}")
    print(f"the command line             {report(typed)}")
    note("submit: times bare Python", [one / statistics.median(bare) for one in submitted])
    note("submit: command line, times bare Python", [one / statistics.median(bare) for one in typed])
    print(f"overhead of submit           {statistics.median(submitted) - statistics.median(bare):.3f} s (bar: 0.05 s)")
    print(f"overhead of the command line {statistics.median(typed) - statistics.median(bare):.3f} s (bar: 0.3 s)")


def command(workspace: Path, script: Path) -> list[str]:
    """Return the command line that submits the script."""
    return [sys.executable, "-m", "desktop_aml", "submit", str(script), "--workspace", str(workspace)]


def run(words: list[str]) -> None:
    """Run a program and wait for it."""
    subprocess.run(words, check=True, capture_output=True)


def wait(workspace: object, run_id: str) -> None:
    """Wait for the end of a run."""
    while not workspace.runs.get(run_id).summary.state.is_terminal():  # type: ignore[attr-defined]
        time.sleep(0.002)


def timed(act: object) -> float:
    """Return the seconds that a call takes."""
    start = time.perf_counter()
    act()  # type: ignore[operator]
    return time.perf_counter() - start


def report(seconds: list[float]) -> str:
    """Return median and range."""
    return f"median {statistics.median(seconds):.3f} s ({min(seconds):.3f} to {max(seconds):.3f})"


if __name__ == "__main__":
    main()
