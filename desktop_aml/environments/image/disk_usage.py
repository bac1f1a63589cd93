"""Room that images of environments take on the Docker engine: measured, and given back where nobody counts on one.

Only images that were built here, for this folder of builds, are looked at; their label tells. Which of them are
needed is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from desktop_aml import docker_access
from desktop_aml.environments.image.engine import REPOSITORY, ImageEngine, tag_of
from desktop_aml.environments.toolchain.files import exclusive_if_free

_CONFLICT: Final = 409


@dataclass(frozen=True, slots=True)
class FoundImage:
    """One image.

    Parameters
    ----------
    key : str
        The beginning of its build's key.
    id : str
        What the engine calls it, without the name of the hash.
    size_bytes : int
        What is the image's own: layers that other images share, such as the base image's, are not in it.
    made_at : float
        Unix time.
    containers : tuple of str
        Names of the containers that are made of it, running or not.
    """

    key: str
    id: str
    size_bytes: int
    made_at: float
    containers: tuple[str, ...] = ()


def found_in(engine: ImageEngine) -> tuple[FoundImage, ...]:
    """Return every finished image that was built for the engine's folder of builds.

    Raises
    ------
    MissingOnComputer
        When no engine answers.
    """
    labels = engine.labels.items()
    with engine.client() as client, docker_access.in_words():
        # What is shared is known to this call alone, and the rest of what it says is not the same on every engine.
        shared = {_bare(one["Id"]): int(one["SharedSize"]) for one in client.df()["Images"] or ()}
        images = client.api.images()
        containers = client.api.containers(all=True)
    found = []
    for image in images:
        if not labels <= (image["Labels"] or {}).items():
            continue
        names = tuple(
            one["Names"][0].lstrip("/")
            for one in containers
            if one["Names"] and _bare(one["ImageID"]) == _bare(image["Id"])
        )
        # An engine that has not reckoned what is shared says -1, or that all is.
        known = shared.get(_bare(image["Id"]), -1)
        size = image["Size"] - (known if 0 <= known < image["Size"] else 0)
        for tag in image["RepoTags"] or ():
            name, _, key = docker_access.plain_name(tag).rpartition(":")
            if name == REPOSITORY:
                found.append(FoundImage(key, _bare(image["Id"]), size, float(image["Created"]), names))
    return tuple(sorted(found, key=lambda one: one.key))


def remove(engine: ImageEngine, image: FoundImage) -> bool:
    """Remove an image; return False when somebody builds now, a container is made of it, or it is another by now.

    Raises
    ------
    MissingOnComputer
        When no engine answers.
    """
    from docker.errors import APIError, ImageNotFound

    with exclusive_if_free(engine.lock_path) as held:
        if held is None:
            return False
        with engine.client() as client, docker_access.in_words():
            try:
                if _bare(str(client.images.get(tag_of(image.key)).id)) != image.id:
                    return False
                # Without force: the engine refuses what a container is made of, and that is meant.
                client.api.remove_image(tag_of(image.key), force=False, noprune=False)
            except ImageNotFound:
                return True
            except APIError as error:
                if error.status_code == _CONFLICT:
                    return False
                raise
    return True


def _bare(identity: str) -> str:
    return identity.rpartition(":")[2]
