"""What the launcher reads and leaves in ``attempts/<n>``: job, claim, the record of the end, and notes in its log.

Standard library only, Python 3.6 or newer. Paths and arguments are handled as bytes, because Python 3.6 in the
C locale cannot encode them.
"""

import errno
import os
import stat
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from desktop_aml.inside_run.lean import dumps, loads
else:
    from lean import dumps, loads

if sys.platform != "win32":
    CAREFUL = os.O_NOFOLLOW | os.O_NONBLOCK
else:
    CAREFUL = 0
"""Flags to open what a script may have put there: no link is followed, no FIFO waited for."""

RESERVED_BYTES = 4096
"""Disk space kept for the exit record, so that a full disk cannot hide how the script ended."""


class Job:
    """What ``job.json`` asks for; text that leaves this process is bytes."""

    def __init__(self, run_directory: bytes, attempt: int) -> None:
        self.run_directory = run_directory
        self.folder = os.path.join(run_directory, b"attempts", str(attempt).encode())
        with open(os.path.join(self.folder, b"job.json"), "rb") as stream:
            values = loads(stream.read())
        self.nonce: str = values["nonce"]
        self.python: str = values["python"]
        self.script: str = values["script"]
        self.module: str = values.get("module", "")
        self.arguments = [encoded(text) for text in values["arguments"]]
        self.env_vars = {encoded(name): encoded(text) for name, text in values["env_vars"].items()}
        self.env_vars[b"DESKTOP_AML_NONCE"] = self.nonce.encode()
        self.timeout_s: "float | None" = values["timeout_s"]
        self.grace_s: float = values["grace_s"]
        self.cpus: "float | None" = values.get("cpus")
        self.memory_bytes: "int | None" = values.get("memory_bytes")
        self.tracking: "dict[str, Any] | None" = values.get("tracking")
        self.snapshot = os.path.join(run_directory, b"snapshot")
        self.log = os.path.join(run_directory, b"logs", b"std_log.txt")

    def command(self) -> "list[bytes]":
        """Return the argument list of the script; a name that begins with a dash is not an option of Python."""
        if self.module:
            return [encoded(self.python), b"-m", encoded(self.module), *self.arguments]
        script = "./" + self.script if self.script.startswith("-") else self.script
        return [encoded(self.python), encoded(script), *self.arguments]

    def stop_is_wanted(self) -> bool:
        """Whether a stop was asked for before this attempt had a process to signal."""
        return os.path.exists(os.path.join(self.folder, b"stop"))


def write_durably(path: bytes, value: "dict[str, Any]") -> None:
    """Replace `path` by the JSON of `value`, so that after a power loss it holds all of it or is absent."""
    temporary, descriptor = _reserved(path)
    try:
        data = dumps(value).encode()
        os.write(descriptor, data)
        os.ftruncate(descriptor, len(data))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.rename(temporary, path)
    except OSError:
        # The script left a folder there. It is put aside: how the script ended is told all the same.
        os.rename(path, b"%s.%d.aside" % (path, os.getpid()))
        os.rename(temporary, path)
    _flush_folder(os.path.dirname(path))


def begun(folder: bytes, identity: "dict[str, Any]") -> None:
    """Put down that the script is about to go on, and who it is; from now on the claim is on the disk, too."""
    write_durably(os.path.join(folder, b"process.json"), identity)


def leave(folder: bytes, identity: "dict[str, Any]", record: "dict[str, Any]") -> None:
    """Leave the record of the end, in a folder by itself: the engine follows no link that a script put in its place.

    A folder that the script moved away is made anew, as long as that of the run is there.
    """
    for path in (os.path.dirname(folder), folder):
        try:
            if stat.S_ISDIR(os.lstat(path).st_mode):
                continue
            os.rename(path, b"%s.%d.aside" % (path, os.getpid()))
        except FileNotFoundError:
            pass
        os.mkdir(path, 0o700)
    if not os.path.lexists(os.path.join(folder, b"claim.json")):
        # Another engine than the one that started this would take the attempt for one that never began.
        write_durably(os.path.join(folder, b"claim.json"), identity)
        begun(folder, identity)
    write_durably(os.path.join(folder, b"exit.json"), record)


def _reserved(path: bytes) -> "tuple[bytes, int]":
    """Return the file that `reserve` made for `path`, opened, or a new one where the script put something else.

    A FIFO there would block this process for ever, a link or a second name would write into another file.
    """
    temporary = path + b".tmp"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | CAREFUL, 0o600)
        found = os.fstat(descriptor)
        if stat.S_ISREG(found.st_mode) and found.st_nlink == 1:
            return temporary, descriptor
        os.close(descriptor)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
    temporary = b"%s.%d.tmp" % (path, os.getpid())
    return temporary, os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def claim(folder: bytes, identity: "dict[str, Any]") -> bool:
    """Take the attempt for this process; False when another has it or the engine gave it up.

    The link fails when the claim exists, which makes this a decision that only one process can win.

    A file made with ``O_EXCL`` would decide, too, but be there empty for a moment, or for ever after a power cut: a
    claim that names nobody. What is linked has its content, on the disk, before it has the name. The name itself is
    there for good once `begun` was called, before which no script goes on: a claim that a power cut takes is of an
    attempt that ran nothing.
    """
    temporary = os.path.join(folder, b"claim.%d.tmp" % os.getpid())
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, dumps(identity).encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(temporary, os.path.join(folder, b"claim.json"))
    except FileExistsError:
        return False
    finally:
        os.unlink(temporary)
    return True


def described(reason: str, code: "int | None", number: "int | None", job: Job) -> str:
    """Say in words for a person how the script ended."""
    if reason == "canceled":
        return "The script was stopped."
    if reason == "timeout":
        return "The script ran longer than its limit of {:g} s and was stopped.".format(job.timeout_s or 0.0)
    if reason == "memory" and not job.memory_bytes:
        return "The run used all of the memory that it may have, and the system killed it."
    if reason == "memory":
        return "The run used more than the {:,.0f} MB of memory that it may, and was stopped.".format(
            (job.memory_bytes or 0) / 1e6
        )
    if number is not None:
        import signal  # here, as most scripts end by themselves

        names = {int(known): known.name for known in signal.Signals}
        text = "The script was ended by signal {} ({}).".format(number, names.get(number, "real-time signal"))
        if names.get(number) == "SIGKILL":
            text += " Something else killed it; a computer that runs out of memory does that."
        return text
    return "The script ended with exit code {}.".format(code)


def start_failure(job: Job, line: bytes) -> str:
    """Say in words why the script's process could not begin: `line` is what it reported."""
    stage, _, number = line.partition(b" ")
    reason = os.strerror(int(number or b"0"))
    if stage != b"exec":
        return "The script's process could not be set up: {}.".format(reason)
    if int(number) == errno.ENOENT and os.path.exists(encoded(job.python)):
        reason = "the program that should load it is missing"
    if int(number) == errno.E2BIG:
        reason = "the arguments and environment variables are too long together"
    return "The interpreter {} cannot be started: {}.".format(job.python, reason)


def not_started(message: str, reason: str = "not_started") -> "dict[str, Any]":
    """Return the exit record of a script that never ran."""
    return {"exit_code": None, "signal": None, "reason": reason, "message": message, "started_at": None,
            "ended_at": time.time(), "max_rss_bytes": 0, "cpu_s": 0.0}  # fmt: skip


def note(text: str) -> None:
    """Add a line to ``logs/launcher.log``, which is this process's standard error; a full disk is no reason to stop."""
    try:
        os.write(2, "{:.3f} launcher {}: {}\n".format(time.time(), os.getpid(), text).encode("utf-8", "replace"))
    except OSError:
        pass


def reserve(path: bytes) -> None:
    """Take the disk space of the exit record now."""
    descriptor = os.open(path + b".tmp", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        # Blocks, not a size: a file with a hole would find the disk full when it is written.
        if sys.platform == "linux":
            os.posix_fallocate(descriptor, 0, RESERVED_BYTES)
        else:
            os.write(descriptor, b" " * RESERVED_BYTES)
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS):
            raise
    finally:
        os.close(descriptor)


def _flush_folder(path: bytes) -> None:
    if sys.platform != "win32":  # where folders cannot be opened
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def encoded(text: str) -> bytes:
    """Return `text` as the operating system wants it, whatever the locale."""
    return text.encode("utf-8", "surrogateescape")
