"""What becomes of a container that two engines want to make at once."""

from __future__ import annotations

from typing import Any, cast

import pytest
import requests

from desktop_aml.domain.jobs import Job
from desktop_aml.executors import docker_making
from desktop_aml.executors.attempt_files import Handle
from desktop_aml.executors.docker_luggage import Luggage
from desktop_aml.executors.docker_making import NO_LIMITS, Making


class Taken:
    """An engine on which somebody else has taken the name: the container can be seen only at the third look."""

    def __init__(self) -> None:
        self.api = self
        self.looks = 0

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


def test_a_container_that_somebody_else_makes_is_waited_for_until_it_can_be_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(docker_making, "_LOOK_S", 0.0)
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
    )
    making = Making(job, Handle.of("docker", job), NO_LIMITS, cast("Luggage", object()))
    client = Taken()
    making.create_and_start(cast("Any", client))
    assert client.looks == 3
