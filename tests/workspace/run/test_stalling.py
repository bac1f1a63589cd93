"""Runs that seem stalled are told from those that work, that nobody measures, and that are young."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_aml.domain.runs import RunState, RunSummary
from desktop_aml.domain.summaries import stalled
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.run.stalling import seems_stalled
from tests.conftest import wait_until

NOW = 1_700_010_000.0


@pytest.fixture
def run(tmp_path: Path) -> tuple[WorkspaceFolder, RunSummary]:
    """A run of 2,000 s whose log and journal did not grow and that used nothing for 900 s."""
    folder = WorkspaceFolder(tmp_path)
    summary = RunSummary("r", 1, "e", "n", RunState.RUNNING, "s.py", "local", "e", NOW - 2000, NOW - 2000, None)
    for name in ("logs", "journal"):
        (folder.run("r") / name).mkdir(parents=True)
    write(folder, "logs/std_log.txt", "epoch 1\n", NOW - 1500)
    write(folder, "journal/1.jsonl", "", NOW - 1400)
    curve(folder, [(1085, 0.9), (1100, 0.97), (1400, 0.01), (1990, 0.0)], NOW - 10)
    return folder, summary


def write(folder: WorkspaceFolder, name: str, text: str, at: float) -> None:
    path = folder.run("r") / name
    path.write_text(text)
    os.utime(path, (at, at))


def curve(folder: WorkspaceFolder, points: list[tuple[float, float]], at: float) -> None:
    lines = [f"{seconds:.1f},{cores:.2f},1000,," for seconds, cores in points]
    write(
        folder, "logs/machine_use.csv", "\n".join(["seconds,cores,memory_bytes,read_bytes,written_bytes", *lines]), at
    )


def test_a_run_that_does_nothing_for_long_seems_stalled(run: tuple[WorkspaceFolder, RunSummary]) -> None:
    words = "Seems stalled: nothing printed or logged and no processor time for 15 min."
    assert seems_stalled(*run, NOW) == words
    assert seems_stalled(*run, NOW - 301) == ""


def test_what_works_logs_prints_or_is_not_measured_does_not(run: tuple[WorkspaceFolder, RunSummary]) -> None:
    folder, summary = run
    write(folder, "journal/1.scalars", "", NOW - 1400)
    for name in ("logs/std_log.txt", "journal/1.jsonl", "journal/1.scalars"):
        before = (folder.run("r") / name).stat().st_mtime
        write(folder, name, "more\n", NOW - 5)
        assert seems_stalled(folder, summary, NOW) == ""
        write(folder, name, "more\n", before)
    for state in (RunState.QUEUED, RunState.COMPLETED, RunState.CANCEL_REQUESTED):
        assert seems_stalled(folder, replace(summary, state=state), NOW) == ""
    assert seems_stalled(folder, replace(summary, started_at=NOW - 500), NOW) == ""
    assert seems_stalled(folder, replace(summary, target="external"), NOW) == ""
    curve(folder, [(1100, 0.97), (1700, 0.02), (1990, 0.0)], NOW - 10)
    assert seems_stalled(folder, summary, NOW) == ""
    curve(folder, [(1000, 0.0)], NOW - 700)
    assert seems_stalled(folder, summary, NOW) == ""
    (folder.run("r") / "logs/machine_use.csv").unlink()
    assert seems_stalled(folder, summary, NOW) == ""


def test_a_script_that_waits_for_ever_is_found_while_it_runs(
    workspace: Workspace, write_script: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.leave_work()
    monkeypatch.setattr(stalled, "STALLED_AFTER_S", 4.0)
    run_id = workspace.runs.submit(write_script("import threading\nprint(1, flush=True)\nthreading.Event().wait()\n"))
    wait_until(lambda: workspace.runs.state(run_id) is RunState.RUNNING, "the script")
    began = time.time()
    wait_until(lambda: workspace.runs.queue.reason(workspace.runs.get(run_id)), "words about it")
    assert time.time() - began > 2
    assert workspace.runs.queue.stalled(workspace.runs.get(run_id).summary).startswith("Seems stalled: nothing printed")
    workspace.runs.cancel(run_id)
    workspace.runs.wait(run_id)
