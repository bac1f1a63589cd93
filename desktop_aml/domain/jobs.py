"""Job: what an executor receives."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import Final, TypeVar

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.organising.needs import Needs
from desktop_aml.domain.values import dataclass

_Number = TypeVar("_Number", int, float)

CONTAINER: Final = "DESKTOP_AML_CONTAINER"
"""Variable of a run with what it asks of its container, as JSON, see `ContainerOptions`."""


@dataclass(frozen=True, slots=True)
class Volume:
    """A folder or file of this computer that a container shows at a path of its own."""

    source: str
    path: str
    read_only: bool = False

    @classmethod
    def parse(cls, words: str, here: Path) -> Volume:
        """Return what ``FOLDER:PATH``, perhaps with ``:ro``, means; a relative FOLDER is one of `here`.

        Raises
        ------
        InvalidInput
            When it means nothing, or what it names is not there.
        """
        *most, last = words.split(":")
        parts = most if most and last in {"ro", "rw"} else [*most, last]
        # `Path.expanduser` raises for a user that it does not know.
        folder = os.path.expanduser(":".join(parts[:-1]))  # noqa: PTH111
        source = os.path.normpath(here / folder) if folder else ""
        path = posixpath.normpath(parts[-1]) if parts[-1] else ""
        if not source or not path.startswith("/") or path == "/":
            raise InvalidInput(f"“{words[:200]}” is no volume.", "Write it as FOLDER:/PATH or FOLDER:/PATH:ro.")
        if not os.path.lexists(source):
            raise InvalidInput(f"There is no folder “{source}” to show in a container.", "Check its name.")
        return cls(source, path, last == "ro" and bool(most))


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a container that is reached at 127.0.0.1; `host` 0 is any free one."""

    container: int
    host: int = 0

    @classmethod
    def parse(cls, words: str) -> Port:
        """Return what ``PORT`` or ``HOST:PORT`` means.

        Raises
        ------
        InvalidInput
            When it means nothing.
        """
        host, _, port = words.rpartition(":")
        numbers = [
            int(one) if one.isascii() and one.isdecimal() and len(one) < 6 else -1 for one in (port, host or "0")
        ]
        if not 1 <= numbers[0] < 1 << 16 or not 0 <= numbers[1] < 1 << 16:
            raise InvalidInput(f"“{words[:40]}” is no port.", "Write it as PORT or HOSTPORT:PORT, such as 8080:80.")
        return cls(*numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerOptions:
    """What a run asks of its container beyond the settings.

    But for `volumes` and `ports`, which whoever submits it names, it only narrows what the settings allow.

    Parameters
    ----------
    shm_bytes : int
        Size of ``/dev/shm``, which the worker processes of data loaders share. Azure ML's default.
    cpus : float or None
        Cores that it may use.
    memory_bytes : int or None
        Memory that it may use.
    is_offline : bool
        Whether it gets no network.
    ulimits : dict of str to (int, int)
        Soft and hard limits of its processes, by Docker's names, such as ``nofile``.
    volumes : tuple of Volume
        What else of this computer it shows.
    ports : tuple of Port
        Ports that are reached from this computer.
    """

    shm_bytes: int = 2 << 30
    cpus: float | None = None
    memory_bytes: int | None = None
    is_offline: bool = False
    ulimits: dict[str, tuple[int, int]] = field(default_factory=dict)
    volumes: tuple[Volume, ...] = ()
    ports: tuple[Port, ...] = ()

    def within(self, needs: Needs) -> ContainerOptions:
        """Return the same with the stricter of both limits."""
        return replace(
            self,
            cpus=stricter(self.cpus, needs.cpus),
            memory_bytes=stricter(self.memory_bytes, needs.memory_bytes),
        )


def container_variable(volumes: Sequence[str], ports: Sequence[str], here: Path) -> dict[str, str]:
    """Return the variable by which a run asks for folders and ports of its container; empty for none.

    Parameters
    ----------
    volumes, ports : sequence of str
        As `Volume.parse` and `Port.parse` take them.
    here : Path
        What relative folders are meant from.

    Raises
    ------
    InvalidInput
        When one means nothing.
    """
    if not volumes and not ports:
        return {}
    # Imported here: each command about runs passes by, and few name a container.
    from msgspec import json, to_builtins

    wanted = ContainerOptions(
        volumes=tuple(Volume.parse(words, here) for words in volumes),
        ports=tuple(Port.parse(words) for words in ports),
    )
    return {CONTAINER: json.encode(to_builtins(wanted)).decode()}


def stricter(one: _Number | None, other: _Number | None) -> _Number | None:
    """Return the stricter one of two limits, where None is no limit."""
    return min(limits) if (limits := [limit for limit in (one, other) if limit]) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackingDoor:
    """How a run's script reaches the tracking server.

    Parameters
    ----------
    command : tuple of str
        The words that start it, once a client connects; the descriptor of the listening socket is added.
    env_vars : dict of str to str
        What it finds beside the launcher's variables: its token among them.
    script : dict of str to str
        What the script is told, beside the address.
    probe : str
        Path of a socket that must be reached from where the script is, or it is told of no server; empty for none.
    """

    command: tuple[str, ...]
    env_vars: dict[str, str]
    script: dict[str, str]
    probe: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One attempt to run one script.

    Parameters
    ----------
    run_directory : str
        Absolute path of ``runs/<run_id>``.
    python : str
        Absolute path of the interpreter of the run's environment.
    script : str
        Path relative to the working directory ``<run_directory>/snapshot``, with ``/``.
    module : str
        What is started in place of the script, as ``python -m`` does; empty for the script itself.
    env_vars : dict of str to str
        The whole environment block of the script, nothing is added but what the launcher needs.
    nonce : str
        Secret-free random mark of this attempt, 32 hex digits; every process of the attempt inherits it.
    timeout_s : float or None
        Seconds after which the script is stopped.
    grace_s : float
        Seconds between the polite and the forced stop.
    image : str
        Id of the image that holds `python`; empty when it is on this computer.
    shared_folders : tuple of str
        Absolute paths, beside `run_directory`, that the script finds and may write: where the workspace keeps data.
    read_only_paths : tuple of str
        Absolute paths of files and folders elsewhere that the script finds and may only read: its inputs.
    cpus : float or None
        Cores that its processes may use; None for all, as in a container, which has limits of its own.
    memory_bytes : int or None
        Memory that its processes may have together; None for all.
    container : ContainerOptions
        What it asks of its container; without effect where there is none.
    tracking : TrackingDoor or None
        How it reaches the tracking server; None where it does not.
    may_be_warm : bool
        Whether its script may be forked from an interpreter that has imported what it imports.
    has_followers : bool
        Whether another run of the same environment is in sight, so that such an interpreter is worth its start.
    """

    run_id: str
    attempt: int
    run_directory: str
    python: str
    script: str
    module: str = ""
    arguments: tuple[str, ...] = ()
    env_vars: dict[str, str] = field(default_factory=dict)
    nonce: str
    timeout_s: float | None = None
    grace_s: float = 10.0
    image: str = ""
    shared_folders: tuple[str, ...] = ()
    read_only_paths: tuple[str, ...] = ()
    cpus: float | None = None
    memory_bytes: int | None = None
    container: ContainerOptions = ContainerOptions()
    tracking: TrackingDoor | None = None
    may_be_warm: bool = False
    has_followers: bool = False
