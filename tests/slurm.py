"""A SLURM of the tests' own: Debian's, with two nodes, both this computer. Its daemons end with the tests."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template

import pytest

from desktop_aml.executors.cluster.ports import free_ports
from tests.conftest import wait_until

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel")
NODES = ("node1", "node2")

CONFIGURATION = Template("""\
ClusterName=tests
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$root/munge.socket
CredType=cred/munge
SlurmctldPort=$port
SlurmctldPidFile=$root/slurmctld.pid
SlurmdPidFile=$root/slurmd.%n.pid
SlurmdSpoolDir=$root/spool.%n
StateSaveLocation=$root/state
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
KillWait=2
MinJobAge=60
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=0
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
$nodes
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
""")


@dataclass(frozen=True)
class Slurm:
    """It is up. `configuration` is what its commands find by ``SLURM_CONF``."""

    configuration: Path

    def do(self, *words: str) -> str:
        """Carry out one of its commands and return what that printed."""
        done = subprocess.run(words, env=self.env(), capture_output=True, text=True, check=False, timeout=30)
        return done.stdout

    def env(self) -> dict[str, str]:
        """Return the variables of its commands."""
        return {**os.environ, "SLURM_CONF": str(self.configuration)}

    def set_nodes(self, state: str, *names: str) -> None:
        """Have nodes be taken out of use by an administrator, or back into it; all when none is named."""
        self.do("scontrol", "update", f"nodename={','.join(names or NODES)}", f"state={state}", "reason=tests")

    def jobs(self) -> list[str]:
        """Return the numbers of the jobs that wait or go on."""
        return self.do("squeue", "--noheader", "--format=%i").split()


@pytest.fixture(scope="session")
def slurm_up() -> Iterator[Slurm]:
    """One SLURM for all tests of a process."""
    os.environ["PATH"] += os.pathsep + "/usr/sbin"
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing or os.geteuid() != 0:
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say(f"SLURM needs root, and Debian's slurm-wlm and munge; missing: {', '.join(missing) or 'root'}")
    # The path of a socket is short.
    with tempfile.TemporaryDirectory(prefix="slurm-") as root, _daemons(Path(root)) as made:
        yield made


@pytest.fixture
def slurm(slurm_up: Slurm, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slurm]:
    """That SLURM, for a test and for what it starts; no job stays there."""
    monkeypatch.setenv("SLURM_CONF", str(slurm_up.configuration))
    yield slurm_up
    slurm_up.set_nodes("resume")
    if jobs := slurm_up.jobs():
        slurm_up.do("scancel", *jobs)
        wait_until(lambda: slurm_up.jobs() == [], "the end of the jobs", pause_s=0.1)


@contextmanager
def _daemons(root: Path) -> Iterator[Slurm]:
    port, *others = free_ports(1 + len(NODES))
    for name in ("state", *(f"spool.{node}" for node in NODES)):
        (root / name).mkdir()
    host = socket.gethostname().partition(".")[0]
    nodes = "\n".join(
        f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={other} CPUs=1 State=UNKNOWN"
        for node, other in zip(NODES, others, strict=True)
    )
    names = {"root": root, "port": port, "nodes": nodes, "host": host}
    configuration = root / "slurm.conf"
    configuration.write_text(CONFIGURATION.substitute(names))
    found = re.search(r"(\d+)\.", subprocess.run(["sbatch", "--version"], capture_output=True, text=True).stdout)
    if found is not None and int(found[1]) >= 23:
        (root / "cgroup.conf").write_text("CgroupPlugin=disabled\n")
    key = root / "munge.key"
    key.write_bytes(secrets.token_bytes(128))
    key.chmod(0o600)
    made = Slurm(configuration)
    options = ("key-file", "socket", "pid-file", "log-file", "seed-file")
    munge = [f"--{name}={root}/munge.{name.partition('-')[0]}" for name in options]
    commands = (
        ["munged", "--foreground", "--force", *munge],
        ["slurmctld", "-D", "-i", "-f", str(configuration)],
        *(["slurmd", "-D", "-f", str(configuration), "-N", node] for node in NODES),
    )
    with ExitStack() as running:
        for words in commands:
            running.enter_context(
                _daemon(words, made.env(), root / f"{words[0]}{words[-1] if words[0] == 'slurmd' else ''}.log")
            )
        wait_until(
            lambda: made.do("sinfo", "--noheader", "--format=%D %T").split() == [str(len(NODES)), "idle"],
            "SLURM",
            pause_s=0.1,
        )
        yield made


@contextmanager
def _daemon(words: list[str], env: dict[str, str], log: Path) -> Iterator[None]:
    # No test's mark: it is nothing that a test has left behind.
    quiet = {name: value for name, value in env.items() if name != "TEST_MARK"}
    with log.open("wb") as stream:
        process = subprocess.Popen(words, env=quiet, stdout=stream, stderr=stream, stdin=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
