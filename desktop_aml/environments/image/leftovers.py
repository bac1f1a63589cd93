"""What interrupted builds leave on a Docker engine, taken away: containers of steps, layers without a name."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from desktop_aml import docker_access
from desktop_aml.environments.image.python import QUESTION_LABEL, is_asking

if TYPE_CHECKING:
    from docker import DockerClient

LABEL: Final = "desktop-aml.builds"
"""Label of every layer that is built; its value names the builds folder that it is for."""

_CONFLICT: Final = 409
_SETTLE_S: Final = 15.0
_LOOK_S: Final = 0.1


def remove(client: DockerClient, owner: str, memory: Path) -> None:
    """Remove the containers and nameless layers of the builds of `owner`. Only for whoever holds the lock of builds.

    The engine may still be ending the step of a build whose client is gone: that is waited for, within reason.
    Questions are asked without that lock: one whose asker waits is no leftover.

    Parameters
    ----------
    memory : Path
        Folder in which the answers are remembered.
    """
    from docker.errors import APIError

    until = time.monotonic() + _SETTLE_S
    while time.monotonic() < until:
        with docker_access.in_words():
            containers = _containers_of_steps(client, owner, memory)
            for container in containers:
                # Gone meanwhile, or being removed by the engine itself: the next look tells.
                with suppress(APIError):
                    client.api.remove_container(container, force=True, v=True)
            filters = {"dangling": True, "label": f"{LABEL}={owner}"}
            try:
                removed = client.images.prune(filters).get("ImagesDeleted") or ()
            except APIError as error:
                if error.status_code != _CONFLICT:
                    raise
                removed = ("whatever it is",)  # an engine prunes for one at a time: the next look tells
        if not containers and not removed:
            return
        threading.Event().wait(_LOOK_S)


def _containers_of_steps(client: DockerClient, owner: str, memory: Path) -> list[str]:
    """Return the containers that steps and questions run in. Containers of runs have their label from a named image."""
    asked = client.api.containers(all=True, filters={"label": f"{QUESTION_LABEL}={owner}"})
    from_ours = client.api.containers(all=True, filters={"label": f"{LABEL}={owner}"})
    named = {image["Id"] for image in client.api.images(filters={"dangling": False})}
    others = ("desktop-aml", QUESTION_LABEL)
    steps = [one for one in from_ours if one["ImageID"] not in named and not one["Labels"].keys() & others]
    left = [one for one in asked if not is_asking(memory, one["Labels"])]
    return [one["Id"] for one in (*left, *steps)]


def untag(client: DockerClient, name: str) -> None:
    """Take the name from an image, so that `remove` takes the image; nothing happens when there is none."""
    from docker.errors import ImageNotFound

    with docker_access.in_words(), suppress(ImageNotFound):
        client.api.remove_image(name, noprune=False)
