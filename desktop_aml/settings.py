"""The user's settings, and the folders of this user on this computer.

Settings are a frozen value that is read from and written to one JSON file. What belongs to one workspace is not
here; nothing here opens a workspace.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
from dataclasses import asdict, field, fields, replace
from enum import Enum, StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

from desktop_aml.domain.computes.container_files import FileSharing
from desktop_aml.domain.errors import StorageError
from desktop_aml.domain.pythons import PythonPinPolicy
from desktop_aml.domain.values import dataclass
from desktop_aml.system.files import write_durably
from desktop_aml.system.whole_paths import whole_path, with_home

HOME_VARIABLE: Final = "DESKTOP_AML_HOME"
"""Environment variable that puts every user folder under one: a portable installation, or a test."""

RECENT_LIMIT: Final = 12
"""How many workspaces that are not pinned are remembered."""

DOCKER_BASE_IMAGE: Final = "python:{version}-slim"
"""Image that environments for Docker are built on, unless the user says otherwise."""

_NETWORK: Final = r"^[A-Za-z0-9][A-Za-z0-9_.\-]*$"

_FILE_NAME: Final = "settings.json"

_INTERPRETER_FILE: Final = "interpreter.json"
"""In the user's data folder: which Python this program runs in, for scripts that any other Python runs."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a value in the file may be, beside its type: from `ge` to `le`, or a text that `pattern` matches."""

    ge: float | None = None
    le: float | None = None
    pattern: str = ""

    def holds(self, value: Any) -> bool:
        """Whether a value is within."""
        low = self.ge is None or value >= self.ge
        high = self.le is None or value <= self.le
        return low and high and (not self.pattern or bool(re.fullmatch(self.pattern, value)))


class Theme(StrEnum):
    """Colours of the window."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class RecentWorkspace:
    """A workspace that was opened before. Pinned ones stay, and come first."""

    path: str
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class UserDirectories:
    """Where this user's files belong. None of these folders needs to exist yet."""

    config: Path
    cache: Path
    data: Path
    state: Path
    log: Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the user can set.

    Parameters
    ----------
    theme : Theme
        Colours of the window; those of the system, unless they are named.
    recent_workspaces : tuple of RecentWorkspace
        Newest first, pinned ones before the others.
    last_workspace : str
        Path of the workspace that was open last, the sample and demos aside; empty when there was none.
    max_concurrent_runs : int
        How many runs of a workspace execute at once; the others wait in the queue.
    grace_s : float
        Seconds between asking a script to stop and forcing it.
    log_view_limit_bytes : int
        How much of a run's log the window keeps in memory; the file itself is never cut.
    app_log_limit_bytes : int
        Size at which the program's own log file is rotated.
    python_pin_policy : PythonPinPolicy
        What to do when an environment names a Python version that this computer lacks.
    restore_removed_names : bool
        Whether runs find again what newer numpy, scikit-learn, pandas and Python removed.
    warm_starts : bool
        Whether runs of one environment that follow each other may be forked from an interpreter that has imported what
        they import.
    environments_directory : str
        Folder of built environments; empty for the user's cache folder.
    docker_network : str
        Network of a run's container: ``bridge``, ``none``, ``host`` or the name of one.
    docker_base_image : str
        Image that environments for Docker are built on; ``{version}`` stands for the Python version.
    docker_files : FileSharing
        How files come into a container: mounted, copied, or by whether the Docker engine is on this computer.
    docker_gpus : bool
        Whether a run's container gets the GPUs of its Docker engine.
    snapshot_warning_bytes, snapshot_warning_files : int
        Size of a source directory, and number of its files, above which its copy comes with a warning. Azure's limits.
    unknown : dict
        Keys of the file that this version does not know, kept for the version that does.
    """

    theme: Theme = Theme.SYSTEM
    recent_workspaces: tuple[RecentWorkspace, ...] = ()
    last_workspace: str = ""
    max_concurrent_runs: Annotated[int, Allowed(ge=1, le=256)] = 2
    grace_s: Annotated[float, Allowed(ge=0, le=3600)] = 10.0
    log_view_limit_bytes: Annotated[int, Allowed(ge=1 << 16)] = 32 << 20
    app_log_limit_bytes: Annotated[int, Allowed(ge=1 << 16)] = 4 << 20
    python_pin_policy: PythonPinPolicy = PythonPinPolicy.SAME_MINOR
    restore_removed_names: bool = True
    warm_starts: bool = True
    environments_directory: str = ""
    docker_network: Annotated[str, Allowed(pattern=_NETWORK)] = "bridge"
    docker_base_image: str = DOCKER_BASE_IMAGE
    docker_files: FileSharing = FileSharing.AUTO
    docker_gpus: bool = False
    snapshot_warning_bytes: Annotated[int, Allowed(ge=1)] = 300_000_000
    snapshot_warning_files: Annotated[int, Allowed(ge=1)] = 2000
    unknown: dict[str, Any] = field(default_factory=dict)

    def fault(self, **changes: Any) -> str:
        """Return what is wrong with other values of these settings, in words; empty when nothing is."""
        network = changes.get("docker_network")
        if network is not None and not re.fullmatch(_NETWORK, network):
            return f"“{network[:80]}” is not the name of a network of Docker."
        if "docker_base_image" in changes:
            # Imported here: the window reads the settings before it is painted first, and rarely changes this one.
            from desktop_aml.domain.names import base_image_fault

            if fault := base_image_fault(changes["docker_base_image"]):
                return fault
        folder = changes.get("environments_directory")
        if folder and not with_home(folder).is_absolute():
            return f"“{folder[:80]}” is not the whole path of a folder."
        return ""

    def with_opened(self, workspace: Path, *, meant: bool = True) -> Settings:
        """Return settings that remember `workspace` as opened; unless `meant` is false, as the one opened last."""
        wanted = str(workspace)
        known = {recent.path: recent for recent in self.recent_workspaces}
        opened = known.get(wanted, RecentWorkspace(wanted))
        others = [recent for recent in self.recent_workspaces if recent.path != wanted]
        last = wanted if meant else self.last_workspace
        return replace(self, last_workspace=last, recent_workspaces=_in_order([opened, *others]))

    def with_pinned(self, workspace: Path, *, pinned: bool) -> Settings:
        """Return settings in which `workspace` is pinned, or not."""
        wanted = str(workspace)
        others = [recent for recent in self.recent_workspaces if recent.path != wanted]
        return replace(self, recent_workspaces=_in_order([RecentWorkspace(wanted, pinned), *others]))

    def without_workspace(self, workspace: Path) -> Settings:
        """Return settings that have forgotten `workspace`."""
        unwanted = str(workspace)
        return replace(
            self,
            last_workspace="" if self.last_workspace == unwanted else self.last_workspace,
            recent_workspaces=tuple(recent for recent in self.recent_workspaces if recent.path != unwanted),
        )


def _in_order(recents: list[RecentWorkspace]) -> tuple[RecentWorkspace, ...]:
    pinned = [recent for recent in recents if recent.pinned]
    others = [recent for recent in recents if not recent.pinned]
    return (*pinned, *others[:RECENT_LIMIT])


def user_directories() -> UserDirectories:
    """Return this user's folders, as the operating system wants them or all under ``DESKTOP_AML_HOME``."""
    home = os.environ.get(HOME_VARIABLE)
    if home:
        base = whole_path(home)
        return UserDirectories(base / "config", base / "cache", base / "data", base / "state", base / "log")
    import platformdirs

    found = platformdirs.PlatformDirs("desktop-aml", appauthor=False)
    return UserDirectories(
        found.user_config_path, found.user_cache_path, found.user_data_path, found.user_state_path, found.user_log_path
    )


def builds_folder(settings: Settings) -> Path:
    """Return the folder of built environments."""
    return with_home(settings.environments_directory or user_directories().cache / "builds")


def settings_path() -> Path:
    """Return the path of the settings file."""
    return user_directories().config / _FILE_NAME


def remember_interpreter() -> None:
    """Write down which Python this program runs in, so that Azure ML scripts outside a run find it.

    Failing is no fault: such scripts also look on the path.
    """
    path = user_directories().data / _INTERPRETER_FILE
    content = json.dumps({"python": sys.executable}, separators=(",", ":")).encode() + b"\n"
    with contextlib.suppress(OSError):
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(path, content)


def load(path: Path | None = None) -> Settings:
    """Read the settings.

    No file gives the defaults. A damaged file, or one with values that make no sense, is set aside with the
    suffix ``.bad`` and a warning; whatever could be read of it is used.

    Raises
    ------
    StorageError
        When the file is there and cannot be read.
    """
    path = path or settings_path()
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise StorageError(
            f"The settings in {path} cannot be read: {error.strerror}.", "Give yourself access to this file."
        ) from error
    try:
        values = json.loads(content)
        if not isinstance(values, dict):
            raise ValueError("it holds no object")  # noqa: TRY004, TRY301 - as any other text that is wrong
    except (ValueError, RecursionError) as error:
        _set_aside(path, f"is damaged ({error})")
        return Settings()
    return _from_values(values, path)


def _from_values(values: dict[str, Any], path: Path) -> Settings:
    # Not msgspec: every command and the window itself read the settings first, and it takes longer to import.
    names = [known.name for known in fields(Settings) if known.name != "unknown"]
    hints = get_type_hints(Settings, include_extras=True) if values else {}
    good: dict[str, Any] = {}
    faults: list[str] = []
    for name in names:
        if name in values:
            try:
                # Each value alone, so that one that is off does not cost the user the others.
                good[name] = _as_meant(values[name], hints[name])
            except (ValueError, OverflowError) as error:
                faults.append(f"{name}: {error}")
    if faults:
        _set_aside(path, f"holds values that make no sense ({'; '.join(faults)})")
    return Settings(**good, unknown={key: value for key, value in values.items() if key not in names})


def _as_meant(value: Any, hint: Any) -> Any:
    """Return a value of the file as the type of its field, when it is one; no text passes for a number.

    Raises
    ------
    ValueError
        When it is none.
    """
    if get_origin(hint) is Annotated:
        plain, *notes = get_args(hint)
        found = _as_meant(value, plain)
        if all(note.holds(found) for note in notes):
            return found
    elif get_origin(hint) is tuple and isinstance(value, list):
        return tuple(_as_meant(one, get_args(hint)[0]) for one in value)
    elif hint is RecentWorkspace and isinstance(value, dict) and "path" in value:
        return RecentWorkspace(_as_meant(value["path"], str), _as_meant(value.get("pinned", False), bool))
    elif isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    elif hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    elif hint is str and isinstance(value, str):
        value.encode()  # half of a letter outside the Basic Multilingual Plane could be kept nowhere
        return value
    elif hint in (int, bool) and type(value) is hint:
        return value
    raise ValueError(f"not {str(value)[:80]!r}")


def _set_aside(path: Path, reason: str) -> None:
    aside = path.with_name(path.name + ".bad")
    with contextlib.suppress(OSError):
        path.replace(aside)
    import logging

    logging.getLogger(__name__).warning(
        "The settings file %s %s; it was set aside as %s and defaults are used.", path, reason, aside.name
    )


def save(settings: Settings, path: Path | None = None) -> None:
    """Write the settings: whole and durable, or not at all.

    Raises
    ------
    StorageError
        When the file cannot be written.
    """
    path = path or settings_path()
    values = asdict(settings)
    unknown = values.pop("unknown")
    content = json.dumps({**unknown, **values}, indent=2).encode()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durably(path, content + b"\n")
    except OSError as error:
        raise StorageError(
            f"The settings could not be written to {path}: {error.strerror}.",
            "Free some space or give yourself access to this folder.",
        ) from error
