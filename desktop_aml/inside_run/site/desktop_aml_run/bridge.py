"""Start Desktop AML's own interpreter and talk to it: one line of JSON each way.

Scripts outside a run may use any Python that has nothing installed; what they ask is answered by
``python -m desktop_aml sdk-bridge``. The process lives as long as this one and ends when its input ends.
"""

import atexit
import json
import os
import shutil
import subprocess
import sys
import threading

from desktop_aml_run.channel import NoAnswer, Refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_OURS = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONWARNINGS", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
"""What the user set for this interpreter and would disturb another one."""

_END_S = 20.0


class Bridge(object):
    """The process that answers. Safe to use from many threads, and after a fork."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._process: "subprocess.Popen[bytes] | None" = None
        self._owner = 0
        self._asked = 0
        atexit.register(self.close)

    def ask(self, method: str, workspace: str, body: "dict[str, Any]") -> "Any":
        """Put one question and return the answer, see `desktop_aml_run.backend.call`."""
        with self._lock:
            reply = self._exchange(method, workspace, body)
        if not reply["ok"]:
            raise Refused(reply.get("error", ""), reply.get("message", ""), reply.get("hint", ""))
        return reply["body"]

    def _exchange(self, method: str, workspace: str, body: "dict[str, Any]") -> "dict[str, Any]":
        process = self._started()
        self._asked += 1
        question = {"id": self._asked, "method": method, "workspace": workspace, "body": body}
        finished = False
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(question).encode() + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
            finished = line.endswith(b"\n")
        except (BrokenPipeError, ValueError):
            line = b""
        finally:
            # After Ctrl+C a half-read answer would be taken for the next one.
            if not finished:
                self._forget()
        if not finished:
            raise NoAnswer(
                "Desktop AML's side ended unexpectedly while it carried out '{}'. "
                "Run `desktop-aml doctor` to see what is wrong.".format(method)
            )
        reply: "dict[str, Any]" = json.loads(line.decode())
        return reply

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._owner != os.getpid():
            self._process = None  # after a fork the pipe belongs to the parent
        if self._process is None or self._process.poll() is not None:
            self._owner = os.getpid()
            self._process = _start(find_command())
        return self._process

    def _forget(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.close()
            process.stdout.close()

    def close(self) -> None:
        """Let the process end, and wait until what it was doing for the workspace is handed over."""
        if self._owner != os.getpid() or self._process is None:
            return
        process = self._process
        self._forget()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()


def _start(command: "list[str]") -> "subprocess.Popen[bytes]":
    env_vars = own_variables()
    try:
        return subprocess.Popen(
            [*command, "sdk-bridge"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=env_vars,
            start_new_session=True,  # Ctrl+C is for the script alone
        )
    except OSError as error:
        raise NoAnswer("Desktop AML cannot be started with {}: {}.".format(" ".join(command), error)) from None


def own_variables() -> "dict[str, str]":
    """Return the variables of this process without what is meant for its own interpreter."""
    return {name: value for name, value in os.environ.items() if name not in _OURS}


def find_command() -> "list[str]":
    """Return the words that start Desktop AML.

    The environment variable ``DESKTOP_AML_PYTHON`` names its interpreter; else the file that Desktop AML leaves in the
    user's data folder does; else ``desktop-aml`` is looked for on the path.

    Raises
    ------
    NoAnswer
        When none of them leads to one.
    """
    named = os.environ.get("DESKTOP_AML_PYTHON")
    if named:
        if not os.path.isfile(named):
            raise NoAnswer("DESKTOP_AML_PYTHON names '{}', and there is no such file.".format(named))
        return _module_of(named)
    remembered = _remembered()
    if remembered:
        return _module_of(remembered)
    program = shutil.which("desktop-aml")
    if program:
        return [program]
    raise NoAnswer(
        "No installation of Desktop AML was found. Start `desktop-aml` once as this user, or set DESKTOP_AML_PYTHON to "
        "the Python that it is installed in."
    )


def _module_of(python: str) -> "list[str]":
    # -P: a module of the folder that the script runs in must not take the place of ours.
    return [python, "-P", "-m", "desktop_aml"]


def _remembered() -> "str | None":
    try:
        with open(os.path.join(data_folder(), "interpreter.json"), "rb") as stream:
            python = json.loads(stream.read().decode())["python"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return python if os.path.isfile(python) else None


def data_folder() -> str:
    """Return the folder where Desktop AML keeps this user's data."""
    home = os.environ.get("DESKTOP_AML_HOME")
    if home:
        return os.path.join(os.path.abspath(os.path.expanduser(home)), "data")
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~\\AppData\\Local")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Application Support")
    else:
        base = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    return os.path.join(base, "desktop-aml")
