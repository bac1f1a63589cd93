"""Look at this computer and say what Desktop AML misses here, each with the line that fixes it.

Nothing is changed, nothing of Qt is imported (a broken Qt is one of the things to be found), and no network is used.
Each start of the window asks for `window_obstacle`: what that does not need is imported where it is used.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Final

from desktop_aml.domain.values import dataclass
from desktop_aml.system import local_sockets

LIBRARY_PACKAGES: Final[Mapping[str, str]] = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
"""Debian package of each library that the window's Qt libraries look for outside their own wheel."""

SAFE_SQLITE: Final = (3, 51, 3)
"""First SQLite without the WAL-reset fault that several writers at once could meet."""

_PROBE_TIMEOUT_S: Final = 5.0
_LITTLE_SPACE: Final = 5 << 30
_NO_SPACE: Final = 1 << 30


class State(StrEnum):
    """How a subject stands."""

    OK = "ok"
    NOTE = "note"
    """Works without it, but worth knowing."""
    MISSING = "missing"
    """Something of Desktop AML cannot work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one subject. `fix` is a line to run or an act, empty when there is nothing to fix."""

    subject: str
    state: State
    message: str
    fix: str = ""


def diagnose(data_directory: Path | None = None) -> tuple[Finding, ...]:
    """Look at everything that matters, in the order in which it matters.

    Parameters
    ----------
    data_directory : Path, optional
        Where workspaces and environments are kept, for the free space; the user's home when not given.
    """
    import sqlite3

    return (
        check_python(sys.version_info[:3]),
        check_qt(_distribution_version("pyside6", "pyside6-essentials"), sys.version_info[:3]),
        check_libraries(_qt_libraries()),
        check_display(os.environ),
        check_fonts(_font_directories()),
        check_sqlite(sqlite3.sqlite_version_info),
        check_uv(_uv_program()),
        check_interpreters(_interpreters()),
        check_disk(data_directory or Path.home()),
        check_docker(os.environ),
    )


def is_complete(findings: Iterable[Finding]) -> bool:
    """Whether nothing is missing; notes do not count."""
    return all(finding.state is not State.MISSING for finding in findings)


def window_obstacle(env_vars: Mapping[str, str]) -> Finding | None:
    """Return what would make Qt abort with words of its own when the window opens, or None. Quick."""
    if env_vars.get("QT_QPA_PLATFORM", "xcb").partition(":")[0] not in {"xcb", "wayland", ""}:
        return None
    if importlib.util.find_spec("PySide6") is None:
        return check_qt("", sys.version_info[:3])
    display = check_display(env_vars)
    if display.state is not State.OK:
        return display
    plugins = [file for file in _qt_libraries() if file.name == "libqxcb.so"]
    try:
        for plugin in plugins:
            # Qt loads the same file a moment later, so this costs nothing.
            ctypes.CDLL(str(plugin))
    except OSError:
        return check_libraries(_qt_libraries())
    return None


def check_python(version: tuple[int, int, int]) -> Finding:
    """Check the interpreter that runs Desktop AML."""
    import platform

    words = ".".join(map(str, version))
    if version < (3, 11, 0):
        return Finding(
            "Python", State.MISSING, f"Python {words} is too old: 3.11 or newer is needed.", "Install Python 3.11"
        )
    return Finding("Python", State.OK, f"{words} on {platform.system()} {platform.machine()}")


def qt_fault(pyside_version: str, python_version: tuple[int, ...]) -> str:
    """Return why this PySide6 must not be used with this Python, or an empty text.

    PySide6 6.12.0 drops a reference to ``None`` or ``True`` on each call before Python 3.12 made them immortal;
    after some thousand calls the program aborts.
    """
    if pyside_version.startswith("6.12.0") and python_version < (3, 12):
        return f"PySide6 {pyside_version} ends the program within minutes on Python before 3.12."
    return ""


def check_qt(pyside_version: str, python_version: tuple[int, ...]) -> Finding:
    """Check the Qt binding. An empty version means that it is not installed."""
    fix = f'{sys.executable} -m pip install "pyside6-essentials>=6.9,<6.12"'
    if not pyside_version:
        return Finding("Qt", State.MISSING, "PySide6 is not installed: the window cannot open.", fix)
    fault = qt_fault(pyside_version, python_version)
    if fault:
        return Finding("Qt", State.MISSING, fault, fix)
    return Finding("Qt", State.OK, f"PySide6 {pyside_version}")


def check_libraries(files: tuple[Path, ...]) -> Finding:
    """Check that the loader finds all libraries that these Qt libraries need."""
    subject = "Libraries for the window"
    loader = shutil.which("ldd")
    if not files or loader is None:
        return Finding(subject, State.NOTE, "Not checked: there is no Qt for X11 or no ldd on this computer.")
    lacking: set[str] = set()
    for file in files:
        lacking.update(re.findall(r"^\s*(\S+) => not found", _output_of([loader, str(file)]), re.MULTILINE))
    if not lacking:
        return Finding(subject, State.OK, "all found")
    packages = sorted({LIBRARY_PACKAGES[name] for name in lacking if name in LIBRARY_PACKAGES})
    unknown = sorted(name for name in lacking if name not in LIBRARY_PACKAGES)
    fix = "sudo apt-get install --yes --no-install-recommends " + " ".join(packages) if packages else ""
    if unknown:
        fix = "; ".join(filter(None, [fix, f"install what brings {' '.join(unknown)}"]))
    return Finding(subject, State.MISSING, f"The window needs {', '.join(sorted(lacking))}.", fix)


def check_display(env_vars: Mapping[str, str]) -> Finding:
    """Check that there is a display to open a window on."""
    wayland, x11 = env_vars.get("WAYLAND_DISPLAY", ""), env_vars.get("DISPLAY", "")
    if wayland:
        return Finding("Display", State.OK, f"Wayland {wayland}")
    if not x11:
        return Finding(
            "Display",
            State.NOTE,
            "There is no display (DISPLAY and WAYLAND_DISPLAY are not set): the command line works, the window cannot"
            " open.",
            "Start it in a desktop session, or on a virtual display: xvfb-run -a desktop-aml",
        )
    local = re.fullmatch(r":(\d+)(\.\d+)?", x11)
    if local and not _answers(f"/tmp/.X11-unix/X{local[1]}") and not _answers(f"\0/tmp/.X11-unix/X{local[1]}"):  # noqa: S108
        return Finding("Display", State.MISSING, f"DISPLAY is {x11}, and nothing answers there.", "unset DISPLAY")
    return Finding("Display", State.OK, f"X11 {x11}")


def check_fonts(directories: Iterable[Path]) -> Finding:
    """Check that there is a font to write with."""
    kinds = {".ttf", ".otf", ".ttc", ".pfb"}
    for directory in directories:
        if any(file.suffix.lower() in kinds for file in directory.rglob("*")):
            return Finding("Fonts", State.OK, f"found in {directory}")
    return Finding(
        "Fonts",
        State.MISSING,
        "No font was found: the window would show empty boxes.",
        "sudo apt-get install --yes --no-install-recommends fonts-dejavu-core",
    )


def check_sqlite(version: tuple[int, ...]) -> Finding:
    """Check the database library that Python brings."""
    words = ".".join(map(str, version))
    if version < SAFE_SQLITE:
        safe = ".".join(map(str, SAFE_SQLITE))
        return Finding(
            "SQLite", State.OK, f"{words} (before {safe}: safe here, because one process writes a workspace)"
        )
    return Finding("SQLite", State.OK, words)


def check_uv(program: Path | None) -> Finding:
    """Check the program that builds environments."""
    version = _output_of([str(program), "--version"]).strip() if program else ""
    if not version:
        return Finding(
            "uv",
            State.MISSING,
            "uv was not found: environments cannot be built.",
            f"{sys.executable} -m pip install uv",
        )
    return Finding("uv", State.OK, version.removeprefix("uv "))


def check_interpreters(found: Mapping[str, Path]) -> Finding:
    """Tell which Python versions an environment can ask for."""
    if not found:
        return Finding("Pythons for environments", State.NOTE, f"only Desktop AML's own ({sys.executable})")
    return Finding("Pythons for environments", State.OK, ", ".join(found))


def check_disk(directory: Path) -> Finding:
    """Check the free space where workspaces and environments are kept."""
    existing = next(folder for folder in (directory, *directory.absolute().parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    words = f"{free / (1 << 30):.1f} GiB free at {existing}"
    if free < _NO_SPACE:
        return Finding("Disk", State.MISSING, f"{words}: an environment or a run can fail.", "Free some space there")
    if free < _LITTLE_SPACE:
        return Finding("Disk", State.NOTE, f"{words}: an environment takes half a gigabyte or more.")
    return Finding("Disk", State.OK, words)


def check_docker(env_vars: Mapping[str, str]) -> Finding:
    """Tell whether a Docker engine answers. Only runs and endpoints in Docker need one: its absence is no fault."""
    address = env_vars.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if not address.startswith("unix://"):
        return Finding(
            "Docker", State.NOTE, f"DOCKER_HOST is {address}; only a local socket is looked at. Docker is optional."
        )
    if _answers(address.removeprefix("unix://"), ask=b"GET /_ping HTTP/1.0\r\n\r\n"):
        return Finding("Docker", State.OK, f"answers at {address}")
    return Finding(
        "Docker",
        State.NOTE,
        f"No engine answers at {address}. Docker is optional: runs use local environments.",
        "For runs in Docker: sudo systemctl start docker, or install it: sudo apt-get install docker.io",
    )


def _answers(path: str, *, ask: bytes = b"") -> bool:
    with local_sockets.new() as channel:
        channel.settimeout(_PROBE_TIMEOUT_S)
        try:
            channel.connect(path)
            if not ask:
                return True
            channel.sendall(ask)
            return bool(channel.recv(64))
        except OSError:
            return False


def _output_of(command: list[str]) -> str:
    import subprocess

    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=_PROBE_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ended.stdout


def _distribution_version(*names: str) -> str:
    import importlib.metadata  # Imported here: a quick look before the window opens needs no reader of metadata.

    for name in names:
        try:
            return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return ""


def _qt_libraries() -> tuple[Path, ...]:
    # find_spec of a top-level package looks for its folder and runs nothing of it.
    spec = importlib.util.find_spec("PySide6")
    if spec is None or spec.origin is None:
        return ()
    qt = Path(spec.origin).parent / "Qt"
    wanted = (qt / "plugins/platforms/libqxcb.so", qt / "lib/libQt6Widgets.so.6", qt / "lib/libQt6Network.so.6")
    return tuple(file for file in wanted if file.exists())


def _font_directories() -> list[Path]:
    home = Path.home()
    every = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts", home / ".fonts"]
    return [directory for directory in every if directory.is_dir()]


def _uv_program() -> Path | None:
    import sysconfig

    beside = Path(sysconfig.get_path("scripts")) / "uv"
    found = str(beside) if beside.exists() else shutil.which("uv")
    return Path(found) if found else None


def _interpreters(run: Callable[[list[str]], str] = _output_of) -> dict[str, Path]:
    """Return the Pythons on PATH and of pyenv, by version, oldest first."""
    candidates = [Path(folder) / f"python3.{minor}" for folder in os.get_exec_path() for minor in range(6, 20)]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates += sorted(pyenv.glob("versions/*/bin/python3"))
    found: dict[str, Path] = {}
    seen: set[Path] = set()
    for candidate in candidates:
        real = candidate.resolve()
        # A shim is a shell script that may run any version or none; the real ones are in the list as well.
        if not real.is_file() or real in seen or "shims" in candidate.parts:
            continue
        seen.add(real)
        version = run(
            [str(candidate), "-I", "-S", "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"]
        ).strip()
        if version:
            found.setdefault(version, candidate)
    return dict(sorted(found.items(), key=lambda item: tuple(map(int, item[0].split(".")))))
