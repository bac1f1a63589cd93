"""Running uv: its output into the build log, its steps to whoever watches, its end when it is cancelled."""

from __future__ import annotations

import configparser
import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import uv

from desktop_aml.domain.errors import BuildCanceled, MissingOnComputer
from desktop_aml.system.children import KILL, signal_group
from desktop_aml.system.processes import end_group

_POLL_S: Final = 0.05
_GRACE_S: Final = 2.0
_ESCAPES: Final = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# What belongs to our own interpreter and would lead uv, or the Python it starts, astray.
_DROPPED: Final = (
    "PYTHON",
    "VIRTUAL_ENV",
    "CONDA_",
    "__PYVENV_LAUNCHER__",
    "LD_PRELOAD",
)
# Where packages come from and which servers are trusted is the user's; how uv behaves is ours.
_KEPT: Final = (
    "UV_INDEX",
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_NO_INDEX",
    "UV_KEYRING_PROVIDER",
    "UV_INSECURE_HOST",
    "UV_NATIVE_TLS",
    "UV_SYSTEM_CERTS",
    "UV_OFFLINE",
    "UV_CACHE_DIR",
    "UV_CONFIG_FILE",
    "UV_NO_CONFIG",
    "UV_HTTP_",
    "UV_CONCURRENT_",
    "UV_LINK_MODE",
)
_OURS: Final = {
    "NO_COLOR": "1",
    "UV_NO_PROGRESS": "1",
    "UV_PYTHON_DOWNLOADS": "never",
    "PYTHONUTF8": "1",
}
# With uv's own three retries a computer without network takes seven seconds to say so. The computer's own certificates
# are trusted, as by every other program: many a proxy signs with one that only the computer knows.
_DEFAULTS: Final = {"UV_HTTP_RETRIES": "1", "UV_SYSTEM_CERTS": "true"}


def uv_path() -> str:
    """Return the path of the uv that was installed with Desktop AML.

    Raises
    ------
    MissingOnComputer
        When it is gone.
    """
    try:
        return str(uv.find_uv_bin())
    except FileNotFoundError as error:
        raise MissingOnComputer(
            "uv, which builds environments, is missing.", "Install Desktop AML again, or run: pip install uv"
        ) from error


def environment_for_uv(inherited: Mapping[str, str]) -> dict[str, str]:
    """Return the environment block for uv: the user's package index, proxy and certificates, nothing else of Python's.

    uv does not read pip's files, and people behind a mirror mostly have only those, so pip's index is passed on when
    uv has been told none. Extra indexes are left alone: uv and pip do not mean the same by them.
    """
    kept = {
        name: value
        for name, value in inherited.items()
        if not name.startswith(_DROPPED) and (not name.startswith("UV_") or name.startswith(_KEPT))
    }
    if not kept.keys() & {"UV_INDEX", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "UV_NO_INDEX", "UV_CONFIG_FILE"}:
        index = kept.get("PIP_INDEX_URL") or _pip_setting("index-url", kept)
        kept |= {"UV_DEFAULT_INDEX": index} if index else {}
    certificate = kept.get("PIP_CERT") or _pip_setting("cert", kept)
    if certificate and "SSL_CERT_FILE" not in kept:
        kept["SSL_CERT_FILE"] = certificate
    return {**_DEFAULTS, **kept, **_OURS}


def _pip_setting(key: str, environment: Mapping[str, str]) -> str:
    home = Path(environment.get("HOME") or Path.home())
    config = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    files = [Path("/etc/pip.conf"), home / ".pip/pip.conf", config / "pip/pip.conf"]
    if environment.get("PIP_CONFIG_FILE"):
        files.append(Path(environment["PIP_CONFIG_FILE"]))
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read(files, "utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return ""
    return parser.get("install", key, fallback="") or parser.get("global", key, fallback="")


def run(
    words: Sequence[str],
    *,
    log_path: Path,
    cancel: threading.Event,
    on_line: Callable[[str], None],
    cwd: Path | None = None,
    keep_open: Sequence[int] = (),
) -> tuple[int, str]:
    """Run a program to its end; return its exit code and what it printed.

    Parameters
    ----------
    keep_open : sequence of int
        Descriptors that the program inherits, such as a lock that must stay held if this process dies.

    Raises
    ------
    BuildCanceled
        When `cancel` was set; the program and everything it started are gone.
    """
    start = log_path.stat().st_size if log_path.exists() else 0
    with log_path.open("ab") as log:
        log.write(f"$ {' '.join(words)}\n".encode())
        log.flush()
        process = subprocess.Popen(
            list(words),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment_for_uv(os.environ),
            cwd=cwd,
            start_new_session=True,
            pass_fds=tuple(keep_open),
        )
    position = start
    while process.poll() is None:
        position = _tell(log_path, position, on_line)
        if cancel.wait(_POLL_S):
            _end(process)
            raise BuildCanceled("The build was canceled.")
    _tell(log_path, position, on_line)
    if cancel.is_set():
        raise BuildCanceled("The build was canceled.")
    printed = log_path.read_bytes()[start:].decode("utf-8", "replace").split("\n", 1)[-1]
    return process.returncode, _ESCAPES.sub("", printed)


def _tell(log_path: Path, position: int, on_line: Callable[[str], None]) -> int:
    with log_path.open("rb") as log:
        log.seek(position)
        data = log.read()
    end = data.rfind(b"\n") + 1
    for line in data[:end].decode("utf-8", "replace").splitlines():
        if line.strip() and not line.startswith("$ "):
            on_line(_ESCAPES.sub("", line.strip()))
    return position + end


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program and all of its group: politely, then by force."""
    for number in (signal.SIGTERM, KILL):
        # Not reaped yet, so the number is still its own.
        signal_group(process.pid, number)
        try:
            process.wait(_GRACE_S)
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait()
    end_group(process.pid)
