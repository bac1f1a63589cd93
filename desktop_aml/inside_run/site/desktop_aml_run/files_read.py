"""Remember which files a run reads that do not travel with it: data by an absolute path, say.

Python tells of every file that it opens and of every folder that it lists (PEP 578, Python 3.8 and newer; on older
ones nothing is remembered). Each is written down once, with the size, the time of change and the identity that it had
then: ``logs/files_read.jsonl`` in the run's folder. The bytes are hashed later, by the engine. Files that a library
opens in C are not seen here; the engine adds those that the arguments and the code name, see `engine.named_data`.
What goes wrong here must never disturb the script.
"""

import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


NAME = "files_read.jsonl"
MARK = "$(workspace)"
"""Stands for the workspace's folder, as `desktop_aml.domain.portable_paths` has it."""
MOST = 1000
"""More files than that are a folder of data; the first ones tell which, and that there were more is said."""

NAMES_MOST = 20000
"""A folder with more names than that is told by its time of change alone."""

_FOLDERS_MOST = 200
_EVENTS = frozenset(("open", "sqlite3.connect", "os.listdir", "os.scandir"))

_CODE = (".py", ".pyc", ".pyi", ".so", ".pth", ".pyd", ".dll", ".whl", ".egg")
_SYSTEM = ("/proc/", "/sys/", "/dev/", "/etc/", "/usr/", "/lib", "/bin/", "/sbin/", "/run/", "/opt/environment/")
_OF_HOME = (".cache", ".config", ".local", ".ipython", ".jupyter", ".pyenv", ".conda")
_READING = ("r", "rb", "rt", "br", "tr", "U")


# The last ones come up while the interpreter is taken down.
_TROUBLE = (OSError, ValueError, TypeError, RuntimeError, MemoryError, AttributeError, NameError, ImportError)


def is_system(path: str) -> bool:
    """Whether a path is code or belongs to the system, so that it is no data."""
    return path.endswith(_CODE) or path.startswith(_SYSTEM)


def file_entry(name: str, found: "os.stat_result") -> "dict[str, Any]":
    """Return what is written down of a file: `found` is its `os.stat_result`."""
    return dict(_entry(name, found), size=found.st_size, how="opened")


def folder_entry(name: str, found: "os.stat_result") -> "dict[str, Any]":
    """Return what is written down of a folder that was listed: how many names it holds, and a mark of them."""
    import zlib

    names = sorted(os.listdir(os.fsencode(name)))
    mark = zlib.crc32(b"\0".join(names)) if len(names) <= NAMES_MOST else found.st_mtime_ns
    return dict(_entry(name, found), size=len(names), how="listed", mark="{:08x}".format(mark))


def _entry(name: str, found: "os.stat_result") -> "dict[str, Any]":
    identity = "{}-{}-{}".format(found.st_dev, found.st_ino, found.st_ctime_ns)
    return {"path": name, "at": found.st_mtime, "ns": found.st_mtime_ns, "id": identity}


def database_file(asked: "Any") -> str:
    """Return the file that SQLite opens for `asked`, which may be a URI: ``file:rows.db?mode=ro``."""
    name = os.fsdecode(asked)
    if not name.startswith("file:") or os.path.lexists(name):
        return name
    from urllib.parse import unquote, urlsplit

    return unquote(urlsplit(name).path)


class _Reader(object):
    def __init__(self, run_directory: str) -> None:
        self._begin_in(run_directory)
        self._seen: "set[str]" = set()
        self._written: "set[str]" = set()
        self._listed: "set[str]" = set()
        self._folders: "set[str]" = set()
        self._places: "set[str]" = set()
        self._files = 0
        self._is_busy = False

    def rest(self) -> None:
        """Note nothing until `go_on_in`: what this process does itself, and whoever it forks, belongs to no script."""
        self._is_busy = True

    def go_on_in(self, run_directory: str) -> None:
        """Belong to a run from now on, with what was noted so far, when this process belonged to none."""
        self._is_busy = True
        before = self._path
        self._begin_in(run_directory)
        try:
            with open(before) as noted:
                lines = noted.read().splitlines()
            if lines:
                import json

                for line in lines:
                    self._write(json.loads(line))
        except _TROUBLE:
            pass
        self._is_busy = False

    def _begin_in(self, run_directory: str) -> None:
        home = os.path.expanduser("~")
        own = [os.path.join(home, name) for name in _OF_HOME]
        places = [sys.prefix, sys.base_prefix, sys.exec_prefix, run_directory, os.path.dirname(__file__), *own]
        self._kept_out = tuple({os.path.realpath(place) + os.sep for place in places if len(place) > 1})
        self._path = os.path.join(run_directory, "logs", NAME)
        # Where the workspace lies when it is read again is known then. An interpreter that runs are forked from lies in
        # none: what is above its folder may be the root of all paths.
        above = os.path.dirname(os.path.dirname(os.path.abspath(run_directory)))
        self._workspace = None if "DESKTOP_AML_WARM_CONTROL" in os.environ else os.path.join(above, "")

    def __call__(self, event: str, args: "tuple[Any, ...]") -> None:
        if event not in _EVENTS or self._is_busy:
            return
        self._is_busy = True
        try:
            if event == "open":
                self._look(args[0], args[1], args[2])
            elif event == "sqlite3.connect":
                name = database_file(args[0])
                self._look(name, "r", 0)
                # What was committed and is not in the file itself yet is read from beside it.
                self._look(name + "-wal", "r", 0)
            else:
                self._on_list(args[0])
        except _TROUBLE:
            return
        finally:
            self._is_busy = False

    def opened_to_write(self) -> "set[str]":
        """Return the paths that were opened to write."""
        return set(self._written)

    def _on_list(self, path: "Any") -> None:
        if path is None or isinstance(path, int) or len(self._folders) >= _FOLDERS_MOST:
            return
        name = os.path.abspath(os.fsdecode(path))
        if name in self._listed:
            return
        self._listed.add(name)
        # The import system lists every folder of the path and of a package; it has a finder for each before it looks.
        if is_system(name + os.sep) or name in sys.path or name in sys.path_importer_cache:
            return
        real = os.path.realpath(name)
        if (real + os.sep).startswith(self._kept_out) or real in sys.path or name in self._places:
            return
        found = os.stat(real)
        if stat.S_ISDIR(found.st_mode):
            self._folders.add(name)
            self._write(folder_entry(name, found))

    def _look(self, path: "Any", mode: "str | None", flags: int) -> None:
        if isinstance(path, int) or self._files > MOST:
            return
        # The whole path: the folder in which a script works may change.
        name = os.path.abspath(os.fsdecode(path))
        if name in self._seen:
            return
        reads = mode in _READING if mode is not None else not flags & (os.O_WRONLY | os.O_RDWR)
        if not reads:
            self._on_write(name)
            return
        if name in self._written or is_system(name):
            return
        real = os.path.realpath(name)
        if real.startswith(self._kept_out):
            self._seen.add(name)
            return
        found = os.stat(real)
        if not stat.S_ISREG(found.st_mode):
            return
        self._seen.add(name)
        self._files += 1
        self._write(file_entry(name, found) if self._files <= MOST else {"more": MOST})

    def _on_write(self, name: str) -> None:
        if name in self._written or len(self._written) > MOST:
            return
        self._written.add(name)
        folder = os.path.dirname(name)
        if is_system(name) or (os.path.realpath(folder) + os.sep).startswith(self._kept_out):
            return
        # What was named as data before, and is written without having been read, is a result; so is a folder in which
        # the script puts anything.
        if name not in self._seen and os.path.lexists(name):
            self._write({"path": name, "written": True})
        if folder not in self._places:
            self._places.add(folder)
            self._write({"path": folder, "written": True})

    def _write(self, entry: "dict[str, Any]") -> None:
        # Imported here: most scripts read nothing from elsewhere, and every one of them would pay for it.
        import json

        name = entry.get("path", "")
        if self._workspace is not None and name.startswith(self._workspace):
            name = MARK + os.sep + name[len(self._workspace) :].replace(MARK[:-1], MARK[:-1] + ":text")
            entry = dict(entry, path=name)
        line = json.dumps(entry) + "\n"
        # One write, so that the lines of several processes do not mix.
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)


_readers: "list[_Reader]" = []


def install(run_directory: str) -> None:
    """Begin to remember, in the process of a run."""
    if _readers:
        # In a warm start the interpreter has remembered since before the run: what was read on import goes with it.
        _readers[0].go_on_in(run_directory)
    elif hasattr(sys, "addaudithook") and os.path.isdir(run_directory):
        _readers.append(_Reader(run_directory))
        sys.addaudithook(_readers[0])


def rest() -> None:
    """Note nothing more until `install` is called for a run."""
    for reader in _readers:
        reader.rest()


def written() -> "set[str]":
    """Return the paths that this process opened to write, as far as they were remembered."""
    return {name for reader in _readers for name in reader.opened_to_write()}
