"""The promise: whatever is killed, whenever, a sweep loses no trial, makes none twice, and comes to its end."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from desktop_aml.domain.runs import MAX_ATTEMPTS, RunState
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.records import SweepSpec
from desktop_aml.domain.sweeps.space import Search, proposals, space_of
from desktop_aml.engine.core.owner import owner_of
from desktop_aml.run_folder.properties import START
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until

pytestmark = [pytest.mark.kill, pytest.mark.timeout(300)]

ROUNDS = int(os.environ.get("ROUNDS", "12"))
SCRIPT = """
import os, sys, time
with open(sys.argv[1], "a") as begun:
    begun.write(os.environ["AZUREML_RUN_ID"] + "\\n")
from azureml.core.run import Run
Run.get_context().log("x", float(sys.argv[3]))
time.sleep(0.05)
"""


def engine_of(workspace: Workspace) -> subprocess.Popen[bytes]:
    engine = subprocess.Popen(
        [sys.executable, "-m", "desktop_aml", "engine", "--workspace", str(workspace.path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: owner_of(workspace.path / "engine.lock") is not None, "the engine to own the workspace")
    return engine


def kill(engine: subprocess.Popen[bytes]) -> None:
    engine.kill()
    engine.wait()


def kill_one(is_meant: Callable[[dict[str, str], str], bool]) -> None:
    """Kill the first process whose variables and words are those that are meant."""
    for process in psutil.process_iter():
        try:
            if is_meant(process.environ(), " ".join(process.cmdline())):
                process.kill()
                return
        except psutil.Error:
            continue


def kill_a_trial(run_id: str, _: str) -> None:
    kill_one(lambda env, words: env.get("AZUREML_RUN_ID", "").startswith(f"{run_id}_") and "train.py" in words)


def kill_a_supervisor(run_id: str, _: str) -> None:
    kill_one(lambda _, words: "launcher.py" in words and f"/{run_id}_" in words)


def kill_a_warm_interpreter(_: str, mark: str) -> None:
    kill_one(lambda env, words: "desktop_aml_warm" in words and env.get("TEST_MARK") == mark)


VICTIMS = (kill_a_trial, kill_a_supervisor, kill_a_warm_interpreter)


def test_kills_lose_and_double_no_trial(tmp_path: Path, marked_processes: object) -> None:
    seed = int(os.environ.get("SEED", "17"))
    choice, begun = random.Random(seed), tmp_path / "begun"
    (tmp_path / "source").mkdir()
    script = tmp_path / "source" / "train.py"
    script.write_text(SCRIPT)
    workspace = Workspace.create(tmp_path / "workspace")
    engine = engine_of(workspace)
    spec = SweepSpec(
        space_of({"--x": parse("uniform(0, 1)")}), "x", Goal.MAXIMIZE, trials=16, concurrent=3, search=Search.RANDOM
    )
    run_id = workspace.sweeps.start(script, spec, arguments=[str(begun)])
    for round_number in range(ROUNDS):
        time.sleep(choice.uniform(0.0, 0.6))
        if round_number % 2:
            VICTIMS[round_number // 2 % 3](run_id, os.environ["TEST_MARK"])
        else:
            kill(engine)
            engine = engine_of(workspace)
    wait_until(lambda: workspace.sweeps.get(run_id).state.is_terminal(), "the end of the sweep", 200.0)
    sweep = workspace.sweeps.get(run_id)
    assert [trial.number for trial in sweep.trials] == list(range(16))
    drawn = proposals(spec.search, spec.space, spec.seed)
    assert [trial.values for trial in sweep.trials] == [next(drawn) for _ in range(16)]
    assert {child.id for child in workspace.runs.children(run_id)} == {trial.run_id for trial in sweep.trials}
    counts = begun.read_text().split()
    assert len(set(counts)) == len(counts), "a trial was started twice"
    for trial in sweep.trials:
        assert trial.state in {RunState.COMPLETED, RunState.FAILED}, trial
        if trial.state is RunState.COMPLETED:
            assert trial.best == pytest.approx(dict(trial.values)["--x"])
        else:
            detail = workspace.runs.get(trial.run_id)
            was_killed = "signal 9" in trial.error or "supervisor was killed" in trial.error
            assert was_killed or detail.summary.attempt == MAX_ATTEMPTS
    assert sweep.state is RunState.COMPLETED
    starts = [workspace.runs.get(trial.run_id).properties.get(START, "") for trial in sweep.trials]
    assert starts.count("warm") > len(starts) / 2, starts
    kill(engine)
    workspace.leave_work()
    workspace.close()
