"""Places where a run can be carried out, what a cluster is, and whether they can be used now."""

from __future__ import annotations

import re
from dataclasses import field
from typing import Final

from desktop_aml.domain.computes.batch import BatchJobs, check_batch
from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.values import dataclass

DASK: Final = "Dask"
"""Kind of a compute that is a Dask cluster; the others are names that Azure ML code gave to places."""

MOST_NODES: Final = 256
LONGEST_IDLE_S: Final = 7 * 24 * 3600

_ADDRESS: Final = re.compile(r"(?P<scheme>[a-z]+)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.\-]+):(?P<port>\d{1,5})")
_HOST: Final = re.compile(
    r"(?:(?P<user>[A-Za-z0-9_][A-Za-z0-9_.\-]*)@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_][A-Za-z0-9_.\-]*)"
    r"(?::(?P<port>\d{1,5}))?"
)
_PYTHON: Final = re.compile(r"[A-Za-z0-9_./~][A-Za-z0-9_./~+\-]*")
FAR_PYTHON: Final = "python3"
"""What starts a worker on another machine, where nothing else is said."""


@dataclass(frozen=True, slots=True)
class RunTarget:
    """A place that `SubmitRun.target` can name.

    Parameters
    ----------
    name : str
        ``"local"``, ``"docker"`` or the name of a cluster.
    reason : str
        Why it cannot be used now; empty when it can.
    hint : str
        What to do about it.
    """

    name: str
    reason: str = ""
    hint: str = ""

    @property
    def is_available(self) -> bool:
        """Whether a run can go there now."""
        return not self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """Absolute paths of what proves who one is to a cluster: PEM files. Empty where nothing is needed."""

    ca: str = ""
    certificate: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSpec:
    """A Dask cluster that runs can go to.

    Parameters
    ----------
    name : str
        What the workspace calls it.
    address : str
        Of its scheduler, such as ``tls://head:8786``; empty for workers that are started on this computer.
    min_nodes, max_nodes : int
        How many workers there are at least and at most, where they are started here.
    idle_s : float
        Seconds after which a worker that has nothing to do ends, and after the last run the whole cluster.
    tls : TlsFiles
        For an address; a cluster that is started here makes its own.
    hosts : tuple of str
        Machines that are reached by ssh, as `check_host` takes them; a worker is started on each of them.
    python : str
        The Python that carries these workers: a path over there, or a name on the path.
    batch : BatchJobs
        What a batch system is asked for, when each worker is a job there.
    """

    name: str
    address: str = ""
    min_nodes: int = 0
    max_nodes: int = 1
    idle_s: float = 120.0
    tls: TlsFiles = field(default_factory=TlsFiles)
    hosts: tuple[str, ...] = ()
    python: str = FAR_PYTHON
    batch: BatchJobs = field(default_factory=BatchJobs)

    @property
    def travels(self) -> bool:
        """Whether runs can go to machines whose files are their own."""
        return bool(self.hosts) or self.batch.system is not None

    @property
    def is_own(self) -> bool:
        """Whether its scheduler and its workers are started from here."""
        return not self.address

    def is_same_place(self, other: ClusterSpec) -> bool:
        """Whether another description differs at most in numbers, which a cluster that is up can take."""
        mine, theirs = ((one.address, one.tls, one.hosts, one.python, one.batch) for one in (self, other))
        return mine == theirs


@dataclass(frozen=True, slots=True)
class Machine:
    """How a machine that is reached by ssh stands, or a job of a batch system that is one.

    Parameters
    ----------
    host : str
        As `ClusterSpec.hosts` has it, or what the job is called.
    words : str
        What there is, or what is wrong with it.
    is_usable : bool
        Whether it has all that a worker needs, as far as is known.
    has_worker : bool
        Whether a worker of a cluster that is up serves there now.
    is_queued : bool
        Whether it is a job that waits for its turn.
    """

    host: str
    words: str
    is_usable: bool = True
    has_worker: bool = False
    is_queued: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterState:
    """How a cluster stands.

    Parameters
    ----------
    is_up : bool
        Whether its scheduler answers.
    nodes, busy, starting : int
        Workers there are, those of them that carry out runs, and those that are on their way.
    waiting : int
        Runs that wait for a node.
    fault : str
        What is wrong with it, in words; empty when nothing is known to be.
    machines : tuple of Machine
        Those that are reached by ssh, or started by a batch system.
    """

    is_up: bool = False
    nodes: int = 0
    busy: int = 0
    starting: int = 0
    waiting: int = 0
    address: str = ""
    fault: str = ""
    machines: tuple[Machine, ...] = ()


def check_cluster(spec: ClusterSpec) -> ClusterSpec:
    """Return a cluster that can be used as it is described.

    Raises
    ------
    InvalidInput
        When its address or its numbers make no sense, or its address is not safe.
    """
    if spec.name in {"local", "docker", "amlcompute"}:
        raise InvalidInput(f"“{spec.name}” is the name of a place that is always there.", "Choose another name.")
    if spec.hosts:
        _check_hosts(spec)
    if spec.batch.system is not None:
        _check_jobs(spec)
    if spec.address:
        check_address(spec.address, spec.tls)
    elif not 0 <= spec.min_nodes <= spec.max_nodes or not 1 <= spec.max_nodes <= MOST_NODES:
        raise InvalidInput(
            f"{spec.min_nodes} to {spec.max_nodes} nodes make no cluster.",
            f"It takes 0 <= min <= max, and 1 to {MOST_NODES} at most.",
        )
    if not 0 <= spec.idle_s <= LONGEST_IDLE_S:
        raise InvalidInput(f"Nodes cannot be idle for {spec.idle_s:g} s.", f"Choose 0 to {LONGEST_IDLE_S} seconds.")
    return spec


def _check_hosts(spec: ClusterSpec) -> None:
    if spec.address:
        raise InvalidInput("A scheduler's address and machines by ssh are two clusters.", "Name one of them.")
    for host in spec.hosts:
        check_host(host)
    if len(set(spec.hosts)) < len(spec.hosts):
        raise InvalidInput("A machine is named twice.", "Name each once: its worker uses all of its cores.")
    _check_python(spec)


def _check_jobs(spec: ClusterSpec) -> None:
    if spec.address or spec.hosts:
        raise InvalidInput("A batch system starts workers itself.", "Name no scheduler and no machines beside it.")
    check_batch(spec.batch)
    _check_python(spec)


def _check_python(spec: ClusterSpec) -> None:
    if _PYTHON.fullmatch(spec.python) is None:
        raise InvalidInput(f"“{spec.python[:200]}” is not the path of a Python.", "Such as: ~/env/bin/python")


def check_host(host: str) -> list[str]:
    """Return the words with which ``ssh`` is told of a machine.

    Raises
    ------
    InvalidInput
        When it is not written as ``host``, ``user@host`` or with ``:port`` after it.
    """
    found = _HOST.fullmatch(host)
    if found is None or (found["port"] and not 0 < int(found["port"]) < 1 << 16):
        raise InvalidInput(f"“{host[:200]}” is not a machine.", "Write it as user@host, or user@host:port.")
    words = ["-l", found["user"]] if found["user"] else []
    words += ["-p", found["port"]] if found["port"] else []
    return [*words, "--", found["host"].strip("[]")]


def check_address(address: str, tls: TlsFiles) -> None:
    """Refuse the address of a scheduler to which anybody on the way could send code.

    Raises
    ------
    InvalidInput
        When it is none, or leads out of this computer without TLS.
    """
    found = _ADDRESS.fullmatch(address)
    if found is None or not 0 < int(found["port"]) < 1 << 16:
        raise InvalidInput(
            f"“{address[:200]}” is not the address of a Dask scheduler.",
            "Write it as tls://HOST:PORT, or tcp://127.0.0.1:PORT on this computer, with a port from 1 to 65535.",
        )
    if found["scheme"] == "tls":
        if not (tls.ca and tls.certificate and tls.key):
            # Dask's schedulers speak to nobody who proves nothing.
            raise InvalidInput(
                f"To reach {address}, three files are needed: the certificate of who signs for this cluster, and your"
                " own certificate and key.",
                "Name them with --tls-ca, --tls-cert and --tls-key.",
            )
        return
    if found["scheme"] != "tcp":
        raise InvalidInput(f"Dask schedulers are not reached by “{found['scheme']}”.", "Write tls://HOST:PORT.")
    if not is_loopback(found["host"]):
        raise InvalidInput(
            f"{address} is on another computer and without TLS: whoever is on the way could run code here and there.",
            "Start the scheduler with TLS and write tls://HOST:PORT, or lead its port here through ssh.",
        )


def is_loopback(host: str) -> bool:
    """Whether a host is this computer by its very name or number; nothing is looked up."""
    if host.lower() == "localhost":
        return True
    try:
        import ipaddress

        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
