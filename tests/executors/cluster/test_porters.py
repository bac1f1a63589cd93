"""Runs on machines whose files are their own: computers of the tests' own, with a real ssh server."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as replace_facts

from desktop_aml.domain.jobs import Job
from desktop_aml.domain.targets import ClusterSpec
from desktop_aml.executors.cluster.executor import ClusterExecutor
from desktop_aml.executors.cluster.porters.far_store import Store
from desktop_aml.executors.cluster.porters.luggage import Paths, Unfit, check, environment_of, interpreter_there
from desktop_aml.executors.cluster.porters.porter import PorterFacts
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
with open(given, "a") as file: file.write("+")
open("train.py", "a").write("# changed\\n")
os.symlink("/etc", "outputs/etc")
os.remove("unused.txt")
sees = os.path.exists(sys.argv[3].strip(":"))
print(os.environ["DASK_SCHEDULER_ADDRESS"][:16], sees, sys.prefix.split("/")[-3:-1], flush=True)
"""
WAITS = """
import os, shutil, subprocess, sys, time
shutil.rmtree(os.environ["DESKTOP_AML_RUN_DIR"] + "/journal")
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
    assert (tmp_path / "given.txt").read_text() == "data+"
    assert '"loss"' in next((run / "journal").glob("*.jsonl")).read_text()
    # What is there already does not travel again, and of a run nothing stays but files that others may need.
    kept = {path: path.stat().st_ino for path in host.root.glob("root/.cache/*/files/*/*")}
    (tmp_path / "link").symlink_to("given.txt")
    again = travelling(place, WORK, str(tmp_path / "link"), f"{tmp_path}/again.txt", job_folder)
    assert carry_out(executor, again).succeeded()
    assert (place.snapshot(again) / "outputs" / "model.txt").read_text() == "DATA+"
    assert (tmp_path / "given.txt").read_text() == "data++"
    assert (tmp_path / "link").is_symlink()
    assert kept
    assert {path: path.stat().st_ino for path in kept} == kept
    wait_until(lambda: not list((host.root / "root").glob(".cache/*/runs/*")), "the end of the folders of runs")

    canceled = travelling(place, WAITS)
    handle = executor.handle_for(canceled)
    executor.start(canceled)
    wait_until(lambda: has_said(place, canceled, "ready"), "the log")
    # What its script has no place for any more is no reason to end it.
    (Path(canceled.run_directory) / "journal" / "outside.jsonl").write_text("x")
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


def test_a_file_that_was_written_to_or_came_damaged_is_no_file_that_is_kept(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "kept"))
    name = hashlib.sha256(b"data").hexdigest()
    store.put(name, b"da", False)
    assert not store.has(name)
    store.put(name, b"ta", True)
    assert store.has(name)
    Path(store.path(name)).chmod(0o600)
    Path(store.path(name)).write_bytes(b"else")
    assert not store.has(name)
    store.put(name, b"other", True)
    assert not store.has(name)
    with pytest.raises(OSError, match="changed while it was sent"):
        store.lay(str(tmp_path / "run"), [{"p": "one", "k": "f", "h": name}])
    store.put(name, b"data", True)
    store.lay(str(tmp_path / "run"), [{"p": "one", "k": "f", "h": name}])
    assert (tmp_path / "run" / "one").read_bytes() == b"data"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("/data/me/ws/run/x.csv", "/far/run/x.csv"),
        ("--data=/data/me/ws/run", "--data=/far/run"),
        ("file:///data/me/ws/run/a%20b", "file:///far/run/a%20b"),
        ("/data/me/ws/run:/usr/bin", "/far/run:/usr/bin"),
        ("/data/me/ws/run-2/x", "/data/me/ws/run-2/x"),
        ("/mnt/data/me/ws/run", "/mnt/data/me/ws/run"),
        ("/data/me/ws/run/deep/y", "/far/deep/y"),
    ],
)
def test_paths_of_this_computer_become_those_of_the_machine(text: str, wanted: str) -> None:
    paths = Paths()
    paths.add("/data/me/ws/run", "/far/run")
    paths.add("/data/me/ws/run/deep", "/far/deep")
    assert paths.moved(text) == wanted


def test_a_machine_that_the_packages_do_not_fit_is_refused_in_words(python: str) -> None:
    environment = environment_of(python)
    assert environment is not None
    here = platform.machine()
    facts = PorterFacts(root="/r", machine=here, libc="2.17", pythons={}, env_vars={}, free_bytes=0)
    check(environment, facts)
    wheel = next(environment.prefix.glob("lib/python*/site-packages")) / "fast-1.0.dist-info" / "WHEEL"
    wheel.parent.mkdir()
    wheel.write_text("Tag: cp311-cp311-manylinux_2_28_x86_64\n")
    for changed, words in (
        (facts, "its C library is 2.17, and the packages need 2.28"),
        (replace_facts(facts, libc=""), "no GNU C library"),
        (replace_facts(facts, machine="riscv64"), "it is a riscv64"),
    ):
        with pytest.raises(Unfit, match=words):
            check(environment, changed)
    of_the_system = replace(environment, base=Path("/usr/bin/python3"))
    with pytest.raises(Unfit, match=f"install python{environment.minor} there"):
        interpreter_there(of_the_system, facts)
    other = f"{environment.minor}.99"
    assert interpreter_there(of_the_system, replace_facts(facts, pythons={other: "/p"})) == "/p"
