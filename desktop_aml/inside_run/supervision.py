"""What the launcher does: it supervises one attempt of one run.

It is the parent of the user's script, so it alone learns how the script ended, and it stays alive when the
window and the engine go away. It claims the attempt, starts the script in a session of its own, waits, ends the whole
process tree, and leaves ``exit.json``. It runs in the interpreter of the run's environment: standard library only,
Python 3.6 to 3.14, few imports. It must not read or write what the script prints: output goes to the log by file
descriptor. TERM to the launcher stops the script politely, USR1 by force.
"""

import os
import sys
import time

assert sys.platform != "win32", "this module is of POSIX systems"

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from typing import Any

    from desktop_aml.inside_run import next_signal
    from desktop_aml.inside_run.attempt_folder import (
        Job,
        begun,
        claim,
        described,
        encoded,
        leave,
        not_started,
        note,
        reserve,
        start_failure,
    )
    from desktop_aml.inside_run.limits import Limits, limits_of
    from desktop_aml.inside_run.log_times import LogTimes
    from desktop_aml.inside_run.machine_use import Sampler, memory_kills
    from desktop_aml.inside_run.next_signal import WATCHED_SIGNALS
    from desktop_aml.inside_run.process_tree import (
        PR_SET_CHILD_SUBREAPER,
        PR_SET_PDEATHSIG,
        find_remaining,
        prctl,
        send,
        start_time,
    )
    from desktop_aml.inside_run.tracking_door import Door
else:
    import next_signal
    from attempt_folder import Job, begun, claim, described, encoded, leave, not_started, note, reserve, start_failure
    from lean import signal
    from limits import limits_of
    from log_times import LogTimes
    from machine_use import Sampler, memory_kills
    from next_signal import WATCHED_SIGNALS
    from process_tree import PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG, find_remaining, prctl, send, start_time

LINGER_S = 1.0
"""How long what outlives the script may take to end by itself; joblib's resource tracker needs a moment."""

SWEEP_GRACE_S = 2.0
"""How long it may take after it was asked to end."""

SCRIPT_PID = b"DESKTOP_AML_SCRIPT_PID"
"""Tells the processes of a run which of them is the script itself."""

LIFELINE = "DESKTOP_AML_LIFELINE"
"""Process id of a parent without which this supervisor shall not go on: a worker of a cluster."""


class CannotStart(Exception):
    """The script's first instruction was never reached; the text says why."""


class ScriptBegins(BaseException):
    """Raised in the process that is to become the script, where that is this interpreter itself: a warm start.

    It passes through all frames of the launcher and leaves none of them below the script.

    Parameters
    ----------
    report : int
        Descriptor that must be closed when the script begins; what is written there before says why it cannot.
    """

    def __init__(self, job: Job, env_vars: "dict[bytes, bytes]", report: int) -> None:
        super().__init__()
        self.job = job
        self.env_vars = env_vars
        self.report = report


def check(job: Job) -> None:
    """Raise `CannotStart` when it is plain that the script cannot run."""
    script = os.path.join(job.snapshot, encoded(job.script))
    if not os.path.isdir(job.snapshot):
        raise CannotStart("The run's copy of the source, {}, is missing.".format(os.fsdecode(job.snapshot)))
    if not os.path.isfile(script):
        raise CannotStart("The script {} is not in the run's copy of the source.".format(job.script))


def spawn(job: Job, users_umask: int, limits: "Limits | None" = None, *, is_warm: bool = False) -> int:
    """Start the script and return its process id once its first instruction is certain.

    A warm start raises `ScriptBegins` in the new process.

    The child makes its own session and reports it, then waits: the identity is on disk before the script may run.
    A launcher that dies in between closes the pipe, and the child ends without running anything.
    """
    # Before the fork: that the log cannot be opened is this process's to tell. At its end, whoever else writes there.
    # Twice, so that each of the two streams has a place of its own there: by it the script tells what is an error's.
    log, errors = (os.open(job.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) for _ in range(2))
    nothing = os.open(os.devnull, os.O_RDONLY)
    (ready_out, ready_in), (go_out, go_in) = os.pipe(), os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        stage, leaves = b"session", True
        try:
            # Its own copy of the writing end would keep the read below from ending when the launcher dies.
            os.close(go_in)
            # A session, and so a group, of its own: one killpg reaches what has not left it, and no terminal does.
            os.setsid()
            # Before it reports: from its report on, the launcher's death is its death. A launcher that died before is
            # told by the end of the pipe, and by the look at the parent.
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            os.write(ready_in, b"ready\n")
            if os.read(go_out, 1) != b"g" or os.getppid() != parent:
                os._exit(0)
            stage = b"setup"
            # What the launcher writes is private; what the script writes has the user's own permissions.
            os.umask(users_umask)
            for source, target in ((nothing, 0), (log, 1), (errors, 2)):
                os.dup2(source, target)
            os.chdir(job.snapshot)
            env_vars = {**job.env_vars, SCRIPT_PID: b"%d" % os.getpid()}
            if is_warm:
                # The handlers are an interpreter's own, as they were when it was started.
                signal.pthread_sigmask(signal.SIG_SETMASK, [])
                leaves = False
                raise ScriptBegins(job, env_vars, ready_in)
            if limits is not None:
                limits.bind_script()
            # Last: what was sent to it meanwhile has waited, blocked, and meets it with a program's own handling.
            _restore_signals()
            stage = b"exec"
            os.execve(job.command()[0], job.command(), env_vars)  # noqa: S606 - no shell is wanted
        except OSError as error:
            os.write(ready_in, b"%s %d" % (stage, error.errno or 0))
        finally:
            # Nothing goes back into the launcher's code but a script that begins there: there must be one supervisor.
            if leaves:
                os._exit(127)
    for descriptor in (log, errors, nothing, ready_in, go_out):
        os.close(descriptor)
    _release_child(job, pid, ready_out, go_in)
    return pid


def _release_child(job: Job, pid: int, ready_out: int, go_in: int) -> None:
    """Record the child's identity, let it go on, and wait until it has become the script."""
    with open(ready_out, "rb") as report, open(go_in, "wb", buffering=0) as go:
        line = report.readline()
        if line == b"ready\n":
            identity = {"pid": pid, "start_time": start_time(pid), "pgid": pid, "started_at": time.time()}
            begun(job.folder, identity)
            go.write(b"g")
            line = report.read()  # ends when exec closes the pipe, or with the reason why it could not
    if line:
        os.waitpid(pid, 0)
        raise CannotStart(start_failure(job, line))


def _restore_signals() -> None:
    """Give the script the signal handling that a shell would give it, whatever the launcher inherited."""
    for number in (*WATCHED_SIGNALS, signal.SIGQUIT, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGUSR2, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


class Supervisor:
    """Waits for the script, stops it when asked or when its time is up, and ends what it leaves behind."""

    def __init__(self, job: Job, pid: int, door: "Door | None" = None, limits: "Limits | None" = None) -> None:
        self.job = job
        self.pid = pid
        self.door = door
        self.limits = limits
        self.spared = b"DESKTOP_AML_DOOR=" + door.mark if door else b""
        self.status: "int | None" = None
        self.stop_reason = ""
        self.started_at = time.time()
        self.ended_at = 0.0
        self.max_rss_bytes = 0
        self.cpu_s = 0.0
        self.time_is_up = None if job.timeout_s is None else time.monotonic() + job.timeout_s
        self.kill_at: "float | None" = None
        self.is_forced, self.memory_kills = False, memory_kills()
        logs = os.path.join(job.run_directory, b"logs")
        self.sampler, self.times = Sampler(os.path.join(logs, b"machine_use.csv")), LogTimes(logs)

    def supervise(self) -> "dict[str, Any]":
        """Return the exit record once the script and everything it started are gone."""
        self.reap()
        while self.status is None:
            own = self.kill_at if self.stop_reason else self.time_is_up
            deadlines = (own, self.times.due, self.sampler.due, self.limits.due if self.limits else None)
            self.handle(self.wait(min(one for one in deadlines if one is not None)))
            if self.status is None:
                self._enforce()
                for watcher in (self.times, self.sampler):
                    watcher.look(time.monotonic(), self.door.pid if self.door is not None else 0)
        self._sweep()
        self.times.note()
        if self.door:
            self.door.close()
        return self._record(self.status)

    def wait(self, until: "float | None") -> int:
        """Return the next watched signal, or 0 when the monotonic clock reaches `until`."""
        return next_signal.wait(WATCHED_SIGNALS, until)

    def handle(self, number: int) -> None:
        """React to a signal: whatever it was, children may have ended."""
        self.reap()
        if number in (signal.SIGTERM, signal.SIGINT):
            self._stop("canceled", self.job.grace_s)
        elif number == signal.SIGUSR1:
            self._stop("canceled", 0.0)
        elif number == signal.SIGIO and self.door is not None:
            self.door.knocked()

    def reap(self) -> None:
        """Collect every child that has ended, also the orphans that were handed to this subreaper."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if self.door is not None and self.door.ended(pid):
                continue
            self.cpu_s += usage.ru_utime + usage.ru_stime
            self.max_rss_bytes = max(self.max_rss_bytes, usage.ru_maxrss * 1024)
            if pid == self.pid:
                self.status, self.ended_at = status, time.time()

    def _remaining(self) -> "list[tuple[int, int]]":
        """Return what is alive of the run; who waits behind the door is no part of it, with the mark or without."""
        return find_remaining(self.job.nonce, self.spared, self.door.pid if self.door is not None else 0)

    def _stop(self, reason: str, grace_s: float) -> None:
        """Begin to end the script; a second call may only shorten the grace period."""
        kill_at = time.monotonic() + grace_s
        if self.status is None and not self.stop_reason:
            self.stop_reason = reason
            note("stopping the script: {}".format(reason))
            if grace_s > 0:
                self._signal_group(signal.SIGTERM)
        self.kill_at = kill_at if self.kill_at is None else min(self.kill_at, kill_at)

    def _enforce(self) -> None:
        now = time.monotonic()
        if not self.stop_reason and self.time_is_up is not None and now >= self.time_is_up:
            self._stop("timeout", self.job.grace_s)
        if not self.stop_reason and self.limits is not None:
            if self.limits.has_too_much(now, self.door.pid if self.door is not None else 0):
                self._stop("memory", 0.0)
        if self.kill_at is not None and now >= self.kill_at:
            if not self.is_forced:
                self.is_forced = True
                note("killing the script and all that it started: {}".format(self.stop_reason))
            self._signal_group(signal.SIGKILL)
            for pid, started in self._remaining():
                send(pid, started, signal.SIGKILL)
            # Again until nothing is left: who is killed may have started another just before.
            self.kill_at = now + 0.1

    def _signal_group(self, number: int) -> None:
        # The script is our child and not yet reaped, so its number cannot belong to anyone else.
        try:
            os.killpg(self.pid, number)
            # A process that is stopped would obey only once somebody continues it.
            os.killpg(self.pid, signal.SIGCONT)
        except (ProcessLookupError, PermissionError):
            pass

    def _sweep(self) -> None:
        """End what outlives the script: let it go by itself, ask it, kill it, until two scans find nothing."""
        ask_at = time.monotonic() + (0.0 if self.stop_reason else LINGER_S)
        force_at = self.kill_at if self.kill_at is not None else ask_at + min(SWEEP_GRACE_S, self.job.grace_s)
        asked: "set[tuple[int, int, int]]" = set()
        # Two scans: a process that is made while /proc is read can be missed by one, and its parent be gone by the
        # next. The pause grows: most leftovers are gone at once, and for the others a scan reads all of /proc.
        empty_scans, pause_s = 0, 0.01
        while empty_scans < 2:
            self.reap()
            remaining = self._remaining()
            empty_scans = 0 if remaining else empty_scans + 1
            now = time.monotonic()
            force_at = force_at if self.kill_at is None else min(force_at, self.kill_at)
            for pid, started in remaining:
                number = signal.SIGKILL if now >= force_at else signal.SIGTERM
                if number == signal.SIGTERM and (now < ask_at or (pid, started, number) in asked):
                    continue
                if (pid, started, number) not in asked:
                    asked.add((pid, started, number))
                    name = "SIGTERM" if number == signal.SIGTERM else "SIGKILL"
                    note("ending the process {}, which outlived the script, by {}".format(pid, name))
                send(pid, started, number)
            if remaining:
                self.handle(self.wait(now + pause_s))
                pause_s = min(pause_s * 1.5, 0.25)

    def _record(self, status: int) -> "dict[str, Any]":
        signaled = os.WIFSIGNALED(status)
        number = os.WTERMSIG(status) if signaled else None
        reason = self.stop_reason or ("signal" if signaled else "exit")
        if reason == "signal" and number == signal.SIGKILL and memory_kills() > self.memory_kills:
            reason = "memory"
        code = None if signaled else os.WEXITSTATUS(status)
        return {
            "exit_code": code,
            "signal": number,
            "reason": reason,
            "message": described(reason, code, number, self.job),
            "started_at": self.started_at,
            "ended_at": self.ended_at,
            "max_rss_bytes": self.max_rss_bytes,
            "cpu_s": self.cpu_s,
            **self.sampler.record(),
        }


def run(job: Job, limits: "Limits | None" = None, *, is_warm: bool = False) -> "dict[str, Any]":
    """Run the script of a claimed attempt and return its exit record."""
    users_umask = os.umask(0o077)
    # Before there are children: whoever loses its parent comes to this process, which then learns of it and its end.
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        # First of all: once a script has run, no full disk may keep its end from being told.
        reserve(os.path.join(job.folder, b"exit.json"))
        if job.stop_is_wanted():
            return not_started("The run was stopped before its script began.", "canceled")
        check(job)
        door = _opened_door(job)
        pid = spawn(job, users_umask, limits, is_warm=is_warm)
    except CannotStart as error:
        return not_started(str(error))
    except OSError as error:
        return not_started("The script could not be started: {}.".format(error))
    return Supervisor(job, pid, door, limits).supervise()


def _opened_door(job: Job) -> "Door | None":
    """Open the address of the tracking server, where the job wants one."""
    if job.tracking is None:
        return None
    if TYPE_CHECKING:
        from desktop_aml.inside_run import tracking_door
    else:
        import tracking_door  # here, as it needs more of the standard library than the rest
    return tracking_door.opened(job.tracking, job.env_vars)


def main(run_directory: bytes, attempt: int, warm: "dict[str, Any] | None" = None) -> int:
    """Supervise one attempt; return 0, or 3 when the attempt belongs to another.

    Parameters
    ----------
    warm : dict, optional
        What the claim tells of a warm start, by which this very interpreter runs the script in a process of its own.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # ignored by the parent, it would hide how children end
    signal.pthread_sigmask(signal.SIG_SETMASK, WATCHED_SIGNALS)  # before the claim: a stop finds us ready or not at all
    parent = os.environ.get(LIFELINE)
    if parent:
        prctl(PR_SET_PDEATHSIG, signal.SIGUSR1)
        if os.getppid() != int(parent):
            note("the worker that started this is gone; nothing to do")
            return 3
    job = Job(run_directory, attempt)
    # A process id and its start, in ticks since the boot, may come again after the next boot.
    with open("/proc/sys/kernel/random/boot_id") as stream:
        boot_id = stream.read().strip()
    own = os.getpid()
    limits = limits_of(job)
    identity = {"pid": own, "start_time": start_time(own), "boot_id": boot_id, "nonce": job.nonce}
    if limits is not None:
        identity["limits"] = limits.words()
    identity = identity if warm is None else {**identity, "warm": warm}
    if not claim(job.folder, identity):
        note("attempt {} is taken or given up; nothing to do".format(attempt))
        return 3
    record = run(job, limits, is_warm=warm is not None)
    note("{} (exit code {}, signal {})".format(record["message"], record["exit_code"], record["signal"]))
    leave(job.folder, identity, record)
    return 0
