"""What batch systems are told and what they say, and who may call when a node has its turn."""

from __future__ import annotations

import asyncio
import json
import ssl
import subprocess
from pathlib import Path

import pytest

from desktop_aml.domain.computes.batch import BatchJobs, BatchSystem
from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.targets import ClusterSpec, ClusterState, Machine, check_cluster
from desktop_aml.executors.cluster.batch.commands import say
from desktop_aml.executors.cluster.batch.door import Call, Door
from desktop_aml.executors.cluster.batch.systems import COMMANDS, JobState, job_text
from desktop_aml.executors.cluster.executor import nodes_in_words
from desktop_aml.executors.cluster.own_security import CERTIFICATE, make_keys

ASKED = {
    "queue": "main",
    "cores": 4,
    "memory_mb": 2048,
    "time_s": 3661,
    "directives": ("--account=lab of “ours”",),
}


def spec_of(system: BatchSystem, **asked: object) -> ClusterSpec:
    return ClusterSpec(name="my site", max_nodes=4, batch=BatchJobs(system=system, **{**ASKED, **asked}))


@pytest.mark.parametrize(
    ("system", "wanted"),
    [
        (
            BatchSystem.SLURM,
            [
                *("--job-name=desktop-aml-my_site", "--nodes=1", "--ntasks=1", "--no-requeue", "--output=/dev/null"),
                *("--partition=main", "--cpus-per-task=4", "--mem=2048M", "--time=1:01:01", "--account=lab of “ours”"),
            ],
        ),
        (
            BatchSystem.PBS,
            [
                *("-N desktop-aml-my_", "-r n", "-j oe", "-o /dev/null", "-q main"),
                *("-l select=1:ncpus=4:mem=2048mb", "-l walltime=1:01:01", "--account=lab of “ours”"),
            ],
        ),
        (
            BatchSystem.LSF,
            [
                *("-J desktop-aml-my_site", "-rn", "-o /dev/null", "-n 4", '-R "span[hosts=1]"', "-q main"),
                *("-M 2048MB", "-W 62", "--account=lab of “ours”"),
            ],
        ),
    ],
)
def test_the_text_of_a_job_asks_for_one_node_and_tells_its_program_who_wants_it(
    system: BatchSystem, wanted: list[str], tmp_path: Path
) -> None:
    spec = ClusterSpec(**{**_values(spec_of(system)), "python": "/bin/cat"})
    text = job_text(spec, tmp_path / "it's.log", {"ticket": "$HOME `x` 'y'"}, "PEM\nPEM\n")
    mark = {"slurm": "#SBATCH ", "pbs": "#PBS ", "lsf": "#BSUB "}[system]
    assert [line.removeprefix(mark) for line in text.splitlines() if line.startswith(mark)] == wanted
    # A shell takes all of it as it is meant; `cat -u -c` fails, and says so where it was told to.
    text = text.replace("exec /bin/cat -u -c", "exec /bin/cat - --")
    done = subprocess.run(["/bin/sh"], input=text, capture_output=True, text=True, check=False)
    assert done.stdout + done.stderr == ""
    assert (tmp_path / "it's.log").read_text().startswith(json.dumps({"ticket": "$HOME `x` 'y'"}) + "\nPEM\nPEM\n")


def _values(spec: ClusterSpec) -> dict[str, object]:
    return {name: getattr(spec, name) for name in ("name", "max_nodes", "batch")}


QSTAT = """Job Id: 12.head
    Job_Name = desktop-aml-x
    job_state = Q
    comment = Not Running: Insufficient amount of resource: ncpus (R: 4 A:
\t 2 T: 2)
Job Id: 13.head
    job_state = R
    exec_host = n1/0*4
Job Id: 14.head
    job_state = F
"""


@pytest.mark.parametrize(
    ("system", "said", "wanted"),
    [
        (
            BatchSystem.SLURM,
            "7|PENDING||Resources\n8|RUNNING|n1|None\n9|COMPLETING|n1|None\n10|NODE_FAIL|n2|None\nnonsense\n",
            {
                "7": JobState("queued", "PENDING", "", "no node is free"),
                "8": JobState("running", "RUNNING", "n1"),
                "9": JobState("running", "COMPLETING", "n1"),
                "10": JobState("over", "NODE_FAIL", "n2"),
            },
        ),
        (
            BatchSystem.PBS,
            QSTAT,
            {
                "12.head": JobState(
                    "queued", "Q", "", "Not Running: Insufficient amount of resource: ncpus (R: 4 A: 2 T: 2)"
                ),
                "13.head": JobState("running", "R", "n1"),
                "14.head": JobState("over", "F"),
            },
        ),
        (
            BatchSystem.LSF,
            "5|PEND|-|New job is waiting for scheduling;\n6|RUN|4*n1|-\n7|EXIT|n2|-\nJob <8> is not found\n",
            {
                "5": JobState("queued", "PEND", "", "New job is waiting for scheduling"),
                "6": JobState("running", "RUN", "n1"),
                "7": JobState("over", "EXIT", "n2"),
            },
        ),
    ],
)
def test_what_a_batch_system_says_of_jobs_is_read(system: BatchSystem, said: str, wanted: dict[str, JobState]) -> None:
    assert COMMANDS[system].read(said) == wanted


@pytest.mark.parametrize(
    ("system", "said", "wanted"),
    [
        (BatchSystem.SLURM, "17\n", "17"),
        (BatchSystem.SLURM, "18;cluster\n", "18"),
        (BatchSystem.PBS, "12.head\n", "12.head"),
        (BatchSystem.LSF, "Job <5> is submitted to default queue <normal>.\n", "5"),
    ],
)
def test_the_number_of_a_job_is_found(system: BatchSystem, said: str, wanted: str) -> None:
    found = COMMANDS[system].number.search(said)
    assert found is not None
    assert found[1] == wanted


def test_what_is_queued_is_said_beside_the_nodes_that_are_there() -> None:
    spec = spec_of(BatchSystem.SLURM)
    queued = tuple(Machine(f"job {one}", "queued in SLURM: no node is free", is_queued=True) for one in (17, 18))
    there = Machine("job 16 on n1", "carries out runs", has_worker=True)
    assert nodes_in_words(spec, ClusterState(is_up=True, machines=queued[:1])) == (
        "queued in SLURM, job 17: no node is free"
    )
    assert nodes_in_words(spec, ClusterState(is_up=True, nodes=1, machines=(there, *queued))) == (
        "1 of 4 nodes, queued in SLURM, jobs 17, 18: no node is free"
    )
    assert nodes_in_words(spec, ClusterState(is_up=True, nodes=2)) == "2 of 4 nodes"


def test_what_a_node_is_asked_for_is_said() -> None:
    words = "SLURM, queue main, 4 cores, 2048 MB, 3661 s at most, --account=lab of “ours”"
    assert spec_of(BatchSystem.SLURM).batch.in_words() == words
    assert BatchJobs(system=BatchSystem.LSF, cores=1).in_words() == "LSF, 1 core"
    assert BatchJobs().in_words() == ""


@pytest.mark.parametrize(
    "asked",
    [
        {"queue": "main --uid=0"},
        {"directives": ("--a=1\n#SBATCH --uid=0",)},
        {"directives": (" ",)},
        {"cores": -1},
        {"time_s": -1},
        {"head": "-x"},
    ],
)
def test_what_could_mean_something_else_to_a_batch_system_is_refused(asked: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        check_cluster(spec_of(BatchSystem.SLURM, **asked))


def test_a_ticket_is_good_once_and_nobody_is_heard_without(tmp_path: Path) -> None:
    heard: list[str] = []

    async def take(call: Call) -> None:
        heard.append(f"{call.part} {call.node}")
        call.writer.write(b"welcome\n")
        await call.writer.drain()

    async def call(door: Door, **words: str) -> bytes:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(tmp_path / CERTIFICATE)
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port, ssl=context)
        writer.write(json.dumps(words).encode() + b"\n")
        found = await reader.read()
        writer.close()
        return found

    async def scene() -> list[bytes]:
        make_keys(tmp_path)
        door = Door(tmp_path, "127.0.0.1")
        await door.open()
        ticket, other = door.ticket(take), door.ticket(take)
        door.void(other)
        words = [(ticket, "machine"), (ticket, "machine"), (ticket, "porter"), (ticket, "else"), ("x", "machine")]
        found = [await call(door, ticket=one, part=part, node="n1") for one, part in (*words, (other, "machine"))]
        door.close()
        return found

    assert asyncio.run(scene()) == [b"welcome\n", b"", b"welcome\n", b"", b"", b""]
    assert heard == ["machine n1", "porter n1"]


def test_a_batch_system_is_told_who_asks_and_no_secrets_of_whoever_holds_the_cluster(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {"AWS_SECRET_ACCESS_KEY": "hush", "PYTHONPATH": "/mine", "SLURM_CONF": "/etc/s.conf"}.items():
        monkeypatch.setenv(name, value)
    told = dict(line.split("=", 1) for line in asyncio.run(say(["env"])).splitlines())
    assert {"PATH", "HOME", "SLURM_CONF"} <= told.keys()
    assert not {"AWS_SECRET_ACCESS_KEY", "PYTHONPATH"} & told.keys()
