"""Remember which files a run reads that do not travel with it: data by an absolute path, say.

Python tells of every file that it opens (PEP 578, Python 3.8 and newer; on older ones nothing is remembered). Each file
is written down once, with the size and the time of change that it had then: ``logs/files_read.jsonl`` in the run's
folder. Files that a library opens in C are not seen. What goes wrong here must never disturb the script.
"""

import os
import stat
import sys

NAME = "files_read.jsonl"
MARK = "$(workspace)"
"""Stands for the workspace's folder, as `desktop_aml.domain.portable_paths` has it."""
MOST = 1000
"""More files than that are a folder of data; the first ones tell which."""

_CODE = (".py", ".pyc", ".pyi", ".so", ".pth", ".pyd", ".dll", ".whl", ".egg")
_SYSTEM = ("/proc/", "/sys/", "/dev/", "/etc/", "/usr/", "/lib", "/bin/", "/sbin/", "/run/", "/opt/environment/")
_OF_HOME = (".cache", ".config", ".local", ".ipython", ".jupyter", ".pyenv", ".conda")
_READING = ("r", "rb", "rt", "br", "tr", "U")


# The last ones come up while the interpreter is taken down.
_TROUBLE = (OSError, ValueError, TypeError, RuntimeError, MemoryError, AttributeError, NameError, ImportError)


class _Reader(object):
    def __init__(self, run_directory):
        home = os.path.expanduser("~")
        own = [os.path.join(home, name) for name in _OF_HOME]
        places = [sys.prefix, sys.base_prefix, sys.exec_prefix, run_directory, os.path.dirname(__file__), *own]
        self._kept_out = tuple({os.path.realpath(place) + os.sep for place in places if len(place) > 1})
        self._path = os.path.join(run_directory, "logs", NAME)
        # Where the workspace lies when it is read again is known then.
        self._workspace = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(run_directory))), "")
        self._seen = set()
        self._written = set()
        self._count = 0
        self._is_busy = False

    def __call__(self, event, args):
        if event != "open" and event != "sqlite3.connect":
            return
        if self._is_busy:
            return
        self._is_busy = True
        try:
            self._look(args[0], args[1] if event == "open" else "r", args[2] if event == "open" else 0)
        except _TROUBLE:
            return
        finally:
            self._is_busy = False

    def _look(self, path, mode, flags):
        if isinstance(path, int) or path in self._seen or self._count >= MOST:
            return
        name = os.path.abspath(os.fsdecode(path))
        reads = mode in _READING if mode is not None else not flags & (os.O_WRONLY | os.O_RDWR)
        if not reads:
            self._written.add(name)
            return
        if name in self._written or name.endswith(_CODE) or name.startswith(_SYSTEM):
            return
        real = os.path.realpath(name)
        if real.startswith(self._kept_out):
            self._seen.add(path)
            return
        found = os.stat(real)
        if not stat.S_ISREG(found.st_mode):
            return
        self._seen.add(path)
        self._count += 1
        # Imported here: most scripts read nothing from elsewhere, and every one of them would pay for it.
        import json

        if name.startswith(self._workspace):
            name = MARK + os.sep + name[len(self._workspace) :].replace(MARK[:-1], MARK[:-1] + ":text")
        line = json.dumps({"path": name, "size": found.st_size, "at": found.st_mtime}) + "\n"
        # One write, so that the lines of several processes do not mix.
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)


def install(run_directory):
    """Begin to remember, in the process of a run."""
    if hasattr(sys, "addaudithook") and os.path.isdir(run_directory):
        sys.addaudithook(_Reader(run_directory))
