"""Runs on machines whose files are their own: computers of the tests' own, with a real ssh server."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_aml.domain.jobs import Job
from desktop_aml.domain.targets import ClusterSpec
from desktop_aml.executors.cluster.executor import ClusterExecutor
from desktop_aml.run_folder.script_env import sdk_path
from tests.conftest import wait_until
from tests.contracts.places import carry_out, finish
from tests.executors.test_cluster import OwnPlace
from tests.far_hosts import PYTHON, FarHost, far_hosts

WORK = """
import os, socket, sys
from azureml.core import Run
run = Run.get_context()
given, made = sys.argv[1], sys.argv[2]
run.log("loss", len(open(given).read()))
with open("outputs/model.txt", "w") as file: file.write(open(given).read().upper())
with open(made, "w") as file: file.write("made")
open("train.py", "a").write("# changed\\n")
os.symlink("/etc", "outputs/etc")
os.remove("unused.txt")
sees = os.path.exists(sys.argv[3].strip(":"))
print(os.environ["DASK_SCHEDULER_ADDRESS"][:16], sees, sys.prefix.split("/")[-3:-1], flush=True)
"""
WAITS = """
import subprocess, sys, time
subprocess.Popen(["sleep", "1000"], start_new_session=True)
print("ready", flush=True)
time.sleep(1000)
"""


@pytest.fixture
def host(tmp_path: Path) -> Iterator[FarHost]:
    """A computer."""
    with far_hosts(tmp_path, 1) as made:
        yield made[0]


@pytest.fixture
def python(tmp_path: Path) -> str:
    """The Python of an environment that was built here, without packages."""
    folder = tmp_path / "builds" / "0123abcd"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True)
    (folder / "ready.json").write_text(
        json.dumps({"builder": "uv", "python": "venv/bin/python", "python_version": platform.python_version()})
    )
    return str(folder / "venv" / "bin" / "python")


@pytest.fixture
def place(tmp_path: Path, host: FarHost, python: str, marked_processes: object) -> Iterator[OwnPlace]:
    """A cluster of that computer."""
    made = OwnPlace(tmp_path, ClusterSpec(name="lab", hosts=(host.name,), python=PYTHON, idle_s=3.0))
    made.python = python
    yield made
    made.close()


def travelling(place: OwnPlace, text: str, *arguments: str) -> Job:
    """Return a job with the variables that a run has."""
    job = place.job(text, arguments=arguments)
    (Path(job.run_directory) / "snapshot" / "unused.txt").write_text("x")
    ours = {"PYTHONPATH": str(sdk_path()), "DESKTOP_AML_RUN_DIR": job.run_directory, "AZUREML_RUN_ID": job.run_id}
    return replace(job, env_vars={**job.env_vars, **ours, "HOME": os.environ["HOME"]})


def has_said(place: OwnPlace, job: Job, words: str) -> bool:
    log = Path(job.run_directory) / "logs" / "std_log.txt"
    return log.exists() and words in log.read_text()


@pytest.mark.kill
def test_a_run_travels_to_a_machine_with_a_disk_of_its_own_and_all_that_it_leaves_comes_home(
    place: OwnPlace, host: FarHost, tmp_path: Path
) -> None:
    executor = place.executor()
    assert isinstance(executor, ClusterExecutor)
    (tmp_path / "given.txt").write_text("data")
    job_folder = f":{tmp_path}"
    job = travelling(place, WORK, str(tmp_path / "given.txt"), f"{tmp_path}/made.txt", job_folder)
    executor.prepare(job, lambda _: None)
    outcome = carry_out(executor, job)
    run = Path(job.run_directory)
    assert outcome.succeeded(), (outcome, place.log(job))
    assert place.log(job) == "tls://127.0.0.1: False ['desktop-aml-machine', 'trees']\n"
    assert (place.snapshot(job) / "outputs" / "model.txt").read_text() == "DATA"
    assert (place.snapshot(job) / "train.py").read_text().endswith("# changed\n")
    assert (place.snapshot(job) / "outputs" / "etc").is_symlink()
    assert not (place.snapshot(job) / "unused.txt").exists()
    assert (tmp_path / "made.txt").read_text() == "made"
    assert '"loss"' in next((run / "journal").glob("*.jsonl")).read_text()
    # What is there already does not travel again, and of a run nothing stays but files that others may need.
    kept = {path: path.stat().st_ino for path in host.root.glob("root/.cache/*/files/*/*")}
    again = travelling(place, WORK, str(tmp_path / "given.txt"), f"{tmp_path}/again.txt", job_folder)
    assert carry_out(executor, again).succeeded()
    assert kept
    assert {path: path.stat().st_ino for path in kept} == kept
    wait_until(lambda: not list((host.root / "root").glob(".cache/*/runs/*")), "the end of the folders of runs")

    canceled = travelling(place, WAITS)
    handle = executor.handle_for(canceled)
    executor.start(canceled)
    wait_until(lambda: has_said(place, canceled, "ready"), "the log")
    executor.stop(handle)
    assert finish(executor, handle).reason == "canceled"
    assert place.alive(canceled) == []

    lost = travelling(place, WAITS)
    handle = executor.handle_for(lost)
    executor.start(lost)
    wait_until(lambda: has_said(place, lost, "ready"), "the log")
    host.kill()
    outcome = finish(executor, handle)
    assert outcome.was_lost()
    assert host.name in outcome.message
    assert outcome.started_at is not None
    assert place.alive(lost) == []
