"""The files of one attempt, as the engine's side writes and reads them: job, claim, stop marker, exit record."""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from desktop_aml.domain.jobs import Job
from desktop_aml.domain.names import storable
from desktop_aml.domain.runs import RunOutcome
from desktop_aml.domain.summaries import machine_use
from desktop_aml.domain.values import dataclass
from desktop_aml.executors.claims import Claim
from desktop_aml.system.files import (
    flush,
    make_missing,
    make_own,
    own_folder,
    read_regular,
    write_durably,
    write_new,
    write_whole,
)
from desktop_aml.system.new_files import PRIVATE
from desktop_aml.system.processes import ProcessIdentity

# The script can write where these files lie: nothing in them is larger than it has to be for a record to be told.
_READ_BYTES: Final = 16 << 20
"""A job holds all variables of a script, which the kernel limits to a few megabytes."""

_LATEST: Final = 253_402_300_800
"""The end of the year 9999, in Unix seconds: what is later cannot be shown as a date."""

_LARGEST: Final = 1 << 32
"""Exit codes and signals are far smaller, on every system."""

_LONGEST: Final = 10_000
"""Characters of a message that a person could read."""
_OUTCOME: Final = {
    "exit_code": int | None,
    "signal": int | None,
    "reason": str,
    "message": str,
    "started_at": float | int | None,
    "ended_at": float | int | None,
}


_NOT_THE_FILES_FAULT: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.ESTALE})
"""Why a file may be unreadable now and readable at the next look: too many are open, or the disk does not answer."""


@dataclass(frozen=True, slots=True)
class Handle:
    """``<executor>:<attempt>:<nonce>:<run directory>``: what finds the work of a job again.

    Parameters
    ----------
    executor : str
        Which executor it is for.
    """

    executor: str
    attempt: int
    nonce: str
    run_directory: Path

    @classmethod
    def of(cls, executor: str, job: Job) -> Handle:
        """Return the handle of a job."""
        return cls(executor, job.attempt, job.nonce, Path(job.run_directory))

    @classmethod
    @lru_cache(maxsize=1024)  # each look at a run that goes on begins with it
    def parse(cls, text: str) -> Handle:
        """Return the handle that was written as `text`."""
        executor, attempt, nonce, run_directory = text.split(":", 3)
        return cls(executor, int(attempt), nonce, Path(run_directory))

    def __str__(self) -> str:
        """Return the text that is stored."""
        return f"{self.executor}:{self.attempt}:{self.nonce}:{self.run_directory}"

    @property
    def container(self) -> str:
        """The name of its container, where it has one."""
        return f"desktop-aml-run-{self.nonce}"

    @lru_cache(maxsize=1024)  # noqa: B019 - of values, which are equal where their texts are
    def files(self) -> AttemptFiles:
        """Return the files of the attempt."""
        return AttemptFiles(self.run_directory / "attempts" / str(self.attempt))


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where the container of an attempt is, whatever Docker engine is chosen by now.

    Parameters
    ----------
    engine : str
        Address of its Docker engine.
    copies : bool
        Whether files are copied there and back, as it cannot see those of this computer.
    shared_folders : tuple of str
        Those of the job.
    """

    engine: str
    copies: bool
    python: str
    shared_folders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AttemptFiles:
    """The folder ``<run_directory>/attempts/<attempt>``.

    The script can write there: a link in its place, which could lead anywhere, is not followed.
    """

    folder: Path

    def make(self) -> None:
        """Make the folder, and its run's when that is missing.

        Raises
        ------
        OSError
            When it cannot be made, or something else is in its place.
        """
        run_directory = self.folder.parents[1]
        make_missing(run_directory, within=run_directory.parent)
        make_own(self.folder, within=run_directory)

    def is_there(self) -> bool:
        """Whether there is such a folder, or what a script put in its place."""
        return self.folder.is_dir() or self.folder.is_symlink()

    def _held(self) -> AbstractContextManager[Path]:
        return own_folder(self.folder, within=self.folder.parents[1])

    def _write(self, name: str, data: bytes, *, lasts: bool = True) -> None:
        with self._held() as place:
            (write_durably if lasts else write_whole)(place / name, data)

    def _read(self, name: str) -> dict[str, Any] | None:
        """Return what a file holds; None for anything else in its place: the script may write there, too."""
        try:
            with self._held() as place:
                values = json.loads(read_regular(place / name, _READ_BYTES))
        except (OSError, ValueError, RecursionError):
            return None
        return values if isinstance(values, dict) else None

    def _has(self, name: str) -> bool:
        with suppress(OSError), self._held() as place:
            return (place / name).exists()
        return False

    def write_job(self, job: Job, *, lasts: bool = True) -> None:
        """Put down what the launcher shall run; `lasts` is for a launcher that a power cut here does not end."""
        values = {
            "run_id": job.run_id,
            "nonce": job.nonce,
            "python": job.python,
            "script": job.script,
            "module": job.module,
            "arguments": list(job.arguments),
            "env_vars": job.env_vars,
            "timeout_s": job.timeout_s,
            "grace_s": job.grace_s,
            "cpus": job.cpus,
            "memory_bytes": job.memory_bytes,
            "tracking": None if job.tracking is None else asdict(job.tracking),
        }
        self._write("job.json", json.dumps(values).encode(), lasts=lasts)

    def forget_variables(self, *, lasts: bool = True) -> None:
        """Take the script's variables, secrets among them, out of a job that was read; `lasts` as in `write_job`."""
        values = self._read("job.json")
        if values is not None and values.get("env_vars"):
            self._write("job.json", json.dumps({**values, "env_vars": {}}).encode(), lasts=lasts)

    def write_whereabouts(self, found: Whereabouts) -> None:
        """Put down where the container will be."""
        self._write("container.json", json.dumps(asdict(found)).encode())

    def whereabouts(self) -> Whereabouts | None:
        """Return where the container is, None when none was begun."""
        values = self._read("container.json")
        if values is None:
            return None
        return Whereabouts(values["engine"], values["copies"], values["python"], tuple(values["shared_folders"]))

    def mark_start(self) -> None:
        """Leave word that the launcher is about to be started where its claim cannot be seen."""
        self._write("start", b"")

    def unmark_start(self) -> None:
        """Take that back: it was not started, and never will be."""
        with suppress(OSError), self._held() as place:
            (place / "start").unlink()

    def may_have_started(self) -> bool:
        """Whether `mark_start` holds."""
        return self._has("start")

    def claim(self) -> Claim | None:
        """Return the claim, or None while nobody made one.

        Whoever decides by it looks once: between two looks a process may have made it, and have started the script.

        Raises
        ------
        OSError
            When it cannot be told now. That is no word about the attempt.
        """
        try:
            with self._held() as place:
                values = json.loads(read_regular(place / "claim.json", _READ_BYTES))
            if values.get("void"):
                return Claim(None, is_void=True)
            owner = ProcessIdentity(int(values["pid"]), int(values["start_time"]), str(values["boot_id"]))
            return Claim(owner, machine=str(values.get("machine", "")))
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno in _NOT_THE_FILES_FAULT:
                raise
            return Claim(None)
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError):
            return Claim(None)

    def note_cold(self, why: str) -> None:
        """Put down why the script is not forked from a warm interpreter."""
        self._write("cold.json", json.dumps({"why": why}).encode())

    def how_started(self) -> dict[str, str]:
        """Return how the script was started, once the attempt is claimed: ``how``, and ``why`` or ``hash_seed``.

        Empty where there was no choice.
        """
        warm = (self._read("claim.json") or {}).get("warm")
        if isinstance(warm, dict):
            return {"how": "warm", "hash_seed": str(warm.get("hash_seed", ""))[:20]}
        why = (self._read("cold.json") or {}).get("why")
        return {"how": "cold", "why": storable(why[:500])} if isinstance(why, str) else {}

    def how_limited(self) -> str:
        """Return in words how the limits of the run are kept; empty where it has none."""
        how = (self._read("claim.json") or {}).get("limits")
        return storable(how[:200]) if isinstance(how, str) else ""

    def nonce(self) -> str:
        """Return what marks the processes of the attempt, as its claim or its job tells; empty when neither does."""
        for name in ("claim.json", "job.json"):
            found = (self._read(name) or {}).get("nonce")
            if isinstance(found, str) and found:
                return found
        return ""

    def give_up(self) -> bool:
        """Make a claim for nobody, so that a launcher that comes late cannot run; False when there is a claim."""
        try:
            return self._link_once("claim", {"void": True})
        except (FileNotFoundError, NotADirectoryError):
            # In a folder that is gone nobody can make one, nor in one that only a script can have replaced.
            return True

    def claim_for(self, owner: ProcessIdentity, *, machine: str = "", nonce: str = "") -> bool:
        """Claim the attempt for another process of this computer, which holds no lock; False when it is taken or over.

        For one that has another `machine` carry it out, the script begins later, under `nonce`.

        Raises
        ------
        OSError
            When the folder is gone or the disk is full.
        """
        known = {
            "pid": owner.pid,
            "start_time": owner.start_time,
            "started_at": time.time(),
            "pid_namespace": str(Path("/proc/self/ns/pid").readlink()),
            "lock": False,
        }
        if self.outcome() is not None:
            return False
        if machine:
            known["machine"] = machine
        else:
            self.write_process(known)
        return self._link_once("claim", {"boot_id": owner.boot_id, "nonce": nonce, **known})

    def write_process(self, values: Mapping[str, Any]) -> None:
        """Put down which process the script is."""
        self._write("process.json", json.dumps(values).encode())

    def needs_no_lock(self) -> bool:
        """Whether the claim was made by `claim_for`."""
        return (self._read("process.json") or {}).get("lock") is False

    def script_was_started(self) -> bool:
        """Whether the launcher let the script's process go on."""
        return self._has("process.json")

    def is_numbered_like_here(self) -> bool:
        """Whether the process ids in the claim mean the same processes here: not so for those in a container."""
        values = self._read("process.json") or {}
        return bool(values.get("pid_namespace") == str(Path("/proc/self/ns/pid").readlink()))

    def mark_stopped(self) -> None:
        """Leave word for a launcher that has not begun yet. Enough that it survives this process."""
        with suppress(NotADirectoryError):
            # Where a script put something else in its place, the launcher has begun long ago.
            self.make()
            with self._held() as place, suppress(FileExistsError):
                (place / "stop").touch(PRIVATE, exist_ok=False)

    def stop_was_asked(self) -> bool:
        """Whether `mark_stopped` was called."""
        return self._has("stop")

    def grace_s(self) -> float:
        """Return the grace period of the job in seconds, 0 when the job is gone."""
        values = self._read("job.json")
        return (_moment(values, "grace_s") if values is not None else None) or 0.0

    def outcome(self) -> RunOutcome | None:
        """Return how the script ended, or None while there is no exit record."""
        values = self._read("exit.json")
        if values is None or not all(isinstance(values.get(name, ...), kind) for name, kind in _OUTCOME.items()):
            return None
        found = {name: values[name] for name in _OUTCOME}
        for name in ("started_at", "ended_at"):
            found[name] = _moment(values, name)
        for name in ("exit_code", "signal"):
            # The script can write here: what is no number of a process or signal is none.
            if found[name] is not None and abs(found[name]) > _LARGEST:
                found[name] = None
        return RunOutcome(**{**found, "message": storable(found["message"][:_LONGEST])})

    def use(self) -> dict[str, float]:
        """Return what the attempt used of the computer, as far as its supervisor could measure it."""
        return machine_use.sums(self._read("exit.json") or {})

    def end(self, outcome: RunOutcome) -> bool:
        """Write the exit record of work that nobody supervises; False when there is one, which stays."""
        return self.leave({**asdict(outcome), "max_rss_bytes": 0, "cpu_s": 0.0})

    def leave(self, record: Mapping[str, Any]) -> bool:
        """Put an exit record in place; False when there is one, which stays."""
        return self._link_once("exit", record)

    def _link_once(self, name: str, values: Mapping[str, Any]) -> bool:
        """Write ``<name>.json`` whole, unless there is one; return whether it was written."""
        with self._held() as place:
            temporary = place / f"{name}.{os.getpid()}.tmp"
            write_new(temporary, json.dumps(values).encode())
            try:
                os.link(temporary, place / f"{name}.json")
            except FileExistsError:
                return False
            finally:
                temporary.unlink()
            flush(place)
        return True

    def started_at(self) -> float | None:
        """Return when the script began, as far as the launcher could record it."""
        values = self._read("process.json")
        return None if values is None else _moment(values, "started_at")

    def remove_leftovers(self) -> None:
        """Remove what is of no use after the end; the job goes because it holds the run's token."""
        with suppress(OSError), self._held() as place:
            for pattern in ("job.json", "stop", "sent.json", "*.lock", "*.sock", "*.tmp", ".*.new"):
                for path in place.glob(pattern):
                    with suppress(OSError):
                        path.unlink()


def _moment(values: dict[str, Any], name: str) -> float | None:
    """Return a time or duration in seconds; None for what is none."""
    found = values.get(name)
    # Compared before it is made a fraction: a whole number may be too large for one. NaN is not between, either.
    if isinstance(found, bool) or not isinstance(found, (int, float)) or not 0 <= found < _LATEST:
        return None
    return float(found)
