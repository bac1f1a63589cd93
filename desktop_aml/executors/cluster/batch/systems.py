"""Batch systems: the text of a node's job, the commands that take it, tell of it and end it, and what those say.

SLURM's are run by the tests. Those of PBS and LSF are written after their manuals, and were never run.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from desktop_aml.domain.computes.batch import BatchJobs, BatchSystem
from desktop_aml.domain.targets import FAR_PYTHON, ClusterSpec

QUEUED: Final = "queued"
RUNNING: Final = "running"
OVER: Final = "over"
_ENDING: Final = frozenset(("COMPLETING", "SIGNALING", "STAGE_OUT", "E"))


@dataclass(frozen=True, slots=True)
class JobState:
    """What a batch system says of a job.

    Parameters
    ----------
    stage : str
        ``queued``, ``running`` or ``over``; one that ends at this moment is still running.
    word : str
        The system's own word.
    node : str
        Where it is, or was.
    reason : str
        Why it waits, in words.
    """

    stage: str
    word: str
    node: str = ""
    reason: str = ""

    @property
    def is_ending(self) -> bool:
        """Whether it is over, or what it carries out is being ended at this moment."""
        return self.stage == OVER or self.word in _ENDING


@dataclass(frozen=True, slots=True)
class Commands:
    """The commands of one system.

    Parameters
    ----------
    submit : tuple of str
        Reads the text of a job and prints its number, which `number` finds.
    ask : callable
        Returns the command that tells of jobs, by the name that all of them have and their numbers.
    read : callable
        Returns what that said, by number.
    end : tuple of str
        Ends the jobs whose numbers follow.
    """

    submit: tuple[str, ...]
    number: re.Pattern[str]
    ask: Callable[[str, Sequence[str]], tuple[str, ...]]
    read: Callable[[str], dict[str, JobState]]
    end: tuple[str, ...]


# SLURM.

_SLURM_OVER: Final = {
    "CANCELLED": "was canceled by its owner or an administrator",
    "TIMEOUT": "reached its time limit",
    "DEADLINE": "reached its deadline",
    "NODE_FAIL": "was lost with its node",
    "OUT_OF_MEMORY": "used more memory than it may",
    "PREEMPTED": "had to make room for another job",
    "FAILED": "failed",
    "BOOT_FAIL": "had a node that did not start",
    "COMPLETED": "ended",
}
_SLURM_REASONS: Final = {
    "None": "",
    "Resources": "no node is free",
    "Priority": "other jobs come first",
    "BeginTime": "its time has not come",
}
# States of a job that waits, or may come back.
_SLURM_QUEUED: Final = {"PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "SPECIAL_EXIT"}


def _ask_slurm(name: str, _numbers: Sequence[str]) -> tuple[str, ...]:
    return ("squeue", "--noheader", "--states=all", f"--name={name}", "--format=%i|%T|%N|%r")


def _read_slurm(text: str) -> dict[str, JobState]:
    found = {}
    for line in text.splitlines():
        number, _, rest = line.strip().partition("|")
        word, _, rest = rest.partition("|")
        node, _, reason = rest.partition("|")
        if not word:
            continue
        stage = QUEUED if word in _SLURM_QUEUED else OVER if word in _SLURM_OVER else RUNNING
        found[number] = JobState(stage, word, node, _SLURM_REASONS.get(reason, reason.replace("_", " ")))
    return found


# PBS.

_PBS_STAGES: Final = {"R": RUNNING, "E": RUNNING, "B": RUNNING, "S": RUNNING, "F": OVER, "C": OVER, "X": OVER}


def _ask_pbs(_name: str, numbers: Sequence[str]) -> tuple[str, ...]:
    return ("qstat", "-x", "-f", *numbers)


def _read_pbs(text: str) -> dict[str, JobState]:
    found = {}
    for number, body in _blocks(text):
        # A value that is long goes on in the next line, after a tab.
        facts = dict(re.findall(r"^ {4}(\S+) = (.*)$", re.sub(r"\n\t", "", body), re.MULTILINE))
        word = facts.get("job_state", "")
        node = facts.get("exec_host", "").partition("/")[0]
        found[number] = JobState(_PBS_STAGES.get(word, QUEUED), word, node, facts.get("comment", ""))
    return found


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    parts = re.split(r"^Job Id: *(\S+)$", text, flags=re.MULTILINE)
    yield from zip(parts[1::2], parts[2::2], strict=True)


# LSF.

_LSF_STAGES: Final = {"PEND": QUEUED, "PSUSP": QUEUED, "WAIT": QUEUED, "DONE": OVER, "EXIT": OVER, "ZOMBI": OVER}


def _ask_lsf(_name: str, numbers: Sequence[str]) -> tuple[str, ...]:
    return ("bjobs", "-a", "-noheader", "-o", "jobid stat exec_host pend_reason delimiter='|'", *numbers)


def _read_lsf(text: str) -> dict[str, JobState]:
    found = {}
    for line in text.splitlines():
        number, _, rest = line.strip().partition("|")
        word, _, rest = rest.partition("|")
        node, _, reason = rest.partition("|")
        if number.isdigit() and word:
            nothing = {"-": ""}
            node = nothing.get(node, node.partition("*")[2] or node)
            found[number] = JobState(
                _LSF_STAGES.get(word, RUNNING), word, node, nothing.get(reason, reason.rstrip(";"))
            )
    return found


COMMANDS: Final = {
    BatchSystem.SLURM: Commands(
        ("sbatch", "--parsable"), re.compile(r"^(\d+)(?:;.*)?$", re.MULTILINE), _ask_slurm, _read_slurm, ("scancel",)
    ),
    BatchSystem.PBS: Commands(("qsub",), re.compile(r"^(\d\S*)$", re.MULTILINE), _ask_pbs, _read_pbs, ("qdel",)),
    BatchSystem.LSF: Commands(("bsub",), re.compile(r"Job <(\d+)>"), _ask_lsf, _read_lsf, ("bkill",)),
}


def commands_missing(system: BatchSystem) -> str:
    """Return a command of a system that this computer has not; empty when all are there."""
    known = COMMANDS[system]
    wanted = (known.submit[0], known.ask("", ())[0], known.end[0])
    return next((name for name in wanted if shutil.which(name) is None), "")


def how_over(system: BatchSystem, state: JobState) -> str:
    """Return in words how a job ended, such as “was canceled by its owner or an administrator (CANCELLED)”."""
    words = _SLURM_OVER.get(state.word, "ended") if system is BatchSystem.SLURM else "ended"
    return f"{words} ({state.word})" if state.word else words


# The text of a job.


def job_name(spec: ClusterSpec) -> str:
    """Return the name that all jobs of a cluster have in its batch system."""
    return "desktop-aml-" + re.sub(r"[^A-Za-z0-9_\-]", "_", spec.name)[:40]


def directives(spec: ClusterSpec) -> list[str]:
    """Return the lines by which the system is asked for a node."""
    asked = spec.batch
    assert asked.system is not None
    mark, lines = {
        BatchSystem.SLURM: ("#SBATCH", _for_slurm),
        BatchSystem.PBS: ("#PBS", _for_pbs),
        BatchSystem.LSF: ("#BSUB", _for_lsf),
    }[asked.system]
    return [f"{mark} {line}" for line in (*lines(asked, job_name(spec)), *asked.directives)]


def _for_slurm(asked: BatchJobs, name: str) -> Iterator[str]:
    # A run never begins a second time by itself, so its node must not either.
    yield from (f"--job-name={name}", "--nodes=1", "--ntasks=1", "--no-requeue", "--output=/dev/null")
    yield from (f"--partition={asked.queue}",) if asked.queue else ()
    yield from (f"--cpus-per-task={asked.cores}",) if asked.cores else ()
    yield from (f"--mem={asked.memory_mb}M",) if asked.memory_mb else ()
    yield from (f"--time={_clock(asked.time_s)}",) if asked.time_s else ()


def _for_pbs(asked: BatchJobs, name: str) -> Iterator[str]:
    # PBS takes names of fifteen characters.
    yield from (f"-N {name[:15]}", "-r n", "-j oe", "-o /dev/null")
    yield from (f"-q {asked.queue}",) if asked.queue else ()
    memory = f":mem={asked.memory_mb}mb" if asked.memory_mb else ""
    yield f"-l select=1:ncpus={asked.cores or 1}{memory}"
    yield from (f"-l walltime={_clock(asked.time_s)}",) if asked.time_s else ()


def _for_lsf(asked: BatchJobs, name: str) -> Iterator[str]:
    yield from (f"-J {name}", "-rn", "-o /dev/null", f"-n {asked.cores or 1}", '-R "span[hosts=1]"')
    yield from (f"-q {asked.queue}",) if asked.queue else ()
    yield from (f"-M {asked.memory_mb}MB",) if asked.memory_mb else ()
    yield from (f"-W {-(-asked.time_s // 60)}",) if asked.time_s else ()


def _clock(seconds: int) -> str:
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


@cache
def _program() -> str:
    return Path(__file__).with_name("far_job.py").read_text(encoding="utf-8")


def job_text(spec: ClusterSpec, log: Path, asked: dict[str, Any], certificate: str) -> str:
    """Return the text of a job that is one node.

    Parameters
    ----------
    log : Path
        Where it leaves what goes wrong, when the node sees that folder.
    asked : dict
        What its program is told, without line breaks in it.
    certificate : str
        Of the one that it calls.
    """
    python = sys.executable if spec.python == FAR_PYTHON else spec.python
    # A tilde means the home over there.
    word = python if python.startswith("~") else shlex.quote(python)
    return "\n".join(
        (
            "#!/bin/sh",
            *directives(spec),
            f"[ -d {shlex.quote(str(log.parent))} ] && exec >{shlex.quote(str(log))} 2>&1",
            f"exec {word} -u -c {shlex.quote(_program())} <<'THIS IS ALL'",
            json.dumps(asked),
            certificate.strip(),
            "THIS IS ALL",
            "",
        )
    )
