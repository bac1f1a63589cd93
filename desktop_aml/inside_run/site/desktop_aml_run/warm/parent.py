"""The interpreter that scripts are forked from: imports what they import, then waits to be asked.

It is started as ``python -m desktop_aml_warm``, and `serve` is called while the interpreter still starts up: in a
process that is to become a script it returns, and the interpreter goes on to its main program, which is the script. So
nothing of ours lies below the script's own frames. Who asks is at the other end of an inherited socket, and there is no
other way to ask. Standard library only; Python 3.6 to 3.14.
"""

import os
import sys

from desktop_aml_run import CAREFUL
from desktop_aml_run.warm_control import CONTROL, is_memory_short

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType
    from typing import Any, NoReturn


assert sys.platform != "win32", "this module is of POSIX systems"

IMPORT_S = 90
"""How long the imports may take: who cannot be stopped otherwise is ended then."""

_LOOK_S = 1.0
_INSIDE_RUN = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


def serve() -> None:
    """Answer until the other end is closed or nobody asked for long; return in a process that becomes a script."""
    number, _, token = os.environ.pop(CONTROL).partition(":")
    try:
        _Parent(int(number), token).serve()
    except _Done:
        return
    except BaseException:  # noqa: BLE001 - whatever goes wrong here, runs start cold
        import traceback

        traceback.print_exc()
        os._exit(1)


class _Done(BaseException):
    """Raised where this process has become a script's."""


class _Parent(object):
    def __init__(self, number: int, token: str) -> None:
        import json
        import signal
        import socket

        self._json = json
        self._token = token
        _as_if_started_by_hand(signal)
        signal.alarm(IMPORT_S)
        self._control = socket.fromfd(number, socket.AF_UNIX, socket.SOCK_STREAM)
        os.close(number)
        self._waiting = b""
        self._wanted: "dict[str, Any]" = {}
        self._modules = _launcher_modules()
        self._wanted = self._message()
        self._before = _variables_given()
        self._places: "Sequence[Sequence[str]]" = ()
        self._names: "set[str]" = set()

    def serve(self) -> None:
        """Import, say so, and answer."""
        import signal
        import time

        from desktop_aml_run import capture, files_read
        from desktop_aml_run.warm import checks, leaving

        if sys.version_info < (3, 7):
            # It sets the words of the command after this, over those of the script.
            self._send({"cold": "Python 3.6 cannot begin a script in a process that was forked"})
            os._exit(0)
        found = checks.import_all(self._wanted["imports"], self._wanted["first"], self._wanted["script"], self._token)
        files_read.rest()
        _import_ours(self._wanted["of_runs"])
        self._names = {name.partition(".")[0] for name in sys.modules}
        signal.alarm(0)
        self._places = found.get("places", ())
        self._send(found)
        if found.get("cold") or found.get("skip") is not None:
            os._exit(0)
        changed = _changes(self._before, dict(os.environb))
        # What is done here need not be done in each run.
        capture.prepare()
        leaving.remember()
        from desktop_aml_run.warm import child

        idle_since = time.time()
        import gc

        gc.collect()
        if hasattr(gc, "freeze"):
            gc.freeze()  # so that collecting garbage in a child copies no memory
            leaving.thaw(vars(sys.modules["__main__"]))
        while True:
            request = self._asked()
            if request is not None:
                idle_since = time.time()
                self._fork(request, child, changed)
            elif time.time() - idle_since > self._wanted["idle_s"] or is_memory_short():
                self._leave()
            _reap()

    def _fork(self, request: "dict[str, Any]", child: "Any", changed: "dict[bytes, bytes | None]") -> None:
        taken = sorted(self._names.intersection(request["own_names"]))
        if taken:
            words = "its source has a module “{}”, which goes before the one that is imported already".format(taken[0])
            self._send({"number": request["number"], "refused": words})
            return
        try:
            pid = os.fork()
        except OSError as error:
            self._send(
                {"number": request["number"], "refused": "no process could be forked: {}".format(error.strerror)}
            )
            return
        if pid:
            self._send({"number": request["number"], "pid": pid})
            return
        begun = self._supervise(request, child)
        for name in self._modules:
            sys.modules.pop(name, None)
        child.become(begun, changed, self._places)
        raise _Done

    def _supervise(self, request: "dict[str, Any]", child: "Any") -> "Any":
        """Supervise a run as its launcher does; return in the process of its script, with what begins there."""
        launcher = self._modules["supervision"]
        code = 1
        leaves = True
        try:
            os.setsid()
            os.chdir("/")
            run_directory = os.fsencode(request["run_directory"])
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | CAREFUL
            log = os.open(os.path.join(run_directory, b"logs", b"launcher.log"), flags, 0o600)
            nothing = os.open(os.devnull, os.O_RDONLY)
            for source, target in ((nothing, 0), (log, 1), (log, 2)):
                os.dup2(source, target)
            self._control.close()
            os.closerange(3, 256)
            env_vars = variables(self._wanted["launcher_env_vars"])
            os.environb.clear()
            os.environb.update(env_vars)
            words = [os.fsencode(sys.executable), os.fsencode(os.path.join(_INSIDE_RUN, "launcher.py")), run_directory]
            child.show_to_kernel(words + [str(request["attempt"]).encode()], env_vars)  # noqa: RUF005 - Python 3.6
            sys.modules.update(self._modules)
            code = launcher.main(run_directory, request["attempt"], {"hash_seed": self._wanted["hash_seed"]})
        except launcher.ScriptBegins as begun:
            leaves = False
            return begun
        finally:
            if leaves:
                os._exit(code)

    def _asked(self) -> "dict[str, Any] | None":
        """Return the next request, None when none came in a while; leave when nobody is there any more."""
        import select

        if b"\n" not in self._waiting and not select.select([self._control], [], [], _LOOK_S)[0]:
            return None
        return self._message()

    def _message(self) -> "dict[str, Any]":
        while b"\n" not in self._waiting:
            data = self._control.recv(1 << 16)
            if not data:
                self._leave()
            self._waiting += data
        line, _, self._waiting = self._waiting.partition(b"\n")
        message: "dict[str, Any]" = self._json.loads(line.decode())
        return message

    def _leave(self) -> "NoReturn":
        """End, and take the own folder along: the engine may be gone, and nobody else would."""
        import shutil

        if self._wanted:
            shutil.rmtree(self._wanted["folder"], ignore_errors=True)
        os._exit(0)

    def _send(self, message: "dict[str, Any]") -> None:
        try:
            self._control.sendall(self._json.dumps(message).encode() + b"\n")
        except OSError:
            os._exit(0)


def variables(given: "dict[str, str]") -> "dict[bytes, bytes]":
    """Return variables as the operating system has them."""
    return {
        name.encode("utf-8", "surrogateescape"): text.encode("utf-8", "surrogateescape") for name, text in given.items()
    }


def _as_if_started_by_hand(signal: "ModuleType") -> None:
    """Treat signals as a new interpreter does, whatever was inherited."""
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def _import_ours(statements: "list[str]") -> None:
    """Import what our own package has for runs; what does not go is left to the script, which shall meet it itself."""
    for statement in statements:
        try:
            exec(statement, {"__name__": "__main__"})  # noqa: S102 - as the script will
        except Exception:  # noqa: BLE001 - as above
            return


def _launcher_modules() -> "dict[str, ModuleType]":
    """Return the launcher and its modules, by name. They lie outside the import path, and no script shall see them."""
    from importlib import import_module

    found: "dict[str, ModuleType]" = {}
    sys.path.append(_INSIDE_RUN)
    try:
        for name in ("supervision", "tracking_door"):
            import_module(name)
    finally:
        # Also what these import of theirs: a package of the user's may have any of the names.
        for name, module in list(sys.modules.items()):
            if os.path.dirname(getattr(module, "__file__", None) or "") == _INSIDE_RUN:
                found[name] = sys.modules.pop(name)
        sys.path[:] = [folder for folder in sys.path if folder != _INSIDE_RUN]
        sys.path_importer_cache.pop(_INSIDE_RUN, None)
    return found


def _variables_given() -> "dict[bytes, bytes]":
    """Return the variables that this interpreter was started with: it may have changed them itself, for its locale."""
    with open("/proc/self/environ", "rb") as stream:
        lines = [line.partition(b"=") for line in stream.read().split(b"\0") if line]
    return {name: text for name, _, text in lines if name != CONTROL.encode()}


def _changes(before: "dict[bytes, bytes]", after: "dict[bytes, bytes]") -> "dict[bytes, bytes | None]":
    """Return what imports did to the variables: new values, and None for those that they removed."""
    found: "dict[bytes, bytes | None]" = {name: text for name, text in after.items() if before.get(name) != text}
    found.update({name: None for name in before if name not in after})
    return found


def _reap() -> None:
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except OSError:
            return
        if not pid:
            return
