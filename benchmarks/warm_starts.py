"""Trials of the iris sample, two at once: forked from a warm interpreter, and started cold.

Prints the time of each sweep, their ratio, what a trial costs the engine (processor time of its threads, beside the
trial and beside this benchmark, which asks for the state), and what the scripts took, which no start can undercut.
``python benchmarks/warm_starts.py [TRIALS [COLD_TRIALS]]``: 100 of each unless said otherwise; the ratio is of the
times for one trial.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace


def main(trials: int, cold_trials: int) -> None:
    """Measure and print."""
    home = Path(tempfile.mkdtemp(prefix="benchmark-"))
    os.environ["DESKTOP_AML_HOME"] = str(home / "user")
    from desktop_aml import resources
    from desktop_aml.domain.summaries.goals import Goal
    from desktop_aml.domain.sweeps.expressions import parse
    from desktop_aml.domain.sweeps.records import SweepSpec
    from desktop_aml.domain.sweeps.space import space_of
    from desktop_aml.run_folder.properties import START
    from desktop_aml.run_folder.script_env import WARM_VARIABLE
    from desktop_aml.workspace import Workspace

    workspace = Workspace.create(home / "workspace")
    workspace.start_engine()

    def carried_out(count: int, env_vars: dict[str, str]) -> str:
        spec = SweepSpec(space_of({"--penalty": parse("loguniform(0.1,10)")}), "accuracy", Goal.MAXIMIZE, count, 2)
        script = resources.path("samples", "iris", "train.py")
        run_id = workspace.sweeps.start(script, spec, arguments=["--pause", "0"], env_vars=env_vars)
        while not workspace.runs.get(run_id).summary.state.is_terminal():
            time.sleep(0.2)
        return run_id

    # What an engine loads once, when it begins, is no trial's.
    carried_out(1, {WARM_VARIABLE: "off"})
    seconds = {}
    for how, count in (("warm", trials), ("cold", cold_trials)):
        begun, before = time.perf_counter(), time.process_time() - time.thread_time()
        run_id = carried_out(count, {WARM_VARIABLE: "off"} if how == "cold" else {})
        seconds[how] = (time.perf_counter() - begun) / count
        own = (time.process_time() - time.thread_time() - before) / count
        children = workspace.runs.children(run_id)
        starts = [workspace.runs.get(child.id).properties.get(START, "") for child in children]
        used = median(used_by(workspace, child.id) for child in children)
        print(
            f"{how}: {count} trials in {seconds[how] * count:.1f} s, {seconds[how]:.3f} s a trial;"
            f" the engine's own {own * 1000:.0f} ms a trial; {starts.count('warm')} were warm;"
            f" the scripts took {used:.2f} s of processor time each",
            flush=True,
        )
    workspace.close()
    print(f"warm is {seconds['cold'] / seconds['warm']:.1f} times quicker (bar: 10)")


def used_by(workspace: Workspace, run_id: str) -> float:
    """Return the seconds of processor time that a run's script took."""
    return float(workspace.runs.get(run_id).properties.get("desktop_aml.use.cpu_s", 0))


if __name__ == "__main__":
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    main(first, int(sys.argv[2]) if len(sys.argv) > 2 else first)
