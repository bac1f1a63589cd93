"""The Docker engine as the builders of images see it: look, fetch, ask, build one at a time, leave nothing behind."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, TypeVar

from desktop_aml import docker_access
from desktop_aml.docker_access import computer
from desktop_aml.domain.errors import BuildCanceled, DesktopAMLError
from desktop_aml.environments.image import buildkit
from desktop_aml.environments.image import context as image_context
from desktop_aml.environments.image import leftovers as image_leftovers
from desktop_aml.environments.image import python as image_python
from desktop_aml.environments.image import stream as image_stream
from desktop_aml.environments.image.python import ImagePython
from desktop_aml.environments.spec import kept_files
from desktop_aml.environments.toolchain import failures
from desktop_aml.environments.toolchain.builder import Watch
from desktop_aml.environments.toolchain.files import exclusive, exclusive_if_free, remove_tree

if TYPE_CHECKING:
    from docker import DockerClient

T = TypeVar("T")

_log = logging.getLogger(__name__)

LOCK: Final = "images.building"
"""Name of the lock file that whoever builds an image holds."""

CONTEXT: Final = "context"
"""Folder in which the packages of an image are put in place."""

REPOSITORY: Final = "desktop-aml/environment"
"""Name of all images that are built here; the tag is the beginning of the build key."""


def tag_of(key: str) -> str:
    """Return the name of the image of a build."""
    return f"{REPOSITORY}:{key[:40]}"


@dataclass(frozen=True, slots=True)
class Image:
    """An image that the engine has, and the variables that its processes start with."""

    id: str
    env_vars: tuple[tuple[str, str], ...]


class ImageEngine:
    """One Docker engine, for one builds folder.

    Parameters
    ----------
    builds : Path
        Folder of the builds; answers are remembered in it.
    address : str
        Of the engine; empty for the one that `docker_access.connect` finds.
    """

    def __init__(self, builds: Path, address: str = "") -> None:
        self.memory = builds / "images"
        self._builds = builds
        self._address = address
        # Another computer may build on the same engine, in a folder of the same name.
        whose = f"{computer.this_computer()} {builds.absolute()}"
        self._owner = hashlib.sha256(whose.encode()).hexdigest()[:24]
        self.labels = {image_leftovers.LABEL: self._owner}
        self.lock_path = builds / LOCK

    @contextmanager
    def client(self) -> Iterator[DockerClient]:
        """Yield a client of its own: whoever cancels may close its connections.

        Raises
        ------
        MissingOnComputer
            When no engine answers.
        """
        made = docker_access.connect(self._address)
        try:
            yield made
        finally:
            made.close()

    def look(self, name: str) -> Image | None:
        """Return an image that the engine has; None when it has none of that name."""
        from docker.errors import ImageNotFound

        with self.client() as client, docker_access.in_words():
            try:
                found = client.images.get(name)
            except ImageNotFound:
                return None
            pairs = (tuple(pair.split("=", 1)) for pair in found.attrs["Config"].get("Env") or ())
            return Image(str(found.id), tuple((pair[0], pair[1]) for pair in pairs if len(pair) == 2))

    def names(self) -> list[str]:
        """Return the names of the images that the engine has, but for those of environments; none when it is away."""
        with suppress(DesktopAMLError), self.client() as client, docker_access.in_words():
            found = {
                docker_access.plain_name(str(tag))
                for image in client.api.images()
                for tag in image.get("RepoTags") or ()
            }
            return sorted(name for name in found if not name.startswith((f"{REPOSITORY}:", "<none>")))
        return []

    def pull(self, name: str, watch: Watch) -> None:
        """Fetch an image from its registry."""
        with self.client() as client:
            image_stream.pull(client, name, watch)

    def python_of(self, image: Image, name: str) -> ImagePython:
        """Return the Python of an image that the user knows as `name`."""
        with self.client() as client:
            return image_python.python_of(client, image.id, name, self.memory, self._owner)

    def make_once(self, find: Callable[[], T | None], make: Callable[[int], None], watch: Watch) -> T | None:
        """Return what `find` finds, if need be after `make` while nobody else builds an image.

        Parameters
        ----------
        make : callable
            Its argument is the descriptor that every process it starts must inherit: nobody else builds an image as
            long as one of them still writes.

        Raises
        ------
        PreparationError
            When it cannot be made. Nothing is left but the log.
        BuildCanceled
            When the watcher cancelled. Nothing is left but the log.
        """
        try:
            with exclusive(self.lock_path, watch.cancel, lambda: _tell_waiting(watch)) as held:
                found = find()
                if found is not None:
                    return found
                self.memory.mkdir(mode=0o700, parents=True, exist_ok=True)
                self.remove_leftovers()
                try:
                    make(held)
                finally:
                    # Of a build that ended well, too: the earlier stages of a Dockerfile are in no image.
                    self.remove_leftovers()
                return find()
        except OSError as error:
            raise failures.cannot_write(self._builds, error) from error

    def build(self, context: IO[bytes], tag: str, watch: Watch, *, start: float, network: str | None = None) -> None:
        """Build an image; only inside `make_once`."""
        with self.client() as client, self._untagged_by_cancel(tag):
            image_stream.build(client, context, tag, watch, span=(start, 0.99), network=network)

    def build_given(self, text: str, tag: str, watch: Watch, *, start: float) -> None:
        """Build an image from a user's Dockerfile and the files kept in it; only inside `make_once`.

        With BuildKit where there is one.

        Raises
        ------
        BuildRefused
            When a step fails.
        PreparationError
            When it needs BuildKit and there is none.
        """
        body, files = kept_files.read(text)
        with self.client() as client, docker_access.in_words():
            program = buildkit.command_for(client)
            is_podman = docker_access.is_podman(client.version())
        if program is None and not is_podman:
            buildkit.refuse_without(body)
        classic = "podman's own builder" if is_podman else "the Docker engine's classic builder"
        name = f"BuildKit, through {program}" if program else classic
        with watch.log_path.open("ab") as log:
            log.write(f"The image is built by {name}.\n".encode())
        if program is None:
            with tempfile.TemporaryFile(dir=self._builds) as context:
                image_context.pack(image_context.labelled(body, self.labels), None, context, lambda: None, files)
                self.build(context, tag, watch, start=start)
            return
        with self._untagged_by_cancel(tag):
            buildkit.build(
                program, body, tag, self.labels, watch, files=files, wanted=self._address, span=(start, 0.99)
            )

    @contextmanager
    def _untagged_by_cancel(self, tag: str) -> Iterator[None]:
        try:
            yield
        except BuildCanceled:
            # The cancel may have come when all was done but to say so.
            with self.client() as other:
                image_leftovers.untag(other, tag)
            raise

    def sweep(self) -> None:
        """Take away what killed builders left, unless somebody builds now or there is no engine to ask."""
        with exclusive_if_free(self.lock_path) as held:
            if held is None:
                return
            remove_tree(self.memory / CONTEXT)
            try:
                self.remove_leftovers()
            except DesktopAMLError as error:
                _log.info("What interrupted builds of images left stays for now: %s", error.message)

    def remove_leftovers(self) -> None:
        """Take away what interrupted builds left on the engine; only for whoever holds the lock of builds."""
        with self.client() as client:
            image_leftovers.remove(client, self._owner, self.memory)


def _tell_waiting(watch: Watch) -> None:
    watch.tell("Waiting", "Another image is being built")
