"""What images of environments take, as engines tell it that are not quite alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest

from desktop_aml.environments.image.disk_usage import found_in
from desktop_aml.environments.image.engine import ImageEngine

LABELS = {"desktop-aml.builds": "here"}
CONTAINER = {"Id": "c1", "Names": ["/mine"], "ImageID": "sha256:a1"}


def engine(images: list[dict[str, Any]], used: list[dict[str, Any]]) -> ImageEngine:
    api = SimpleNamespace(images=lambda: images, containers=lambda **_: [CONTAINER])
    client = SimpleNamespace(api=api, df=lambda: {"Images": used})

    @contextmanager
    def connected() -> Iterator[SimpleNamespace]:
        yield client

    return cast(ImageEngine, SimpleNamespace(labels=LABELS, client=connected))


@pytest.mark.parametrize(
    ("tag", "used", "size"),
    [
        ("desktop-aml/environment:key", {"Id": "sha256:a1", "SharedSize": 40}, 60),
        ("desktop-aml/environment:key", {"Id": "sha256:a1", "SharedSize": -1}, 100),
        # Podman 4: no labels there, no names, and all is shared.
        ("docker.io/desktop-aml/environment:key", {"Id": "a1", "SharedSize": 100, "RepoTags": ["key"]}, 100),
        ("localhost/desktop-aml/environment:key", {"Id": "a1", "SharedSize": 100, "RepoTags": ["key"]}, 100),
    ],
)
def test_images_of_environments_are_found_on_docker_and_on_podman(tag: str, used: dict[str, Any], size: int) -> None:
    image = {"Id": "sha256:a1", "Size": 100, "Created": 5, "Labels": LABELS, "RepoTags": [tag]}
    strange = {**image, "Id": "sha256:b1", "Labels": {}}
    [found] = found_in(engine([image, strange], [used]))
    assert (found.key, found.id, found.size_bytes, found.containers) == ("key", "a1", size, ("mine",))
