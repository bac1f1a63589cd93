"""What containers add to the contract of executors: limits, the user's files, a Docker engine that comes and goes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.errors import MissingOnComputer, PreparationError
from desktop_aml.executors import docker_container
from desktop_aml.executors.attempt_files import Handle
from desktop_aml.executors.docker_container import DockerContainerExecutor
from desktop_aml.executors.docker_engine import DockerEngine
from desktop_aml.executors.docker_making import DockerLimits, Making, name_of
from tests.conftest import wait_until
from tests.contracts.places import DockerPlace, begin, carry_out, finish
from tests.contracts.test_executor import WAITS
from tests.docker_engine import start_daemon


@pytest.fixture
def place(docker_host: str, tmp_path: Path, marked_processes: object) -> Iterator[DockerPlace]:
    made = DockerPlace(tmp_path)
    yield made
    made.close()


def test_without_an_engine_it_says_what_to_do(place: DockerPlace, tmp_path: Path) -> None:
    executor = place.executor(DockerContainerExecutor(DockerEngine(f"unix://{tmp_path}/none.sock")))
    job = place.job("pass")
    with pytest.raises(MissingOnComputer, match="No Docker engine answers") as caught:
        executor.prepare(job, lambda _: None)
    assert "docker.io" in caught.value.hint
    outcome = carry_out(executor, job)
    assert outcome.reason == "not_started"
    assert "No Docker engine answers" in outcome.message


def test_an_image_that_is_gone_is_named(place: DockerPlace) -> None:
    job = place.job("pass", image="sha256:" + "0" * 64)
    with pytest.raises(PreparationError, match="gone from Docker"):
        place.executor().prepare(job, lambda _: None)
    assert carry_out(place.executor(), job).reason == "not_started"


def test_an_interpreter_that_cannot_run_the_launcher_leaves_its_last_words(place: DockerPlace) -> None:
    job = place.job("pass")
    python = Path(job.run_directory) / "python"
    python.write_text("#!/bin/sh\necho the library is broken >&2\nexit 126\n")
    python.chmod(0o755)
    outcome = carry_out(place.executor(), place.job("pass", python=str(python), run_directory=job.run_directory))
    assert outcome.reason == "not_started"
    assert "the library is broken" in outcome.message


def test_files_belong_to_the_user_and_our_own_code_cannot_be_changed(place: DockerPlace) -> None:
    inside = Path(__file__).resolve().parents[2] / "desktop_aml/inside_run"
    job = place.job(
        f"open('made', 'w').close()\ntry:\n    open({str(inside / 'new.py')!r}, 'w')\n"
        "except OSError as error:\n    print(error.strerror)\n"
    )
    assert carry_out(place.executor(), job).succeeded()
    assert place.log(job) == "Read-only file system\n"
    assert (place.snapshot(job) / "made").stat().st_uid == os.getuid()


def test_a_container_without_network_has_none(place: DockerPlace) -> None:
    executor = place.executor(DockerContainerExecutor(limits=DockerLimits(network="none")))
    job = place.job("import os; print(sorted(os.listdir('/sys/class/net')))")
    assert carry_out(executor, job).succeeded()
    assert place.log(job) == "['lo']\n"


def test_a_script_that_takes_too_much_memory_is_ended_and_the_run_says_why(place: DockerPlace) -> None:
    executor = place.executor(DockerContainerExecutor(limits=DockerLimits(memory_in_gb=0.05)))
    outcome = carry_out(executor, place.job("held = bytearray(400_000_000)\nprint(len(held))"))
    # As the supervisor saw it: podman says nothing of it.
    assert (outcome.reason, outcome.signal) == ("memory", signal.SIGKILL)
    assert outcome.message == "The run used all of the memory that it may have, and the system killed it."


def test_gpus_that_the_engine_lacks_are_refused_while_the_run_is_prepared(place: DockerPlace) -> None:
    executor = place.executor(DockerContainerExecutor(limits=DockerLimits(gpus=True)))
    with pytest.raises(PreparationError, match="has no GPU") as caught:
        executor.prepare(place.job("pass"), lambda _: None)
    assert "NVIDIA Container Toolkit" in caught.value.hint
    assert "docker_gpus" in caught.value.hint
    assert place.client.api.containers(all=True, filters={"label": "desktop-aml=question"}) == []


def test_all_gpus_are_asked_for_where_they_are_wanted_and_none_elsewhere(
    place: DockerPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    for gpus in (True, False):
        job = place.job("pass")
        # An engine without GPUs makes such a container, and refuses to start it.
        monkeypatch.setattr("docker.api.container.ContainerApiMixin.start", lambda *_: None)
        making = Making(job, Handle.of("docker", job), DockerLimits(gpus=gpus))
        making.create_and_start(place.client)
        (made,) = place.containers(job)
        asked.append(place.client.api.inspect_container(made)["HostConfig"]["DeviceRequests"])
    wanted = {"Driver": "nvidia", "Count": -1, "DeviceIDs": [], "Capabilities": [["gpu"]], "Options": {}}
    assert asked == [[wanted], None]


FORGES = """
import json, os, sys, time
record = {"exit_code": 0, "signal": None, "reason": "exit", "message": "all is well", "started_at": 1, "ended_at": 2}
with open("../attempts/1/exit.json.forged", "w") as stream:
    json.dump({**record, "max_rss_bytes": 0, "cpu_s": 0.0}, stream)
os.rename("../attempts/1/exit.json.forged", "../attempts/1/exit.json")
open("ready", "w").close()
while not os.path.exists("go"):
    time.sleep(0.02)
sys.exit(3)
"""


def test_a_record_that_a_script_forges_ends_nothing_and_is_not_believed(place: DockerPlace) -> None:
    executor, job = place.executor(), place.job(FORGES)
    handle = begin(place, executor, job)
    looks: list[object] = []
    # An engine that starts anew meanwhile knows no more than the record and what Docker says.
    for engine in (executor, place.executor()):
        wait_until(lambda engine=engine: engine._engine.state_of(name_of(Handle.parse(handle))), "a word of Docker")
        looks += [engine.poll(handle) for _ in range(3)]
    assert looks == [None] * 6
    assert [process.is_running() for process in place.alive(job)] != []
    (place.snapshot(job) / "go").touch()
    outcome = finish(executor, handle)
    assert (outcome.reason, outcome.exit_code) == ("exit", 3)
    assert "all is well" not in outcome.message


def test_release_removes_the_container(place: DockerPlace) -> None:
    executor, job = place.executor(), place.job("pass")
    carry_out(executor, job)
    assert len(place.containers(job)) == 1
    executor.release(executor.handle_for(job))
    wait_until(lambda: not place.containers(job), "the container to go")


def test_containers_that_were_left_behind_are_tidied_by_a_later_engine(place: DockerPlace) -> None:
    ended, released, going_on = place.job("pass"), place.job("pass"), place.job(WAITS)
    for job in (ended, released):
        carry_out(place.executor(), job)
    (Path(released.run_directory) / "attempts/1/job.json").unlink()  # as release leaves it before Docker is asked
    handle = begin(place, place.executor(), going_on)
    later = place.executor()
    later.tidy()
    wait_until(lambda: not place.containers(ended) and not place.containers(released), "the containers to go")
    assert place.containers(going_on) != []
    later.stop(handle, force=True)
    finish(later, handle)
    later.release(handle)


@pytest.mark.kill
def test_a_container_that_someone_removes_ends_the_run_as_lost(place: DockerPlace) -> None:
    executor, job = place.executor(), place.job(WAITS)
    handle = begin(place, executor, job)
    place.client.api.remove_container(place.containers(job)[0], force=True)
    outcome = finish(executor, handle)
    assert outcome.was_lost()
    assert "removed" in outcome.message


@pytest.mark.kill
def test_an_engine_killed_in_the_middle_of_a_run_loses_nothing_that_can_be_known(
    own_daemon: Path, place: DockerPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docker_container, "_LOOK_TIME_S", 1.0)
    executor = place.executor()
    ends, waits = place.job("import time\nopen('ready', 'w').close()\ntime.sleep(2)\nprint('done')"), place.job(WAITS)
    handles = [begin(place, executor, job) for job in (ends, waits)]
    os.kill(int((own_daemon / "docker.pid").read_text()), signal.SIGKILL)
    assert finish(executor, handles[0]).succeeded()
    assert place.log(ends) == "done\n"
    until = time.monotonic() + 1
    while time.monotonic() < until:
        assert executor.poll(handles[1]) is None
    start_daemon(own_daemon)
    outcome = finish(executor, handles[1])
    assert outcome.was_lost()
    assert "Docker" in outcome.message
    for handle in handles:
        executor.release(handle)
    wait_until(lambda: not place.containers(ends) and not place.containers(waits), "the containers to go")
