"""What becomes of a container that two engines want to make at once, and what a run may ask of its own."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import requests

from desktop_aml.domain.errors import PreparationError
from desktop_aml.domain.jobs import ContainerOptions, Job
from desktop_aml.executors import docker_endings, docker_making
from desktop_aml.executors.attempt_files import Handle
from desktop_aml.executors.docker_container import DockerContainerExecutor
from desktop_aml.executors.docker_luggage import Luggage
from desktop_aml.executors.docker_making import NO_LIMITS, DockerLimits, Making
from desktop_aml.run_folder.collect import explain
from tests.contracts.places import DockerPlace, carry_out

TELLS = """
import os, resource, shutil
print(shutil.disk_usage("/dev/shm").total >> 20)
print(resource.getrlimit(resource.RLIMIT_NOFILE))
print(sorted(os.listdir("/sys/class/net")))
"""

FILLS = """
import mmap, os
file = os.open("/dev/shm/big", os.O_RDWR | os.O_CREAT)
os.ftruncate(file, 64 << 20)
mmap.mmap(file, 64 << 20).write(b"x" * (64 << 20))
"""


class Taken:
    """An engine on which somebody else has taken the name: the container can be seen only at the third look."""

    def __init__(self) -> None:
        self.api = self
        self.looks = 0
        self.told: dict[str, object] = {}

    def info(self) -> dict[str, object]:
        return self.told

    def create_host_config(self, **_: object) -> dict[str, object]:
        return {}

    def create_container(self, *_: object, **__: object) -> None:
        from docker.errors import APIError

        response = requests.Response()
        response.status_code = 409
        raise APIError("The name is in use.", response=response)

    def inspect_container(self, name: str) -> dict[str, Any]:
        from docker.errors import NotFound

        self.looks += 1
        if self.looks < 3:
            raise NotFound(f"No such container: {name}")
        return {"State": {"Status": "created", "ExitCode": 0}}


def making_of(container: ContainerOptions = ContainerOptions()) -> Making:  # noqa: B008 - a value
    job = Job(
        run_id="run",
        attempt=1,
        run_directory="/runs/run",
        python="python",
        script="train.py",
        arguments=(),
        nonce="nonce",
        timeout_s=None,
        grace_s=1.0,
        env_vars={},
        image="base",
        container=container,
    )
    return Making(job, Handle.of("docker", job), NO_LIMITS, cast("Luggage", object()))


def test_a_container_that_somebody_else_makes_is_waited_for_until_it_can_be_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(docker_making, "_LOOK_S", 0.0)
    making = making_of()
    client = Taken()
    making.create_and_start(cast("Any", client))
    assert client.looks == 3


def test_a_limit_that_an_engine_without_root_would_ignore_is_refused() -> None:
    client = Taken()
    client.told = {"Rootless": True, "CgroupVersion": "1"}
    with pytest.raises(PreparationError, match="keeps no limit of memory") as caught:
        making_of(ContainerOptions(memory_bytes=1 << 30)).create_and_start(cast("Any", client))
    # What to do is said once.
    assert docker_endings.not_started(caught.value).message.count(caught.value.hint) == 1


@pytest.fixture
def place(docker_host: str, tmp_path: Path, marked_processes: object) -> Iterator[DockerPlace]:
    made = DockerPlace(tmp_path)
    yield made
    made.close()


def test_a_container_has_the_shared_memory_that_azure_gives(place: DockerPlace) -> None:
    job = place.job(TELLS)
    assert carry_out(place.executor(), job).succeeded()
    assert place.log(job).splitlines()[0] == "2048"


def test_a_run_may_ask_for_other_shared_memory_limits_and_no_network(place: DockerPlace) -> None:
    asked = ContainerOptions(shm_bytes=96 << 20, ulimits={"nofile": (100, 200)}, is_offline=True, memory_bytes=1 << 30)
    job = place.job(TELLS, container=asked)
    assert carry_out(place.executor(), job).succeeded()
    assert place.log(job).splitlines() == ["96", "(100, 200)", "['lo']"]


def test_a_run_cannot_ask_for_more_than_the_settings_allow(place: DockerPlace) -> None:
    executor = place.executor(DockerContainerExecutor(limits=DockerLimits(memory_in_gb=0.05)))
    job = place.job("held = bytearray(400_000_000)\nprint(len(held))", container=ContainerOptions(memory_bytes=8 << 30))
    assert carry_out(executor, job).signal == signal.SIGKILL


def test_full_shared_memory_is_told_with_what_gives_more(place: DockerPlace) -> None:
    job = place.job(FILLS, container=ContainerOptions(shm_bytes=1 << 20))
    outcome = carry_out(place.executor(), job)
    assert outcome.signal == signal.SIGBUS
    failure = explain(outcome, Path(job.run_directory))
    assert "SIGBUS" in failure.message
    assert "shm_size" in failure.hint
