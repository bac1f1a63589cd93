"""The promise: whatever is killed, whenever, no acknowledged metric is lost or doubled, no run ends in a wrong state.

Each round submits a script that logs numbers and writes each one down elsewhere as soon as its log call has returned:
that is what was acknowledged. Something is killed at a random moment. Then the books are compared.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from desktop_aml.domain.runs import RunDetail, RunState
from desktop_aml.engine.core.owner import owner_of
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace import Workspace, trust
from tests.conftest import wait_until

pytestmark = [pytest.mark.kill, pytest.mark.timeout(600)]

ROUNDS = 60
POINTS = 150
SCRIPT = f"""
import os, sys, time
from azureml.core.run import Run

run = Run.get_context()
acknowledged = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
for number in range({POINTS}):
    run.log("number", number)
    os.write(acknowledged, b"%d\\n" % number)
    time.sleep(0.002)
"""


@dataclass
class Site:
    """A workspace whose engine is a process that can be killed and started again."""

    workspace: Workspace
    script: Path
    engine: subprocess.Popen[bytes] | None = None

    def start_engine(self) -> None:
        self.engine = subprocess.Popen(
            [sys.executable, "-m", "desktop_aml", "engine", "--workspace", str(self.workspace.path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: owner_of(self.workspace.path / "engine.lock") is not None, "the engine to own the workspace")

    def kill_engine(self) -> None:
        assert self.engine is not None
        self.engine.kill()
        self.engine.wait()


@pytest.fixture(autouse=True)
def trusted(site: Site, private_home: Path) -> None:
    """Trust the workspace: every test has a home of its own, and it was made in another one."""
    trust.trust(WorkspaceFolder(site.workspace.path))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("kills")
    previous = os.environ.get("DESKTOP_AML_HOME")
    os.environ["DESKTOP_AML_HOME"] = str(root / "home")
    (root / "source").mkdir()
    script = root / "source" / "train.py"
    script.write_text(SCRIPT)
    made = Site(Workspace.create(root / "workspace"), script)
    made.start_engine()
    yield made
    made.kill_engine()
    made.workspace.close()
    if previous is None:
        del os.environ["DESKTOP_AML_HOME"]
    else:
        os.environ["DESKTOP_AML_HOME"] = previous


def processes_of(run: RunDetail) -> dict[str, list[psutil.Process]]:
    """Return the living processes of a run by role: its launcher, and what the launcher started."""
    found: dict[str, list[psutil.Process]] = {"launcher": [], "script": []}
    for process in psutil.process_iter():
        try:
            words, status = process.cmdline(), process.status()
            marked = process.environ().get("AZUREML_RUN_ID") == run.summary.id
        except psutil.Error:
            continue
        if status == psutil.STATUS_ZOMBIE:
            continue
        if run.run_directory in words and any(word.endswith("launcher.py") for word in words):
            found["launcher"].append(process)
        elif marked:
            found["script"].append(process)
    return found


def kill_role(site: Site, run_id: str, role: str) -> bool:
    """Kill everything with this role; return whether a script or launcher was hit."""
    found = processes_of(site.workspace.runs.get(run_id))
    hit = False
    for process in found.get(role, []) if role != "everything" else found["launcher"] + found["script"]:
        try:
            process.send_signal(signal.SIGKILL)
            hit = True
        except psutil.NoSuchProcess:
            continue
    return hit


def check_books(site: Site, run_id: str, acknowledged: Path) -> None:
    written = [int(line) for line in acknowledged.read_text().split()] if acknowledged.exists() else []
    curves = site.workspace.runs.metrics(run_id).curves
    stored = [point.value for point in curves[0].points] if curves else []
    assert stored == list(range(len(stored))), "a point is missing, doubled or out of order"
    # The last log call may have returned just before the script could write its number down.
    assert len(written) <= len(stored) <= len(written) + 1


@pytest.mark.parametrize("round_number", range(ROUNDS))
def test_a_kill_at_any_moment_loses_and_doubles_nothing(site: Site, round_number: int, tmp_path: Path) -> None:
    choice = random.Random(round_number)
    role = ("engine", "script", "launcher", "everything")[round_number % 4]
    acknowledged = tmp_path / "acknowledged"
    run_id = site.workspace.runs.submit(site.script, experiment="kills", arguments=[str(acknowledged)])
    time.sleep(choice.uniform(0.0, 0.8))
    hit = False
    if role in {"engine", "everything"}:
        site.kill_engine()
    if role != "engine":
        hit = kill_role(site, run_id, role)
    if role in {"engine", "everything"}:
        site.start_engine()
    wait_until(lambda: site.workspace.runs.get(run_id).summary.state.is_terminal(), "the end of the run")
    run = site.workspace.runs.get(run_id)
    check_books(site, run_id, acknowledged)
    wait_until(lambda: not any(processes_of(run).values()), "the processes of the run to be gone", 5.0)
    check_state(run, role, hit=hit)


def check_state(run: RunDetail, role: str, *, hit: bool) -> None:
    """The state must be what truly happened; a kill that came too early or too late changes nothing."""
    if not hit:
        assert run.summary.state is RunState.COMPLETED, run
        return
    assert run.outcome is not None
    if run.summary.state is RunState.COMPLETED:
        # Either the script had ended before, or it had not begun and the run was queued again.
        assert run.outcome.exit_code == 0
        return
    assert run.summary.state is RunState.FAILED
    if role == "script":
        assert run.outcome.signal == signal.SIGKILL
        assert "SIGKILL" in run.summary.error
    else:
        assert run.outcome.reason in {"lost", "not_started", "signal"}
        assert run.summary.error
