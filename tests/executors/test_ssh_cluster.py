"""Runs on a cluster of machines that are reached by ssh: through a real ssh server of the tests."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.errors import PreparationError
from desktop_aml.domain.targets import ClusterSpec
from desktop_aml.executors.cluster.executor import ClusterExecutor, nodes_in_words
from desktop_aml.executors.cluster.machines import how_lost, probe
from tests.conftest import wait_until
from tests.contracts.places import begin, carry_out, finish
from tests.contracts.test_executor import FAMILY, WAITS
from tests.environments.conda_channel import python_from_conda
from tests.executors.test_cluster import SECRET_CHILD, OwnPlace, words

SPREAD = """
import os
from dask.distributed import Client

with Client() as client:
    told = client.submit(os.getenv, "TEST_FAR_MACHINE").result(timeout=30)
    doubled = client.gather(client.map(lambda number: 2 * number, range(5)))
print(told, doubled)
"""


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., str]:
    """Make a Python of a machine, which is this one in other clothes."""

    def make(name: str, *before: str) -> str:
        path = tmp_path / name
        path.write_text("\n".join(("#!/bin/sh", *before, f'exec {sys.executable} "$@"', "")))
        path.chmod(0o755)
        return os.fspath(path)

    return make


@pytest.fixture
def far_python(tmp_path: Path, program: Callable[..., str]) -> str:
    """A Python that takes itself for one on another computer: another user has another number."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "sitecustomize.py").write_text("import os; os.getuid = lambda: 4711\n")
    return program("far", f"export PYTHONPATH={tmp_path}/elsewhere TEST_FAR_MACHINE=far")


@pytest.fixture
def place(
    tmp_path: Path, ssh_port: int, marked_processes: object, request: pytest.FixtureRequest
) -> Iterator[OwnPlace]:
    """A cluster of one machine."""
    python = request.getfixturevalue(request.param) if hasattr(request, "param") else sys.executable
    spec = ClusterSpec(name="lab", hosts=(f"root@127.0.0.1:{ssh_port}",), python=python, idle_s=3.0)
    made = OwnPlace(tmp_path, spec)
    yield made
    made.close()


@pytest.mark.kill
def test_a_run_on_a_machine_by_ssh_ends_is_canceled_and_is_lost_with_its_connection(place: OwnPlace) -> None:
    executor = place.executor()
    assert isinstance(executor, ClusterExecutor)
    first = place.job("import os; print(os.environ['DASK_SCHEDULER_ADDRESS'])")
    executor.prepare(first, lambda _: None)
    assert carry_out(executor, first).succeeded()
    assert place.log(first) == f"{executor.state().address}\n"
    assert nodes_in_words(place.spec, executor.state()) == "1 of 1 machines"
    canceled = place.job(FAMILY + SECRET_CHILD + WAITS)
    handle = begin(place, executor, canceled)
    executor.stop(handle)
    assert finish(executor, handle).reason == "canceled"
    assert place.alive(canceled) == []
    lost = place.job(FAMILY + SECRET_CHILD + WAITS)
    handle = begin(place, executor, lost)
    connection = next(one for one in place.holder().children() if "ssh" in words(one))
    connection.send_signal(signal.SIGKILL)
    outcome = finish(executor, handle)
    assert outcome.was_lost()
    assert "“lab”" in outcome.message
    assert place.spec.hosts[0] in outcome.message
    assert "its ssh on this computer was ended by signal 9 (SIGKILL)" in outcome.message
    assert place.alive(lost) == []


@pytest.mark.parametrize("place", ["far_python"], indirect=True)
def test_a_machine_that_is_another_computer_serves_what_a_script_spreads_and_what_cannot_travel_runs_here(
    place: OwnPlace, tmp_path: Path
) -> None:
    executor = place.executor()
    assert isinstance(executor, ClusterExecutor)
    job = place.job(SPREAD)
    place.python = python_from_conda(tmp_path / "conda")
    from_conda = place.job("import sys; print(sys.prefix)")
    executor.prepare(job, lambda _: None)
    assert "for what scripts spread with Dask" in executor.state().machines[0].words
    handles = [executor.handle_for(one) for one in (job, from_conda)]
    for one in (job, from_conda):
        executor.start(one)
    # This Python stays here, and so does what conda brought; that is said before.
    for handle in handles:
        wait_until(
            lambda handle=handle: (
                (found := executor.waits_for(handle))
                and "on this computer, not on the machines: neither this computer's Python nor environments from conda"
                in found.message
            ),
            "the words",
        )
    for handle in handles:
        outcome = finish(executor, handle)
        assert outcome.succeeded(), outcome
    # Who carried them out is none of the machines.
    assert (executor.state().nodes, executor.state().starting) == (1, 0)
    assert place.log(job) == "far [0, 2, 4, 6, 8]\n"
    assert place.log(from_conda) == f"{Path(place.python).parents[1]}\n"


def test_what_ssh_said_last_is_a_part_of_the_sentence_on_a_loss() -> None:
    assert how_lost(255, "banner\nConnection closed by remote host.\n") == (
        "its connection ended: Connection closed by remote host"
    )


def test_what_a_machine_lacks_is_said_by_name(tmp_path: Path, ssh_port: int, program: Callable[..., str]) -> None:
    host = f"root@127.0.0.1:{ssh_port}"
    old = tmp_path / "old"
    old.write_text('#!/bin/sh\necho "desktop-aml: this Python is 3.6.15" >&2\nexit 1\n')
    old.chmod(0o755)
    bare = program("bare", 'set -- -S "$@"')
    found = [probe(host, python, tmp_path) for python in ("no-such-python", bare, str(old), sys.executable)]
    assert [one.is_usable for one in found] == [False, False, False, True]
    assert "it has no no-such-python" in found[0].words
    assert "has no “distributed”; there: " in found[1].words
    assert "is 3.6.15, and workers need Python 3.10 or newer" in found[2].words
    assert "carries out runs" in found[3].words
    assert "ssh does not get there" in probe("root@127.0.0.1:1", "python3", tmp_path).words


def test_a_cluster_none_of_whose_machines_can_be_used_fails_its_runs_in_words(
    tmp_path: Path, ssh_port: int, marked_processes: object
) -> None:
    place = OwnPlace(tmp_path, ClusterSpec(name="lab", hosts=("root@127.0.0.1:1",), idle_s=1.0))
    try:
        with pytest.raises(
            PreparationError, match=r"No machine of the compute “lab”.*root@127\.0\.0\.1:1: ssh does not"
        ):
            place.executor().prepare(place.job("pass"), lambda _: None)
    finally:
        place.close()
