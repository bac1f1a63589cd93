"""Dockerfiles through BuildKit: Docker's library speaks only to the classic builder, so the command line is asked.

BuildKit is used where the engine has it and a command line that can is here; a Dockerfile that needs it is refused
elsewhere, with what is missing.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from desktop_aml import docker_access
from desktop_aml.domain.errors import PreparationError
from desktop_aml.environments.image.stream import BuildRefused
from desktop_aml.environments.spec.kept_files import KeptFile
from desktop_aml.environments.toolchain import tied_process, uv_process
from desktop_aml.environments.toolchain.builder import Watch

if TYPE_CHECKING:
    from docker import DockerClient

_FIRST_API: Final = (1, 39)
"""Docker 18.09, the first that has BuildKit."""

_FIRST_WITHOUT: Final = 23
"""From this version on the command line needs the plugin buildx for it."""

_ANSWER_S: Final = 20.0
_SYNTAX: Final = re.compile(r"#\s*syntax\s*=\s*(\S+)", re.IGNORECASE)
_FLAGS: Final = re.compile(
    r"(?:RUN\s+(?:--\S+\s+)*--(?:mount|network|security)|(?:COPY|ADD)\s+(?:--\S+\s+)*--(?:link|chmod|checksum|exclude))\b",
    re.IGNORECASE,
)
_HERE_TEXT: Final = re.compile(r"(?:RUN|COPY|ADD)\s.*<<-?[\"']?[A-Za-z_]\w*", re.IGNORECASE)
_STEP: Final = re.compile(r"#(\d+) \[(?:\S+ )?(\d+)/(\d+)\] (.*)")
_SAID: Final = re.compile(r"#(\d+) (?:\d+\.\d+ )?(.*)")
_FAILED: Final = re.compile(r"#(\d+) ERROR: (.*)")
_EXIT_CODE: Final = re.compile(r"exit code: (\d+)")
_OWN_WORDS: Final = ("sha256:", "DONE", "CACHED", "CANCELED", "ERROR", "resolve ", "transferring ")


def why_needed(text: str) -> tuple[int, str] | None:
    """Return the line of a Dockerfile that only BuildKit understands, and what is in it; None when there is none."""
    is_head = True
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        is_head = is_head and stripped.startswith("#") and "=" in stripped
        syntax = _SYNTAX.match(stripped) if is_head else None
        if syntax is not None:
            return number, f"# syntax={syntax[1]}"
        found = _FLAGS.match(stripped) or _HERE_TEXT.match(stripped)
        if found is not None:
            return number, found[0][:60]
    return None


def command_for(client: DockerClient) -> str | None:
    """Return a command line of Docker that can have this engine build with BuildKit; None when there is none."""
    told = client.version()
    version = tuple(int(part) for part in str(told["ApiVersion"]).split("."))
    if version < _FIRST_API or docker_access.is_podman(told):
        # Podman tells of the same API, and has a builder of its own alone.
        return None
    return next((program for program in _programs() if _can(program)), None)


def _programs() -> Iterator[str]:
    for folder in os.get_exec_path():
        program = Path(folder) / "docker"
        if program.is_file() and os.access(program, os.X_OK):
            yield str(program)


def _can(program: str) -> bool:
    found = re.search(r"version (\d+)\.", _answer([program, "--version"]))
    if found is None:
        return False
    return int(found[1]) < _FIRST_WITHOUT or bool(_answer([program, "buildx", "version"]))


def _answer(words: Sequence[str]) -> str:
    """Return what a program prints, nothing when it fails."""
    try:
        return subprocess.run(
            words, capture_output=True, text=True, check=True, timeout=_ANSWER_S, stdin=subprocess.DEVNULL
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def refuse_without(text: str) -> None:
    """Raise when a Dockerfile cannot be built without BuildKit.

    Raises
    ------
    PreparationError
        With its line, and what is missing.
    """
    needed = why_needed(text)
    if needed is not None:
        raise PreparationError(
            f"Line {needed[0]}: “{needed[1]}” needs BuildKit, which the Docker engine or its command line lacks here.",
            "Install Docker's command line with its plugin buildx (packages docker-ce-cli and docker-buildx-plugin, or"
            " docker.io of Debian 12), or write the step without it.",
        )


def build(
    program: str,
    text: str,
    tag: str,
    labels: Mapping[str, str],
    watch: Watch,
    *,
    files: Sequence[KeptFile] = (),
    wanted: str = "",
    span: tuple[float, float],
) -> None:
    """Build an image from a Dockerfile and the files that it copies.

    Parameters
    ----------
    program : str
        What `command_for` found.
    wanted : str
        The engine, as for `docker_access.connect`.
    span : pair of float
        From which fraction of the whole work to which this is.

    Raises
    ------
    BuildRefused
        When a step fails.
    BuildCanceled
        When the watcher cancelled.
    """
    follower = _Follower(watch, span)
    with tempfile.TemporaryDirectory(prefix="desktop-aml-") as folder, docker_access.command_words(wanted) as engine:
        context, dockerfile = Path(folder) / "context", Path(folder) / "Dockerfile"
        context.mkdir()
        dockerfile.write_text(text, "utf-8")
        _lay_out(context, files)
        marks = [word for name, value in labels.items() for word in ("--label", f"{name}={value}")]
        words = [program, *engine, "build", "--progress", "plain", "--tag", tag, *marks]
        words += ["--file", str(dockerfile), str(context)]
        # Whoever ends this process ends the command line, and with it the build.
        tied = [sys.executable, "-I", "-S", tied_process.__file__, str(os.getpid())]
        code, printed = uv_process.run(
            [*tied, "/usr/bin/env", "DOCKER_BUILDKIT=1", *words],
            log_path=watch.log_path,
            cancel=watch.cancel,
            on_line=follower.take,
        )
    if code != 0:
        raise follower.refusal(printed)


def _lay_out(folder: Path, files: Sequence[KeptFile]) -> None:
    for file in files:
        place = folder / file.name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file.data)
        place.chmod(0o755 if file.is_executable else 0o644)
    for place in (folder, *folder.rglob("*")):
        if place.is_dir():
            # Readable by every user: a run in the image is not root.
            place.chmod(0o755)


@dataclass(slots=True)
class _Follower:
    """Takes what BuildKit says of its progress; several steps may talk at once."""

    watch: Watch
    span: tuple[float, float]
    fraction: float = 0.0
    steps: dict[str, str] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)
    failed: tuple[str, str] = ("", "")

    def take(self, line: str) -> None:
        """Take one line."""
        step, failed, said = _STEP.match(line), _FAILED.match(line), _SAID.match(line)
        if step is not None:
            start, end = self.span
            here = start + (end - start) * (int(step[2]) - 1) / max(int(step[3]), 1)
            self.fraction = round(max(self.fraction, here), 3)
            self.steps[step[1]] = step[4]
            self._tell(step[4])
        elif failed is not None:
            self.failed = failed[1], failed[2]
        elif said is not None and not said[2].startswith(_OWN_WORDS):
            self.last[said[1]] = said[2]
            self._tell(said[2])

    def _tell(self, words: str) -> None:
        self.watch.tell("Building the image", words[:200], self.fraction)

    def refusal(self, printed: str) -> PreparationError:
        """Return the error of a build that failed."""
        if "no space left on device" in printed:
            return docker_access.refused(printed)
        number, reason = self.failed
        if not reason:
            reason = next((line for line in reversed(printed.splitlines()) if line.strip()), "it was refused")
        code = _EXIT_CODE.search(reason)
        words = f"it ended with exit code {code[1]}: {self.last.get(number, '')[:300]}" if code else reason[:500]
        step = self.steps.get(number, "").split(" ", 1)
        return BuildRefused(words, " ".join([step[0].upper(), *step[1:]]), details=printed)
