"""Long work of the Docker engine, followed line by line: into the build log, to whoever watches, ended by a cancel."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any, Final, cast

from desktop_aml import docker_access
from desktop_aml.domain.errors import BuildCanceled, DesktopAMLError, PreparationError
from desktop_aml.environments.toolchain.builder import Watch

if TYPE_CHECKING:
    from docker import DockerClient

_LOOK_S: Final = 0.05
_STEP: Final = re.compile(r"^Step (\d+)/(\d+) : (.*)", re.DOTALL)
_LAYER: Final = re.compile(r"^ ---> ([0-9a-f]{12})\s*$")
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_OWN_WORDS: Final = ("Step ", "---> ", "Removing intermediate container ")
_KEPT_LINES: Final = 200


class BuildRefused(PreparationError):
    """A step of an image failed.

    Parameters
    ----------
    step : str
        The instruction that failed, as the engine repeats it; empty when none had begun.
    """

    def __init__(self, message: str, step: str, *, details: str = "") -> None:
        super().__init__(message, details=details)
        self.step = step


def build(
    client: DockerClient,
    context: IO[bytes],
    tag: str,
    watch: Watch,
    *,
    span: tuple[float, float],
    network: str | None = None,
) -> list[str]:
    """Build an image from a context (a tar file with a Dockerfile); return the layers it went through.

    Parameters
    ----------
    client : docker.DockerClient
        Of nobody else: a cancel closes its connections.
    span : pair of float
        From which fraction of the whole work to which this is.
    network : str, optional
        Network of the steps, such as ``none``; without a word the engine's own choice.

    Raises
    ------
    BuildRefused
        When a step fails.
    BuildCanceled
        When the watcher cancelled. What the engine was doing has ended, or ends shortly.
    """
    follower = _Follower(watch, span)

    def begin() -> Iterable[dict[str, Any]]:
        # The layers of a failed build are removed by whoever called; `forcerm` removes its containers.
        messages: Iterable[dict[str, Any]] = client.api.build(
            fileobj=cast("IO[bytes]", _Upload(context, watch.cancel)),
            custom_context=True,
            tag=tag,
            rm=True,
            forcerm=True,
            decode=True,
            timeout=None,
            network_mode=network,
        )
        return messages

    _follow(client, begin, follower, watch)
    return follower.layers


def pull(client: DockerClient, name: str, watch: Watch) -> None:
    """Fetch an image from its registry.

    Raises
    ------
    PreparationError
        When it cannot be had; the message holds the engine's reason.
    BuildCanceled
        When the watcher cancelled.
    """
    repository, _, tag = name.partition("@") if "@" in name else name.rpartition(":")
    watch.tell("Fetching", name, 0.02)

    def begin() -> Iterable[dict[str, Any]]:
        messages: Iterable[dict[str, Any]] = client.api.pull(
            repository or name, tag=tag if repository else "latest", stream=True, decode=True
        )
        return messages

    _follow(client, begin, _Follower(watch, (0.02, 0.1)), watch)


def _follow(
    client: DockerClient, begin: Callable[[], Iterable[dict[str, Any]]], follower: _Follower, watch: Watch
) -> None:
    try:
        with docker_access.in_words(), _ended_by_cancel(client, watch.cancel), watch.log_path.open("ab") as log:
            for message in begin():
                line = follower.take(message)
                if line:
                    log.write(line.encode())
                    log.flush()
    except (DesktopAMLError, AttributeError, ValueError):
        # What a closed connection looks like to the library: it was closed because of the cancel.
        if watch.cancel.is_set():
            raise BuildCanceled("The build was canceled.") from None
        raise
    if watch.cancel.is_set():
        raise BuildCanceled("The build was canceled.")


class _Follower:
    """Takes what the engine says of its progress."""

    def __init__(self, watch: Watch, span: tuple[float, float]) -> None:
        self._watch = watch
        self._start, self._end = span
        self._fraction = self._start
        self._step = ""
        self._printed: list[str] = []
        self.layers: list[str] = []

    def take(self, message: dict[str, Any]) -> str:
        """Return the text that a message holds, after having told it."""
        if "error" in message:
            raise self._refusal(str(message["error"]))
        text = _COLOUR.sub("", str(message.get("stream") or ""))
        if not text and "status" in message:
            # A registry reports every few kilobytes; the steps are enough.
            if message.get("progressDetail"):
                self._watch.tell("Fetching", f"{message['status']} {message.get('progress', '')}"[:200], self._fraction)
                return ""
            text = f"{message.get('id', '')} {message['status']}\n".lstrip()
        self._note(text)
        return text

    def _note(self, text: str) -> None:
        step = _STEP.match(text)
        layer = _LAYER.match(text)
        if step is not None:
            done, total = int(step[1]) - 1, int(step[2])
            self._step = step[3].strip()
            self._fraction = round(self._start + (self._end - self._start) * done / max(total, 1), 3)
        if layer is not None:
            self.layers.append(layer[1])
        line = text.strip()
        if line:
            self._printed = [*self._printed[-_KEPT_LINES:], line]
            if not line.startswith(_OWN_WORDS[1:]):
                self._watch.tell("Building the image", line[:200], self._fraction)

    def _refusal(self, reason: str) -> PreparationError:
        details = "\n".join([*self._printed, reason])
        if "no space left on device" in details:
            return docker_access.refused(details)
        last = next((line for line in reversed(self._printed) if not line.startswith(_OWN_WORDS)), "")
        ended = re.search(r"returned a non-zero code: (\d+)", reason)
        words = f"it ended with exit code {ended[1]}: {last[:300]}" if ended else reason.strip()[:500]
        return BuildRefused(words, self._step, details=details)


class _Upload:
    """A context on its way to the engine; reading it ends when the build is cancelled."""

    def __init__(self, file: IO[bytes], cancel: threading.Event) -> None:
        self._file = file
        self._cancel = cancel

    def read(self, size: int = -1) -> bytes:
        if self._cancel.is_set():
            raise BuildCanceled("The build was canceled.")
        return self._file.read(size)

    def __iter__(self) -> Iterator[bytes]:
        while data := self.read(1 << 20):
            yield data


@contextmanager
def _ended_by_cancel(client: DockerClient, cancel: threading.Event) -> Iterator[None]:
    """Close what `client` is reading as soon as `cancel` is set: the engine then stops what it does for it."""
    from docker.errors import DockerException
    from docker.types import CancellableStream

    responses: list[Any] = []
    over = threading.Event()

    def keep(response: Any, **_: Any) -> None:
        responses.append(response)

    def watch() -> None:
        while not over.wait(_LOOK_S):
            if cancel.is_set():
                for response in responses:
                    # A connection over ssh cannot be closed from here; it ends with the step that is under way.
                    with suppress(DockerException, OSError, AttributeError):
                        CancellableStream(iter(()), response).close()

    client.api.hooks["response"].append(keep)
    watcher = threading.Thread(target=watch, name="cancel-of-image-build", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        client.api.hooks["response"].remove(keep)
        for response in responses:
            # One that was not read to its end keeps its connection to itself.
            response.close()
