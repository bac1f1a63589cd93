"""Images that the user gives: a Dockerfile, built as it is, or the name of an image, used as it is.

There is nothing to resolve: what is installed beside the image's Python stands for the lock.
"""

from __future__ import annotations

import hashlib

from desktop_aml.domain.environments import BuiltEnvironment, EnvironmentKind, EnvironmentLock, LockedPackage
from desktop_aml.domain.errors import PreparationError
from desktop_aml.environments.image.engine import Image, ImageEngine, tag_of
from desktop_aml.environments.image.stream import BuildRefused
from desktop_aml.environments.spec.package_names import normalised
from desktop_aml.environments.spec.parsing import Specification
from desktop_aml.environments.toolchain.builder import Watch


def key_of(spec: Specification) -> str:
    """Return the key of the image of a Dockerfile."""
    return hashlib.sha256(spec.container.encode()).hexdigest()


class GivenImages:
    """Makes the images ready that the user gives."""

    def __init__(self, engine: ImageEngine) -> None:
        self._engine = engine

    def make_ready(self, spec: Specification, watch: Watch) -> BuiltEnvironment:
        """Return the environment in an image, fetched or built when the engine has it not.

        Raises
        ------
        PreparationError
            When it cannot be fetched or built, or has no Python. A Dockerfile's line at fault is named.
        BuildCanceled
            When the watcher cancelled.
        """
        if spec.kind is EnvironmentKind.IMAGE:
            return self._fetched(spec.container, watch)
        key = key_of(spec)
        image = self._engine.look(tag_of(key)) or self._built(spec, tag_of(key), watch)
        return self._described(
            image, "the Dockerfile's image", "Built from a Dockerfile: what a later build holds may differ."
        )

    def _fetched(self, name: str, watch: Watch) -> BuiltEnvironment:
        image = self._engine.look(name)
        if image is None:
            watch.log_path.write_bytes(b"")
            try:
                self._engine.pull(name, watch)
            except PreparationError as error:
                raise _not_there(name, error) from error
            image = self._engine.look(name)
        if image is None:
            raise _not_there(name, None)
        return self._described(image, name, f"The image “{name}”, used as it is.")

    def _built(self, spec: Specification, tag: str, watch: Watch) -> Image:
        watch.log_path.write_bytes(b"")

        def make(_held: int) -> None:
            watch.tell("Building the image", "", 0.1)
            try:
                self._engine.build_given(spec.container, tag, watch, start=0.1)
            except BuildRefused as error:
                raise _with_line(error, spec.container) from error
            watch.tell("Ready", "", 1.0)

        image = self._engine.make_once(lambda: self._engine.look(tag), make, watch)
        if image is None:
            raise PreparationError("The image was removed as soon as it was built.", "Build it again.")
        return image

    def _described(self, image: Image, name: str, note: str) -> BuiltEnvironment:
        python = self._engine.python_of(image, name)
        packages = tuple(sorted((normalised(package), version) for package, version in python.packages.items()))
        lock = EnvironmentLock(
            python_version=python.version,
            platform=f"{python.machine} in {name} ({image.id.rpartition(':')[2][:12]})",
            builder="given-image",
            packages=tuple(LockedPackage(*package) for package in packages),
            text="".join(f"{package}=={version}\n" for package, version in packages),
            notes=(note,),
        )
        return BuiltEnvironment(image.id.rpartition(":")[2], python.path, lock, image.id, image.env_vars)


def _not_there(name: str, error: PreparationError | None) -> PreparationError:
    reason = f" {error.message}" if error is not None else ""
    return PreparationError(
        f"The image “{name}” is not on the Docker engine and cannot be fetched.{reason}",
        "Check its name, connect to the network, log in to its registry (docker login), or take it from a file of"
        " another computer: desktop-aml docker load FILE",
    )


def _with_line(error: BuildRefused, text: str) -> PreparationError:
    """Return the error with the line of the Dockerfile whose step failed."""
    step = error.step.split()
    for number, line in enumerate(text.splitlines(), 1):
        # A step that goes on over several lines is known by its first one.
        words = line.rstrip("\\").split()
        if words and [words[0].upper(), *words[1:]] == step[: len(words)]:
            message = f"Line {number}: {error.message}"
            return PreparationError(message, "Change it, then build again.", details=error.details)
    return PreparationError(f"The image could not be built: {error.message}", details=error.details)
