"""What Desktop AML has on the Docker engine: its images and containers, listed, removed, saved, and entered.

Only what was made here, by this user of this computer, is ever listed or removed.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from desktop_aml import docker_access
from desktop_aml.docker_access import computer
from desktop_aml.domain.errors import (
    Conflict,
    InvalidInput,
    MissingOnComputer,
    NotFound,
    PreparationError,
    StorageError,
)
from desktop_aml.domain.runs import DOCKER
from desktop_aml.environments.image import disk_usage
from desktop_aml.environments.image.engine import REPOSITORY, ImageEngine
from desktop_aml.executors.docker_engine import LABEL, remove_container
from desktop_aml.run_folder import properties
from desktop_aml.settings import Settings, builds_folder

if TYPE_CHECKING:
    from docker import DockerClient

    from desktop_aml.domain.runs import RunDetail

IMAGE: Final = "image"
CONTAINER: Final = "container"

_SHELL: Final = ("sh", "-c", "command -v bash >/dev/null && exec bash || exec sh")
_RUN_OF: Final = "desktop-aml.run"
_PART: Final = ".part"


@dataclass(frozen=True, slots=True)
class DockerThing:
    """An image or a container of ours.

    Parameters
    ----------
    kind : str
        ``"image"`` or ``"container"``.
    size_bytes : int
        Of an image what no other one shares; of a container what it wrote.
    state : str
        Of a container, as Docker says it; of an image, how many containers are made of it.
    of : str
        The run of a container.
    ports : str
        Where published ports of a container are reached.
    """

    kind: str
    name: str
    id: str
    size_bytes: int
    state: str
    made_at: float
    of: str = ""
    ports: str = ""


class DockerThings:
    """The images and containers of this user on the Docker engine.

    Parameters
    ----------
    settings : Settings
        They say where environments are built, and so which images are ours, and which network containers have.
    """

    def __init__(self, settings: Settings) -> None:
        self._images, self._network = ImageEngine(builds_folder(settings)), settings.docker_network

    def everything(self) -> tuple[DockerThing, ...]:
        """Return all of them: containers first, then images.

        Raises
        ------
        MissingOnComputer
            When no engine answers.
        """
        with self._images.client() as client, docker_access.in_words():
            containers = [_container(one) for one in _ours(client, sized=True)]
        images = []
        for one in disk_usage.found_in(self._images):
            used = f"containers: {len(one.containers)}" if one.containers else "not used"
            images.append(DockerThing(IMAGE, f"{REPOSITORY}:{one.key}", one.id[:12], one.size_bytes, used, one.made_at))
        return (*containers, *images)

    def remove(self, wanted: str, *, force: bool = False) -> DockerThing:
        """Remove one of them by its name or id, or the beginning of either, and return what it was.

        Parameters
        ----------
        force : bool
            Whether a container may be running.

        Raises
        ------
        NotFound
            When none of ours is called so.
        Conflict
            When it is in use.
        """
        thing = self._find(wanted.removeprefix("sha256:"))
        if thing.kind == IMAGE:
            image = next((one for one in disk_usage.found_in(self._images) if one.id.startswith(thing.id)), None)
            # Somebody else may have removed it just now.
            if image is not None and not disk_usage.remove(self._images, image):
                raise Conflict(f"The image {thing.name} is in use.", "Remove its containers first, and let builds end.")
            return thing
        if thing.state == "running" and not force:
            raise Conflict(
                f"The container {thing.name} runs.", f"Cancel its run: desktop-aml run cancel {thing.of or 'RUN'}"
            )
        with self._images.client() as client, docker_access.in_words():
            remove_container(client, thing.name)
        return thing

    def _find(self, wanted: str) -> DockerThing:
        found = [
            one
            for one in self.everything()
            if wanted and (one.id.startswith(wanted) or wanted.startswith(one.id) or wanted in _names(one.name))
        ]
        if not found:
            raise NotFound(
                f"“{wanted[:80]}” is no image or container of Desktop AML here.", "List them: desktop-aml docker list"
            )
        if len(found) > 1:
            raise InvalidInput(f"“{wanted[:80]}” may mean {len(found)} of them.", "Give more of its id.")
        return found[0]

    def save(self, wanted: str, to: Path | str) -> int:
        """Write an image with all its layers into a file that `docker load` reads; return its size in bytes.

        Parameters
        ----------
        wanted : str
            One of ours, or any other image of the engine.

        Raises
        ------
        NotFound
            When the engine has no such image.
        Conflict
            When there is a file already.
        StorageError
            When the file cannot be written.
        """
        from docker.errors import ImageNotFound

        to = Path(to)
        part = to.with_name(to.name + _PART)
        for one in (to, part):
            if one.exists():
                raise Conflict(f"There is a file “{one}” already.", "Choose another name.")
        with self._images.client() as client, docker_access.in_words():
            try:
                image = client.images.get(wanted)
            except ImageNotFound as error:
                raise NotFound(
                    f"The Docker engine has no image “{wanted[:80]}”.", "List them: desktop-aml docker list"
                ) from error
            plain = docker_access.plain_name(wanted)
            named = next((tag for tag in image.tags if docker_access.plain_name(tag) == plain), True)
            _write(part, image.save(named=named))
        part.rename(to)
        return to.stat().st_size

    def load(self, path: Path | str) -> tuple[str, ...]:
        """Give the engine the images in a file of `save` or ``docker save``; return their names.

        Raises
        ------
        NotFound
            When there is no such file.
        PreparationError
            When it holds no images.
        """
        from docker.errors import ImageLoadError

        path = Path(path)
        if not path.is_file():
            raise NotFound(f"There is no file “{path}”.", "Make it where there is a network: docker save")
        with self._images.client() as client, docker_access.in_words(), path.open("rb") as stream:
            try:
                found = client.images.load(stream)
            except ImageLoadError as error:
                raise PreparationError(
                    f"“{path}” holds no images that Docker can read: {error}", "Make it with docker save."
                ) from error
        return tuple(name for image in found for name in (image.tags or [str(image.id)]))

    def shell_words(self, detail: RunDetail, command: Sequence[str] = ()) -> list[str]:
        """Return the command line of Docker that opens a shell where a run is, or was: in its container or its image.

        Parameters
        ----------
        command : sequence of str
            What to execute in place of a shell.

        Raises
        ------
        NotFound
            When the run was in no container, or its image is gone.
        """
        from docker.errors import ImageNotFound

        run = detail.summary
        image = detail.properties.get(properties.IMAGE, "")
        if not image and run.target == DOCKER:
            is_over = run.state.is_terminal()
            how = "ended before it had a container" if is_over else "has no container yet"
            raise NotFound(f"The run “{run.display_name}” {how}.", f"More: desktop-aml run show {run.id}")
        if not image:
            raise NotFound(
                f"The run “{run.display_name}” was not in a container.",
                f"It works in {detail.run_directory} of this computer.",
            )
        words = list(command) or list(_SHELL)
        with self._images.client() as client, docker_access.in_words():
            alive = [one for one in _ours(client) if one["Labels"].get(_RUN_OF) == run.id and one["State"] == "running"]
            if alive:
                return ["exec", "-i", *_terminal(), "-w", f"{detail.run_directory}/snapshot", alive[0]["Id"], *words]
            try:
                client.images.get(image)
            except ImageNotFound as error:
                raise NotFound(
                    "The image of the run is gone from the Docker engine.", "Build its environment again."
                ) from error
        labels = ["--label", f"{LABEL}=shell", "--label", f"{computer.LABEL}={computer.this_computer()}"]
        network = ["--network", self._network]
        return ["run", "--rm", "-i", *_terminal(), *network, "--entrypoint", words[0], *labels, image, *words[1:]]

    def open_shell(self, detail: RunDetail, command: Sequence[str] = ()) -> int:
        """Open a shell where a run is, or was, on this terminal; return its exit code. See `shell_words`.

        Raises
        ------
        MissingOnComputer
            When Docker's command line is not there.
        """
        words = self.shell_words(detail, command)
        try:
            with docker_access.command_words() as way:
                return subprocess.run(["docker", *way, *words], check=False).returncode  # noqa: S607
        except FileNotFoundError as error:
            raise MissingOnComputer(
                "A shell in a container needs Docker's command line.", "Install it: sudo apt-get install docker.io"
            ) from error


def _write(part: Path, chunks: Iterable[bytes]) -> None:
    """Write a new file whole, or leave none.

    Raises
    ------
    StorageError
        When it cannot be written.
    """
    try:
        stream = part.open("xb")
    except OSError as error:
        raise _unwritable(part, error) from error
    try:
        with stream:
            for chunk in chunks:
                _add(part, stream, chunk)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _add(part: Path, stream: BinaryIO, chunk: bytes) -> None:
    # Apart from the reading of the chunk: that is the engine's fault, this one the disk's.
    try:
        stream.write(chunk)
    except OSError as error:
        raise _unwritable(part, error) from error


def _unwritable(part: Path, error: OSError) -> StorageError:
    return StorageError(f"“{part}” cannot be written: {error.strerror}.", "Choose another folder, or make room.")


def _terminal() -> list[str]:
    return ["-t"] if sys.stdin.isatty() and sys.stdout.isatty() else []


def _names(name: str) -> Iterator[str]:
    yield name
    yield name.rpartition(":")[2]


def _ours(client: DockerClient, *, sized: bool = False) -> list[dict[str, Any]]:
    """Return what Docker lists of the containers of this user of this computer."""
    filters = {"label": [LABEL, f"{computer.LABEL}={computer.this_computer()}"]}
    found: list[dict[str, Any]] = client.api.containers(all=True, filters=filters, size=sized)
    return found


def _container(one: dict[str, Any]) -> DockerThing:
    name = one["Names"][0].lstrip("/") if one["Names"] else one["Id"][:12]
    return DockerThing(
        CONTAINER,
        name,
        one["Id"][:12],
        int(one.get("SizeRw") or 0),
        str(one["State"]),
        float(one["Created"]),
        one["Labels"].get(_RUN_OF, ""),
        ", ".join(
            f"{port['IP']}:{port['PublicPort']} -> {port['PrivatePort']}"
            for port in one.get("Ports") or ()
            if "PublicPort" in port
        ),
    )
