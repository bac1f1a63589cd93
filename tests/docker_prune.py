"""What tests leave on a Docker engine is removed from it."""

from __future__ import annotations

from http import HTTPStatus

from docker import DockerClient
from docker.errors import APIError

from tests.conftest import wait_until


def prune(client: DockerClient, label: str) -> None:
    """Remove images of a label that have no name; an engine prunes for one at a time, so that one may have to wait."""

    def is_done() -> bool:
        try:
            client.images.prune({"dangling": True, "label": label})
        except APIError as error:
            if error.status_code != HTTPStatus.CONFLICT:
                raise
            return False
        return True

    wait_until(is_done, "the Docker engine to prune")
