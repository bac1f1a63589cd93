"""What carries runs out on a machine whose files are its own.

Its text comes in by standard input, as all that it is told: a line of JSON, with as many bytes after it as its `size`
says. It answers likewise on standard output. Files are kept by their SHA-256 and what they are for: whatever is here
already does not travel again. It ends, with all that it started, when its input does or is silent. Standard library
only.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import platform
import shutil
import signal
import stat
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from desktop_aml.executors.cluster.porters.far_store import Store
else:
    from far_store import Store

assert sys.platform != "win32", "machines by ssh are POSIX systems"

SILENCE_S = 20.0
"""Whoever is silent for longer is gone, or this machine was asleep: then nobody waits for what is carried out here."""

LOOK_S = 0.1
CHUNK = 1 << 20
END_S = 8.0
INSIDE = "inside_run"


class Out:
    """Standard output, for several threads."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.lock = threading.Lock()

    def say(self, words: dict[str, Any], data: bytes = b"") -> None:
        """Tell something whole."""
        line = json.dumps({**words, "size": len(data)} if data else words).encode() + b"\n"
        with self.lock:
            self.stream.write(line + data)
            self.stream.flush()


class Parts(io.RawIOBase):
    """A file of which each piece is told when it is written."""

    def __init__(self, out: Out, words: dict[str, Any]) -> None:
        self.out, self.words = out, words

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def write(self, data: Any) -> int:
        """Tell a piece."""
        piece = bytes(data)
        if piece:
            self.out.say(self.words, piece)
        return len(piece)


class Run:
    """One attempt that is carried out here. `folder` holds the run's folder, and what it was given beside."""

    def __init__(self, nonce: str, folder: str, run: str = "", attempt: str = "") -> None:
        self.nonce, self.folder, self.attempt = nonce, folder, attempt
        self.directory = os.path.join(folder, run)
        self.looks: dict[str, tuple[int, int]] = {}
        self.places: list[str] = []
        self.process: subprocess.Popen[bytes] | None = None

    def signal(self, number: int) -> None:
        """Signal the launcher."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def tell_files(self, out: Out, names: tuple[str, ...], what: str, told: Iterable[str] = ()) -> None:
        """Send folders of the run; at the end, what is as it came or was told stays here."""
        kept: list[str] = []
        with tarfile.open(fileobj=Parts(out, {"nonce": self.nonce, "tar": what}), mode="w|", bufsize=CHUNK) as tar:
            for name in names:
                if "/" in name:
                    add(tar, os.path.join(self.directory, os.path.dirname(name)), "run/" + os.path.dirname(name))
                for path in walk(os.path.join(self.directory, name)):
                    within = os.path.relpath(path, self.directory)
                    if what == "end" and self.is_as_it_came(path):
                        kept.append(within)
                    elif within not in told:
                        add(tar, path, "run/" + within)
        out.say({"nonce": self.nonce, "tar": what, "kept": kept, "is_last": True})

    def tell_places(self, out: Out) -> None:
        """Send what was made or changed in folders that the script was given beside its own."""
        for number, place in enumerate(self.places):
            words = {"nonce": self.nonce, "tar": "place", "place": number}
            with tarfile.open(fileobj=Parts(out, words), mode="w|", bufsize=CHUNK) as tar:
                for path in walk(place):
                    if stat.S_ISREG(os.lstat(path).st_mode) and not self.is_as_it_came(path):
                        within = os.path.basename(path) if path == place else os.path.relpath(path, place)
                        add(tar, path, "place/" + within)
            out.say({**words, "is_last": True})

    def is_as_it_came(self, path: str) -> bool:
        """Whether a file is one that was sent here, unchanged."""
        found = os.lstat(path)
        return self.looks.get(path) == (found.st_size, found.st_mtime_ns)


def walk(folder: str) -> list[str]:
    """Return a folder and all that is in it."""
    found = [folder] if os.path.lexists(folder) else []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if one != "__pycache__")
        found += [os.path.join(root, name) for name in (*folders, *sorted(names))]
    return found


def add(tar: tarfile.TarFile, path: str, name: str) -> None:
    """Add one file, folder or link, if it is still there and one of these."""
    with contextlib.suppress(FileNotFoundError):
        entry = tar.gettarinfo(path, name)
        if entry.islnk():
            # Its other name may stay here.
            entry.type, entry.size = tarfile.REGTYPE, os.lstat(path).st_size
        if entry.isreg():
            # What was a file a moment ago may be a pipe by now.
            with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
                tar.addfile(entry, stream)
        elif entry.isdir() or entry.issym():
            tar.addfile(entry)


class Porter:
    """Does what it is told."""

    def __init__(self, store: Store, out: Out) -> None:
        self.store, self.out = store, out
        self.runs: dict[str, Run] = {}
        self.heard = time.monotonic()
        self.is_ending = threading.Lock()

    def do(self, asked: dict[str, Any], data: bytes) -> None:
        """Do one thing. What may take long is done in a thread of its own, and answered."""
        act = asked["do"]
        if act == "put":
            self.store.put(asked["name"], data, asked["is_last"])
        elif act == "ping":
            self.out.say({"pong": True})
        elif act == "start":
            # In this thread, which lasts as long as this process: the launcher ends with it.
            self.answer(asked, self.start)
        elif act == "stop" and asked["nonce"] in self.runs:
            self.runs[asked["nonce"]].signal(signal.SIGUSR1 if asked["force"] else signal.SIGTERM)
        elif act == "bring" and asked["nonce"] in self.runs:
            # A script that removed the place gets nothing more.
            with contextlib.suppress(OSError):
                bring(os.path.join(self.runs[asked["nonce"]].directory, asked["name"]), data)
        elif act in {"missing", "tree", "lay", "forget"}:
            threading.Thread(target=self.answer, args=(asked, getattr(self, act)), daemon=True).start()

    def answer(self, asked: dict[str, Any], act: Any) -> None:
        """Do something and say what came of it."""
        try:
            self.out.say({"id": asked["id"], **(act(asked) or {})})
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told to whoever waits
            self.out.say({"id": asked["id"], "error": "%s: %s" % (type(error).__name__, error)})

    def missing(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Return which files are not here."""
        return {"names": [name for name in asked["names"] if not self.store.has(name)]}

    def tree(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Make a folder that stays, or say whether it is here."""
        if "entries" in asked:
            self.store.make_tree(asked["key"], asked["entries"])
        return {"is_there": self.store.has_tree(asked["key"])}

    def lay(self, asked: dict[str, Any]) -> None:
        """Make the folder of a run."""
        inside = os.path.join(self.store.tree(asked["program"]), INSIDE)
        if inside not in sys.path:
            sys.path.append(inside)
        self.sweep()
        run = Run(asked["nonce"], os.path.join(self.store.root, "runs", asked["nonce"]), asked["run"], asked["attempt"])
        os.mkdir(run.folder, 0o700)
        with open(os.path.join(run.folder, "porter"), "w", encoding="ascii") as stream:
            stream.write("%d %s" % (os.getpid(), began(os.getpid())))
        self.runs[run.nonce] = run
        run.looks = self.store.lay(run.folder, asked["entries"])
        run.places = [os.path.join(run.folder, name) for name in asked["places"]]

    def start(self, asked: dict[str, Any]) -> None:
        """Start the launcher of a run."""
        run = self.runs[asked["nonce"]]
        with open(os.path.join(run.directory, "logs", "launcher.log"), "ab") as log:
            run.process = subprocess.Popen(
                asked["words"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={**os.environ, **asked["env_vars"], "DESKTOP_AML_LIFELINE": str(os.getpid())},
                start_new_session=True,
            )
        threading.Thread(target=self.follow, args=(run,), daemon=True).start()

    def follow(self, run: Run) -> None:
        """Tell what is new of a run until it has ended, and then all that it leaves."""
        if TYPE_CHECKING:
            from desktop_aml.inside_run import news
        else:
            # It came along.
            import news

        assert run.process is not None
        known: dict[str, int] = {}
        while True:
            is_over = run.process.poll() is not None
            told = io.BytesIO()
            if news.tell(run.directory, run.attempt, known, told):
                requests = [name for name in news.whole(run.directory, run.attempt) if name.startswith("requests/")]
                if any(name not in known for name in requests):
                    # A request may be about what the script has left so far.
                    run.tell_files(self.out, ("snapshot/outputs", "snapshot/logs", "uploads"), "results")
                self.take_note(told.getvalue(), known)
                self.out.say({"nonce": run.nonce, "news": True}, told.getvalue())
            elif is_over:
                break
            else:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    run.process.wait(LOOK_S)
        run.tell_places(self.out)
        attempt = "attempts/" + run.attempt
        run.tell_files(self.out, ("snapshot", "uploads", "logs", "journal", attempt), "end", known)
        self.out.say({"nonce": run.nonce, "ended": run.process.returncode})

    @staticmethod
    def take_note(told: bytes, known: dict[str, int]) -> None:
        """Remember what was told."""
        at = 0
        while at < len(told):
            end = told.index(b"\n", at)
            head = json.loads(told[at:end])
            if "there" in head:
                for name in [one for one in known if one.startswith("requests/") and one not in head["there"]]:
                    del known[name]
                return
            known[head["name"]] = head["offset"] + head["size"]
            at = end + 1 + head["size"]

    def forget(self, asked: dict[str, Any]) -> None:
        """Remove the folder of a run."""
        run = self.runs.pop(asked["nonce"], None)
        if run is not None:
            end_all_of(run)
            shutil.rmtree(run.folder, ignore_errors=True)

    def sweep(self) -> None:
        """End and remove what a porter before this one has left that was killed itself."""
        place = os.path.join(self.store.root, "runs")
        for nonce in os.listdir(place):
            folder = os.path.join(place, nonce)
            try:
                with open(os.path.join(folder, "porter"), encoding="ascii") as stream:
                    pid, at = stream.read().split()
            except (OSError, ValueError):
                continue
            if nonce not in self.runs and began(int(pid)) != at:
                end_all_of(Run(nonce, folder))
                shutil.rmtree(folder, ignore_errors=True)

    def end(self) -> None:
        """End all that is carried out here, and this process."""
        self.is_ending.acquire()
        for run in self.runs.values():
            run.signal(signal.SIGUSR1)
        until = time.monotonic() + END_S
        for run in self.runs.values():
            if run.process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    run.process.wait(max(0.0, until - time.monotonic()))
            end_all_of(run)
            shutil.rmtree(run.folder, ignore_errors=True)
        os._exit(0)

    def watch(self) -> None:
        """End when nothing was heard for long."""
        while time.monotonic() - self.heard < SILENCE_S:
            time.sleep(1.0)
        self.end()


def bring(path: str, data: bytes) -> None:
    """Put a file where a script looks for it, whole. The script can write there: what it put in the way is removed."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path + ".part")
    with open(os.open(path + ".part", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(data)
    os.rename(path + ".part", path)


def end_all_of(run: Run) -> None:
    """Kill whatever bears the mark of an attempt."""
    run.signal(signal.SIGKILL)
    mark = b"DESKTOP_AML_NONCE=" + run.nonce.encode()
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open("/proc/%s/environ" % name, "rb") as stream:
            if mark in stream.read().split(b"\0") and int(name) != os.getpid():
                os.kill(int(name), signal.SIGKILL)


def began(pid: int) -> str:
    """Return when a process began, as its system counts; empty where there is none."""
    try:
        with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as stream:
            return stream.read().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def facts(root: str) -> dict[str, Any]:
    """Return what there is on this machine for a run."""
    pythons: dict[str, str] = {}
    for path in [getattr(sys, "_base_executable", ""), *(shutil.which("python3.%d" % one) for one in range(6, 21))]:
        if path:
            pythons.setdefault(os.path.realpath(path), path)
    found = {}
    for path in pythons:
        ask = "import sys;print('%d.%d.%d' % sys.version_info[:3])"
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            done = subprocess.run([path, "-I", "-S", "-c", ask], capture_output=True, timeout=20, check=True)
            found[done.stdout.decode().strip()] = path
    libc = platform.libc_ver()
    kept = ("HOME", "USER", "LOGNAME", "SHELL", "PATH", "TMPDIR", "LANG", "LC_ALL")
    return {
        "root": root,
        "machine": platform.machine(),
        "libc": libc[1] if libc[0] == "glibc" else "",
        "pythons": found,
        "env_vars": {name: os.environ[name] for name in kept if name in os.environ},
        "free_bytes": shutil.disk_usage(root).free,
    }


def main() -> None:
    """Say what there is, then do what is asked for."""
    out = Out(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    root = os.path.join(os.path.realpath(cache), "desktop-aml-machine")
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    porter = Porter(Store(root), out)
    out.say({"facts": facts(root)})
    threading.Thread(target=porter.watch, daemon=True).start()
    threading.Thread(target=porter.store.clean, daemon=True).start()
    source = sys.stdin.buffer
    try:
        while line := source.readline():
            asked = json.loads(line)
            data = source.read(asked["size"]) if asked.get("size") else b""
            porter.heard = time.monotonic()
            porter.do(asked, data)
    finally:
        porter.end()


main()
