"""The Python of an image: where it is, which one, and what is installed beside it. Asked once for each image."""

from __future__ import annotations

import contextlib
import json
import os
import re
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from desktop_aml import docker_access
from desktop_aml.domain.errors import PreparationError
from desktop_aml.environments.toolchain.files import write_whole
from desktop_aml.system import locks

if TYPE_CHECKING:
    from docker import DockerClient

QUESTION_LABEL: Final = "desktop-aml.question"
"""Label of the short-lived containers that ask; its value names the builds folder that they are for."""

LOCK_LABEL: Final = "desktop-aml.question-lock"
"""Label that names the file which whoever asks holds locked, in the folder of answers: one that is free has nobody."""

_TIMEOUT_S: Final = 60
_TRIES: Final = 2
_GONE: Final = (404, 409)
_OLDEST: Final = (3, 6)
# The GNU C library versions that uv has a name for; wheels for an older one run on a newer one.
_GLIBC: Final = (17, 28, *range(31, 41))
_ASK: Final = """
import json, os, platform, sys
packages = {}
for folder in sys.path:
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        stem, extension = os.path.splitext(name)
        if extension in (".dist-info", ".egg-info") and "-" in stem:
            packages.setdefault(*stem.split("-")[:2])
try:
    libc = os.confstr("CS_GNU_LIBC_VERSION") or ""
except ValueError:
    libc = ""
path, version = os.path.realpath(sys.executable), "%d.%d.%d" % sys.version_info[:3]
print(json.dumps({"path": path, "version": version, "machine": platform.machine(), "libc": libc, "packages": packages}))
"""


@dataclass(frozen=True, slots=True)
class ImagePython:
    """The Python of one image.

    Parameters
    ----------
    image, name : str
        Id of the image, and what the user calls it.
    path : str
        Absolute path of the interpreter in the image.
    libc : str
        ``glibc 2.36``, or empty for another C library.
    packages : dict of str to str
        Version by name.
    """

    image: str
    name: str
    path: str
    version: str
    machine: str
    libc: str
    packages: dict[str, str]

    @property
    def minor(self) -> str:
        """``3.11``."""
        return ".".join(self.version.split(".")[:2])

    def platform_for_uv(self) -> str:
        """Return what uv calls the platform of the image.

        Raises
        ------
        PreparationError
            When packages cannot be chosen for it.
        """
        machine = {"x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}.get(self.machine)
        if machine is None:
            raise PreparationError(
                f"Packages for an image on {self.machine} cannot be chosen.",
                "Use a Dockerfile, or an image that holds the packages already.",
            )
        glibc = re.fullmatch(r"glibc 2\.(\d+).*", self.libc)
        if glibc is None:
            return f"{machine}-unknown-linux-musl"
        newest = max((known for known in _GLIBC if known <= int(glibc[1])), default=_GLIBC[0])
        return f"{machine}-manylinux_2_{newest}"


def python_of(client: DockerClient, image_id: str, name: str, memory: Path, owner: str) -> ImagePython:
    """Return the Python of the image `image_id`, which the user knows as `name`.

    Parameters
    ----------
    memory : Path
        Folder where the answer is remembered; an image never changes.
    owner : str
        Value of `QUESTION_LABEL` of the container that asks.

    Raises
    ------
    PreparationError
        When the image holds no Python that can be used.
    """
    kept = memory / f"{image_id.rpartition(':')[2]}.json"
    found = _recall(kept, name)
    if found is None:
        found = _ask(client, image_id, name, _Asker(memory, owner))
        # Only a memory: where it cannot be written, the image is asked again.
        with contextlib.suppress(OSError):
            write_whole(kept, json.dumps(asdict(found)))
    if tuple(map(int, found.version.split(".")[:2])) < _OLDEST:
        raise PreparationError(
            f"The image “{name}” has Python {found.version}.", "Choose one with Python 3.6 or newer."
        )
    return found


def _recall(kept: Path, name: str) -> ImagePython | None:
    try:
        return replace(ImagePython(**json.loads(kept.read_text("utf-8"))), name=name)
    except (OSError, ValueError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class _Asker:
    """Who asks: `memory` and `owner` as in `python_of`."""

    memory: Path
    owner: str

    @contextlib.contextmanager
    def labels(self) -> Iterator[dict[str, str]]:
        """Yield the labels of a container that asks; nobody takes it for a leftover as long as this lasts."""
        self.memory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.memory / f"asking-{uuid.uuid4().hex}.lock"
        descriptor = locks.open_lock(path)
        try:
            locks.try_lock(descriptor)
            yield {QUESTION_LABEL: self.owner, LOCK_LABEL: path.name}
        finally:
            path.unlink(missing_ok=True)
            os.close(descriptor)


def is_asking(memory: Path, labels: dict[str, str]) -> bool:
    """Whether somebody waits for the answer of a container with these labels; the lock of one that died is removed."""
    lock = memory / Path(labels.get(LOCK_LABEL, "")).name
    if lock == memory:
        return False
    if locks.is_held(lock):
        return True
    lock.unlink(missing_ok=True)
    return False


def _ask(client: DockerClient, image_id: str, name: str, asker: _Asker) -> ImagePython:
    said = ""
    for interpreter in ("python3", "python"):
        code, said = _run(client, image_id, [interpreter, "-c", _ASK], asker)
        if code == 0:
            with contextlib.suppress(ValueError, IndexError, TypeError):
                answer: dict[str, Any] = json.loads(said.splitlines()[-1])
                return ImagePython(image=image_id, name=name, **answer)
    raise PreparationError(
        f"No Python answers in the image “{name}”.",
        "Choose an image in which `python3` is on the PATH, such as python:3.11-slim.",
        details=said,
    )


def _run(client: DockerClient, image_id: str, words: list[str], asker: _Asker) -> tuple[int, str]:
    """Run a program in a container without network; return its exit code and what it printed.

    A container that somebody else removes meanwhile has answered nothing, and says nothing of the image: another one is
    asked.
    """
    from docker.errors import APIError

    with docker_access.in_words():
        for _ in range(_TRIES - 1):
            try:
                return _run_once(client, image_id, words, asker)
            except APIError as error:
                if error.status_code not in _GONE or not _has(client, image_id):
                    raise
        return _run_once(client, image_id, words, asker)


def _has(client: DockerClient, image_id: str) -> bool:
    from docker.errors import ImageNotFound

    try:
        client.images.get(image_id)
    except ImageNotFound:
        return False
    return True


def _run_once(client: DockerClient, image_id: str, words: list[str], asker: _Asker) -> tuple[int, str]:
    from docker.errors import APIError

    with asker.labels() as labels:
        container = client.containers.create(
            image_id, words[1:], entrypoint=words[:1], working_dir="/", network_mode="none", labels=labels
        )
        try:
            try:
                container.start()
            except APIError as error:
                # The engine says so when the program is not in the image.
                reason = str(error.explanation)
                if "not found" in reason or "no such file" in reason:
                    return 127, reason
                raise
            code = int(container.wait(timeout=_TIMEOUT_S)["StatusCode"])
            return code, container.logs(stdout=True, stderr=code != 0).decode("utf-8", "replace")
        finally:
            # The answer stands, whoever takes the container away: it is gone already, or the engine is at it.
            with contextlib.suppress(APIError):
                container.remove(force=True, v=True)
