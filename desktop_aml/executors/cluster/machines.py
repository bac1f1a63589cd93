"""Machines that are reached by ssh: how a worker is begun there, what it needs, and what is said when that is missing.

What it needs is Linux, an ssh server that lets this user in without a question, and a Python with Dask's `distributed`
of the version that is here. The program that it carries out comes along.
"""

from __future__ import annotations

import asyncio
import json
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from desktop_aml.domain.targets import ClusterSpec, Machine, check_host
from desktop_aml.executors.cluster.signal_words import words_for_signal
from desktop_aml.system import ssh
from desktop_aml.system.processes import boot_id
from desktop_aml.system.users import user_id

_T = TypeVar("_T")

_PROBE_S: Final = 40.0
_SSH_FAILED: Final = 255
_OLD: Final = "desktop-aml: this Python is "
START: Final = (
    f"import sys;sys.version_info<(3,10) and sys.exit({json.dumps(_OLD)}+sys.version.split()[0]);"
    "sys.path[:]=[p for p in sys.path if p];exec(sys.stdin.buffer.read(int(sys.stdin.buffer.readline())).decode())"
)
"""What a Python is begun with: it reads its program from its input. No words that a shell would read; any Python 3."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a machine says of itself.

    Parameters
    ----------
    distributed : str
        Version of Dask's package; empty where it cannot be imported, which `why` tells.
    sees : bool
        Whether it is this computer, seen as this process sees it: then it can carry out runs.
    """

    platform: str
    python: str
    distributed: str = ""
    why: str = ""
    cores: int = 1
    sees: bool = False


def words_of(host: str, python: str, *options: str) -> list[str]:
    """Return the command that begins a worker's program on a machine."""
    return [ssh.program(), *ssh.QUIET, *options, "-T", *check_host(host), f"exec {python} -u -c {shlex.quote(START)}"]


def first_input(folder: Path) -> bytes:
    """Return what the program is sent at first: itself, and what it tells this computer by.

    Parameters
    ----------
    folder : Path
        One that this user has here.
    """
    source = Path(__file__).with_name("far_machine.py").read_bytes()
    found = folder.stat()
    here = {
        "folder": str(folder.absolute()),
        "inode": [found.st_dev, found.st_ino],
        "boot_id": boot_id(),
        "user": user_id(),
        "spaces": [str(Path(f"/proc/self/ns/{name}").readlink()) for name in ("pid", "net")],
    }
    return b"%d\n%s%s\n" % (len(source), source, json.dumps(here).encode())


def obstacle(facts: Facts, python: str) -> str:
    """Return why there can be no worker on a machine, and what to do; empty where there can."""
    if facts.platform != "linux":
        return f"it runs “{facts.platform}”, and workers need Linux"
    try:
        wanted = version("distributed")
    except PackageNotFoundError:
        return "this computer has no “distributed” itself"
    install = f"there: {python} -m pip install distributed=={wanted}"
    if not facts.distributed:
        if facts.why.startswith("ModuleNotFoundError"):
            return f"its {python} ({facts.python}) has no “distributed”; {install}"
        return f"its “distributed” cannot be imported ({facts.why}); {install}"
    if facts.distributed != wanted:
        return f"its “distributed” is {facts.distributed} and the one here {wanted}: both must be the same; {install}"
    return ""


async def heard(stream: asyncio.StreamReader, kind: type[_T]) -> _T | None:
    """Return the next line that a machine says, or None when there is none or it is something else."""
    try:
        return msgspec.json.decode(await stream.readline(), type=kind)
    except (msgspec.MsgspecError, ValueError):
        return None


def words_for(facts: Facts) -> str:
    """Return what a usable machine is."""
    what = "carries out runs" if facts.sees else "for runs that travel, and for what scripts spread with Dask"
    return f"Python {facts.python}, {facts.cores} cores, {what}"


def why_not(code: int | None, errors: str, python: str) -> str:
    """Return why nobody answered, from what ssh and the shell over there said."""
    last = _last_line(errors)
    if _OLD in errors:
        return f"its {python} is {errors.partition(_OLD)[2].split()[0]}, and workers need Python 3.10 or newer"
    if code == 127 or (code == 126 and "ssh:" not in last):
        return f"it has no {python} that can be started ({last or 'nothing was said'}); name one with --python"
    if code == _SSH_FAILED:
        return f"ssh does not get there: {last or 'it said nothing'}; try ssh by hand: it must ask nothing"
    if code is None:
        return "it did not answer in time"
    return f"its {python} ended with exit code {code}: {last or 'it said nothing'}"


def how_lost(code: int, errors: str) -> str:
    """Return how a worker ended that had begun, from what ssh said."""
    last = _last_line(errors)
    if code < 0:
        return f"its ssh on this computer was ended by {words_for_signal(-code)}"
    if code == _SSH_FAILED:
        return f"its connection ended: {last or 'ssh said nothing'}"
    return f"its worker there ended with exit code {code}{': ' if last else ''}{last}"


def _last_line(errors: str) -> str:
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    # It becomes a part of a sentence.
    return lines[-1].rstrip(".") if lines else ""


def probe(host: str, python: str, folder: Path) -> Machine:
    """Ask one machine what there is; takes as long as ssh and an import there."""
    try:
        done = subprocess.run(
            words_of(host, python),
            input=first_input(folder),
            capture_output=True,
            timeout=_PROBE_S,
            check=False,
            start_new_session=True,
        )
    except FileNotFoundError:
        return Machine(host, "there is no “ssh” on this computer; install openssh-client", is_usable=False)
    except subprocess.TimeoutExpired:
        return Machine(host, why_not(None, "", python), is_usable=False)
    try:
        facts = msgspec.json.decode(done.stdout.splitlines()[-1] if done.stdout else b"", type=Facts)
    except msgspec.MsgspecError:
        return Machine(host, why_not(done.returncode, done.stderr.decode("utf-8", "replace"), python), is_usable=False)
    words = obstacle(facts, python)
    return Machine(host, words or words_for(facts), is_usable=not words)


def probe_all(spec: ClusterSpec, folder: Path) -> tuple[Machine, ...]:
    """Ask all machines of a cluster at once."""
    with ThreadPoolExecutor(min(16, len(spec.hosts)), thread_name_prefix="ssh-probe") as pool:
        return tuple(pool.map(lambda host: probe(host, spec.python, folder), spec.hosts))
