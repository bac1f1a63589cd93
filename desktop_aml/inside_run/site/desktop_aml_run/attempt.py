"""Take up a run that this process records by itself, hold it for as long as the process lives, and end it.

The engine's side is `desktop_aml.executors.external`; the files are those of the launcher, whose module is used.
Standard library only, Python 3.6 to 3.13.
"""

import errno
import importlib.util
import json
import os
import sys
import threading
import time

from desktop_aml_run import NOT_INHERITED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType


ATTEMPT = "external"
LOCK = "alive.lock"

_INSIDE_RUN = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_guard = threading.Lock()
_modules: "dict[str, ModuleType]" = {}


def _module(name: str) -> "ModuleType":
    """Return a module of the launcher, which lies outside the import path on purpose."""
    with _guard:
        if name not in _modules:
            # These import it by its name, which a module of the user's may have as well.
            lean, users = _loaded("lean"), sys.modules.get("lean")
            sys.modules["lean"] = lean
            try:
                _modules[name] = _loaded(name)
            finally:
                del sys.modules["lean"]
                if users is not None:
                    sys.modules["lean"] = users
        return _modules[name]


def _loaded(name: str) -> "ModuleType":
    path = os.path.join(_INSIDE_RUN, name + ".py")
    spec = importlib.util.spec_from_file_location("desktop_aml_run._" + name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _take(lock: int) -> None:
    """Lock a file, or raise what says that another process has it."""
    if sys.platform == "win32":
        raise OSError("recording a script that was started by hand is not written for this operating system yet")
    else:
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _group() -> int:
    """Return the process group, or this process where there are none."""
    if sys.platform == "win32":
        return os.getpid()
    else:
        return os.getpgid(0)


class OwnAttempt(object):
    """The right to record one run. The lock ends with this process and all that were forked from it."""

    def __init__(self, run_directory: str) -> None:
        self._folder = os.path.join(run_directory, "attempts", ATTEMPT)
        self._lock: "int | None" = None
        self.started_at = time.time()

    def claim(self) -> bool:
        """Take the run; False when another process has it or it is over."""
        if os.path.exists(self._path("exit.json")):
            return False
        self._lock = os.open(self._path(LOCK), os.O_RDWR | os.O_CREAT | NOT_INHERITED, 0o600)
        _take(self._lock)
        pid = os.getpid()
        start_time = _module("process_tree").start_time(pid)
        files = _module("attempt_folder")
        files.write_durably(
            os.fsencode(self._path("process.json")),
            {
                "pid": pid,
                "start_time": start_time,
                "pgid": _group(),
                "started_at": self.started_at,
                "pid_namespace": os.readlink("/proc/self/ns/pid"),
            },
        )
        identity = {"pid": pid, "start_time": start_time, "boot_id": _boot_id(), "nonce": ""}
        return bool(files.claim(os.fsencode(self._folder), identity))

    def end(self, exit_code: int, message: str = "") -> bool:
        """Write how the run ended, unless that is written already; then let it go. Return whether it was written."""
        record = {
            "exit_code": exit_code,
            "signal": None,
            "reason": "exit",
            "message": message,
            "started_at": self.started_at,
            "ended_at": time.time(),
            "max_rss_bytes": 0,
            "cpu_s": 0.0,
        }
        written = self._write_once(json.dumps(record).encode())
        self.let_go()
        return written

    def let_go(self) -> None:
        """Give the lock back. Safe to call twice."""
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    def _write_once(self, data: bytes) -> bool:
        temporary = self._path("exit.{}.tmp".format(os.getpid()))
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            os.link(temporary, self._path("exit.json"))
        except OSError as error:
            if error.errno != errno.EEXIST:
                raise
            return False
        finally:
            os.unlink(temporary)
        return True

    def _path(self, name: str) -> str:
        return os.path.join(self._folder, name)


def _boot_id() -> str:
    with open("/proc/sys/kernel/random/boot_id") as stream:
        return stream.read().strip()
