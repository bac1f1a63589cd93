"""The image builder: a specification to a Docker image, made once and found again by what it holds.

An image is named by the hash of its lock and its base image. One image is built at a time: whoever holds the lock may
take away what an interrupted build left, whose images and containers are known by their label.
"""

from __future__ import annotations

import hashlib
import json
import logging
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from desktop_aml import docker_access
from desktop_aml.domain.environments import BuiltEnvironment, EnvironmentLock, PythonPinPolicy
from desktop_aml.domain.errors import BuildCanceled, PreparationError
from desktop_aml.environments import failures, image_context, image_leftovers, image_stream, interpreters, uv_process
from desktop_aml.environments.base_images import BaseImages, local_id
from desktop_aml.environments.build_files import exclusive, remove_tree
from desktop_aml.environments.image_python import ImagePython
from desktop_aml.environments.resolver import Locks, Target, Watch
from desktop_aml.environments.spec import Specification

if TYPE_CHECKING:
    from docker import DockerClient

_log = logging.getLogger(__name__)

REPOSITORY: Final = "desktop-aml/environment"
"""Name of all images of environments; the tag is the beginning of the build key."""

BUILDER: Final = "image"


def tag_of(key: str) -> str:
    """Return the name of the image of a build."""
    return f"{REPOSITORY}:{key[:40]}"


class ImageBuilder:
    """Makes the images of one builds folder on one Docker engine.

    Parameters
    ----------
    builds : Path
        Folder of the builds; locks and answers are remembered in it.
    base_image : str
        Name of the base image, with ``{version}`` for the Python version.
    policy : PythonPinPolicy
        What to do when there is no base image with exactly the Python asked for.
    address : str
        The Docker engine; empty for the one that `docker_access.connect` finds.
    """

    def __init__(self, builds: Path, base_image: str, policy: PythonPinPolicy, address: str = "") -> None:
        self._builds = builds
        self._memory = builds / "images"
        self._base_image = base_image
        self._policy = policy
        self._address = address
        self._locks = Locks(builds / "locks")
        self._owner = hashlib.sha256(str(builds.absolute()).encode()).hexdigest()[:24]

    def make_ready(self, spec: Specification, watch: Watch) -> BuiltEnvironment:
        """Return the image of a specification, building it when there is none yet.

        Raises
        ------
        MissingOnComputer
            When there is no Docker engine, or no base image with the Python asked for.
        PreparationError
            When it cannot be resolved, installed or built. Nothing is left but the log.
        BuildCanceled
            When the watcher cancelled. Nothing is left but the log.
        """
        client = self._connect()
        try:
            bases = BaseImages(self._connect, self._base_image, self._policy, self._memory, self._owner)
            found = bases.known(spec.python)
            lock = self._locks.known(spec, self._target(found[1], found[2])) if found is not None else None
            if found is not None and lock is not None:
                built = self._find(client, _with_base(lock, found[0], found[1]))
                if built is not None:
                    return built
            # Only now: the log of a finished build stays for as long as the build is used.
            watch.log_path.write_bytes(b"")
            name, python, note = found or bases.choose(spec.python, watch)
            lock = _with_base(self._locks.lock(spec, self._target(python, note), watch), name, python)
            return self._build(client, lock, name, python, spec, watch)
        finally:
            client.close()

    def _connect(self) -> DockerClient:
        return docker_access.connect(self._address)

    def _target(self, python: ImagePython, note: str) -> Target:
        platform = python.platform_for_uv()
        words = ("--python-version", python.version, "--python-platform", platform)
        return Target(python.version, platform, BUILDER, words, (note,) if note else ())

    def _find(self, client: DockerClient, lock: EnvironmentLock) -> BuiltEnvironment | None:
        key = key_of(lock)
        image_id = local_id(client, tag_of(key))
        return BuiltEnvironment(key, image_context.PYTHON, lock, image_id) if image_id else None

    def _build(
        self,
        client: DockerClient,
        lock: EnvironmentLock,
        base: str,
        python: ImagePython,
        spec: Specification,
        watch: Watch,
    ) -> BuiltEnvironment:
        labels = {image_leftovers.LABEL: self._owner}

        def make() -> BuiltEnvironment:
            folder = self._memory / "context"
            remove_tree(folder)
            try:
                self._install(folder, lock, python, spec, watch)
                self._make_image(image_context.dockerfile(base, labels), folder, tag_of(key_of(lock)), watch)
            finally:
                remove_tree(folder)
            found = self._find(client, lock)
            if found is None:
                raise PreparationError("The image was removed as soon as it was built.", "Build it again.")
            watch.tell("Ready", f"{len(lock.packages)} packages", 1.0)
            return found

        return self.alone(client, lambda: self._find(client, lock), make, watch)

    def alone(
        self,
        client: DockerClient,
        find: Callable[[], BuiltEnvironment | None],
        make: Callable[[], BuiltEnvironment],
        watch: Watch,
    ) -> BuiltEnvironment:
        """Return what `find` finds, else what `make` makes while nobody else builds an image; clean up if it fails."""

        def tell_waiting() -> None:
            watch.tell("Waiting", "Another image is being built")

        try:
            with exclusive(self._builds / "images.building", watch.cancel, tell_waiting):
                found = find()
                if found is not None:
                    return found
                image_leftovers.remove(client, self._owner)
                try:
                    return make()
                except BaseException:
                    image_leftovers.remove(client, self._owner)
                    raise
        except OSError as error:
            raise failures.cannot_write(self._builds, error) from error

    def _install(
        self, folder: Path, lock: EnvironmentLock, python: ImagePython, spec: Specification, watch: Watch
    ) -> None:
        """Put the packages of a lock, for the image's Python, into `folder`."""
        self._memory.mkdir(mode=0o700, parents=True, exist_ok=True)
        image_context.lay_out(folder, python)
        if not lock.text:
            return
        requirements = folder.with_name("requirements.txt")
        requirements.write_text(lock.text, "utf-8")
        installer = self._installer(python)
        target = image_context.site_packages(folder, python)
        watch.tell("Installing", f"{len(lock.packages)} packages", 0.2)
        words = [uv_process.uv_path(), "pip", "install", "--target", str(target), "--python", installer]
        words += ["--python-version", python.version, "--python-platform", python.platform_for_uv()]
        words += ["--require-hashes", "--no-deps", "-r", str(requirements)]
        code, printed = uv_process.run(
            words,
            log_path=watch.log_path,
            cancel=watch.cancel,
            cwd=folder,
            on_line=lambda line: None if line.startswith("Using ") else watch.tell("Installing", line[:200], 0.3),
        )
        if code != 0:
            raise failures.explain(printed, spec)
        image_context.adopt_scripts(folder, python, installer)

    def _installer(self, python: ImagePython) -> str:
        """Return the interpreter that installs; it builds what is only published as source, so a like one is best."""
        found = interpreters.find_all(self._builds / "interpreters.json")
        like = [one for one in found if one.version_text.startswith(f"{python.minor}.")]
        return (*like, *found)[0].path

    def _make_image(self, steps: str, folder: Path | None, tag: str, watch: Watch) -> None:
        def go_on() -> None:
            if watch.cancel.is_set():
                raise BuildCanceled("The build was canceled.")

        watch.tell("Building the image", "Sending the packages to the Docker engine", 0.5)
        builder = self._connect()
        try:
            # Without a name, so that it goes with this process whatever becomes of it.
            with tempfile.TemporaryFile(dir=self._builds) as context:
                image_context.pack(steps, folder, context, go_on)
                image_stream.build(builder, context, tag, watch, span=(0.6, 0.95))
        except BuildCanceled:
            image_leftovers.untag(builder, tag)
            raise
        finally:
            builder.close()


def key_of(lock: EnvironmentLock) -> str:
    """Return the hash that names a build: of the lock, the platform with the base image, and the builder."""
    content = json.dumps([lock.text, lock.python_version, lock.platform, lock.builder])
    return hashlib.sha256(content.encode()).hexdigest()


def _with_base(lock: EnvironmentLock, name: str, python: ImagePython) -> EnvironmentLock:
    return replace(lock, platform=f"{lock.platform} in {name} ({python.image.rpartition(':')[2][:12]})")
