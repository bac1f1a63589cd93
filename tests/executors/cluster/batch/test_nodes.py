"""Runs on nodes that a batch system starts: a real SLURM of the tests; texts and words of the others."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_aml.domain.computes.batch import BatchJobs, BatchSystem
from desktop_aml.domain.targets import ClusterSpec
from desktop_aml.executors.cluster.executor import ClusterExecutor
from tests.conftest import wait_until
from tests.contracts.places import begin, carry_out, finish
from tests.contracts.test_executor import FAMILY, IGNORES_TERM, WAITS
from tests.environments.conda_channel import python_from_conda
from tests.executors.cluster.test_porters import WAITS as TRAVELS_AND_WAITS
from tests.executors.cluster.test_porters import has_said, python, travelling
from tests.executors.test_cluster import SECRET_CHILD, UNTIL_TOLD, OwnPlace
from tests.executors.test_ssh_cluster import far_python, program
from tests.slurm import Slurm, slurm, slurm_up

__all__ = ["far_python", "program", "python", "slurm", "slurm_up"]

NODES = BatchJobs(system=BatchSystem.SLURM, head="127.0.0.1", cores=1)


@pytest.fixture
def place(tmp_path: Path, slurm: Slurm, marked_processes: object, request: pytest.FixtureRequest) -> Iterator[OwnPlace]:
    """A cluster of one node."""
    path = request.getfixturevalue(request.param) if hasattr(request, "param") else sys.executable
    made = OwnPlace(tmp_path, ClusterSpec(name="site", max_nodes=1, idle_s=60, python=path, batch=NODES))
    yield made
    for executor in made._executors:
        assert isinstance(executor, ClusterExecutor)
        executor.end()
    made.close()
    wait_until(lambda: not (made.home / "door").exists(), "the end of the cluster")


@pytest.mark.kill
def test_a_run_on_slurm_ends_is_canceled_waits_for_a_drained_node_and_is_lost_with_its_job(
    place: OwnPlace, slurm: Slurm
) -> None:
    executor = place.executor()
    assert isinstance(executor, ClusterExecutor)
    slurm.set_nodes("drain")
    waiting = place.job("open('ran', 'w')")
    executor.prepare(waiting, lambda _: None)
    handle = executor.handle_for(waiting)
    executor.start(waiting)

    def words() -> str:
        found = executor.waits_for(handle)
        return found.message if found is not None else ""

    wait_until(lambda: "DRAINED" in words(), "why it waits")
    [job] = slurm.jobs()
    assert re.match(rf"queued in SLURM, job {job}: Nodes required for job are DOWN", words())
    assert executor.poll(handle) is None
    executor.stop(handle)
    assert finish(executor, handle).reason == "canceled"
    wait_until(lambda: slurm.jobs() == [], "the job's end", pause_s=0.05)
    assert not (place.snapshot(waiting) / "ran").exists()
    slurm.set_nodes("resume")

    first = place.job("import os; print(os.environ['DASK_SCHEDULER_ADDRESS'])")
    assert carry_out(executor, first).succeeded()
    assert place.log(first) == f"{executor.state().address}\n"
    canceled = place.job(FAMILY + IGNORES_TERM + SECRET_CHILD + WAITS)
    handle = begin(place, executor, canceled)
    executor.stop(handle)
    assert finish(executor, handle).reason == "canceled"
    assert place.alive(canceled) == []

    lost = place.job(FAMILY + SECRET_CHILD + WAITS)
    handle = begin(place, executor, lost)
    [job] = slurm.jobs()
    slurm.do("scancel", job)
    outcome = finish(executor, handle)
    assert outcome.was_lost()
    ending = rf"job {job} of SLURM on node[12], which was canceled by its owner or an administrator \(CANCELLED\)\.$"
    assert re.search(ending, outcome.message)
    assert place.alive(lost) == []


def _waits(executor: ClusterExecutor, handles: list[str]) -> str:
    found = [executor.waits_for(handle) for handle in handles]
    return " ".join(one.message for one in found if one is not None)


def test_runs_side_by_side_have_a_node_each_and_one_that_is_drained_lets_its_run_end(
    place: OwnPlace, slurm: Slurm
) -> None:
    place.spec = replace(place.spec, max_nodes=3)
    executor = place.executor()
    assert isinstance(executor, ClusterExecutor)
    jobs = [place.job(UNTIL_TOLD) for _ in range(3)]
    executor.prepare(jobs[0], lambda _: None)
    handles = [executor.handle_for(job) for job in jobs]
    for job in jobs:
        executor.start(job)
    wait_until(lambda: sum(place.has_made(job, "begun") for job in jobs) == 2, "two of them to begin")
    wait_until(
        lambda: "2 of 3 nodes, queued in SLURM" in _waits(executor, handles), f"why one waits, {executor.state()}"
    )
    there = [one.host for one in executor.state().machines if one.has_worker]
    assert sorted(re.findall(r"on (node\d)", " ".join(there))) == ["node1", "node2"]
    slurm.set_nodes("drain", "node1")
    for job in jobs:
        (place.snapshot(job) / "go").touch()
    assert [finish(executor, handle).exit_code for handle in handles] == [0, 0, 0]


@pytest.mark.kill
@pytest.mark.parametrize("place", ["far_python"], indirect=True)
def test_a_run_travels_to_a_node_of_slurm_with_files_of_its_own_and_one_with_conda_packages_is_refused(
    place: OwnPlace, slurm: Slurm, python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "far-cache"))
    executor = place.executor()
    place.python = python_from_conda(tmp_path / "conda")
    refused = place.job("open('ran', 'w')")
    executor.prepare(refused, lambda _: None)
    outcome = carry_out(executor, refused)
    assert outcome.reason == "not_started"
    assert "cannot be taken to them" in outcome.message
    assert "none from conda channels" in outcome.message
    assert not place.has_made(refused, "ran")
    place.python = python
    travelled = travelling(place, "import os; open('made', 'w'); print(os.getcwd())")
    assert carry_out(executor, travelled).succeeded()
    assert place.log(travelled).startswith(f"{tmp_path}/far-cache/desktop-aml-machine/runs/")
    assert (place.snapshot(travelled) / "made").exists()
    lost = travelling(place, TRAVELS_AND_WAITS)
    handle = executor.handle_for(lost)
    executor.start(lost)
    wait_until(lambda: has_said(place, lost, "ready"), "the log")
    slurm.do("scancel", *slurm.jobs())
    outcome = finish(executor, handle)
    assert outcome.was_lost()
    assert re.search(r"on node[12]\b", outcome.message)
    assert "(CANCELLED)" in outcome.message
    assert place.alive(lost) == []


@pytest.mark.parametrize("place", ["missing"], indirect=True)
def test_nodes_that_do_not_begin_fail_the_run_with_the_job_and_its_last_words(place: OwnPlace) -> None:
    executor = place.executor()
    job = place.job("pass")
    executor.prepare(job, lambda _: None)
    outcome = carry_out(executor, job)
    assert outcome.reason == "not_started"
    assert re.search(r"gets no node from SLURM: job \d+ .*failed \(FAILED\).*: not found", outcome.message)


@pytest.fixture
def missing(tmp_path: Path) -> str:
    """A Python that is not there."""
    return str(tmp_path / "missing")
