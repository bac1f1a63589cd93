"""Runs on a cluster when workers, schedulers and engines are lost, and who may speak to one."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import NoReturn

import psutil
import pytest

from desktop_aml.domain.errors import PreparationError
from desktop_aml.domain.jobs import Job
from desktop_aml.domain.targets import ClusterSpec, TlsFiles
from desktop_aml.executors.attempt_files import Handle
from desktop_aml.executors.cluster import asking
from desktop_aml.executors.cluster.executor import ClusterExecutor
from desktop_aml.executors.cluster.own_security import CERTIFICATE, KEY, make_keys
from desktop_aml.system.locks import is_held
from tests.clusters import CLUSTER
from tests.conftest import wait_until
from tests.contracts.places import ClusterPlace, LocalPlace, begin, carry_out, finish
from tests.contracts.test_executor import FAMILY, IGNORES_TERM, WAITS
from tests.far_engine import free_port

UNTIL_TOLD = "import os, time\nopen('begun', 'w').close()\nwhile not os.path.exists('go'): time.sleep(0.02)\n"
SECRET_CHILD = "subprocess.Popen(SLEEP, start_new_session=True, env={})\n"


@pytest.fixture
def place(tmp_path: Path, cluster_home: Path, marked_processes: object) -> Iterator[ClusterPlace]:
    """Jobs for the shared cluster."""
    made = ClusterPlace(tmp_path)
    yield made
    made.close()


class OwnPlace(LocalPlace):
    """A cluster that a test may ruin."""

    def __init__(self, root: Path, spec: ClusterSpec) -> None:
        super().__init__(root)
        self.spec, self.home = spec, root / "cluster"

    def executor(self, executor: object = None) -> ClusterExecutor:
        made = ClusterExecutor(self.spec, self.home)
        super().executor(made)
        return made

    def holder(self) -> psutil.Process:
        """The process that holds the cluster."""
        return next(one for one in psutil.process_iter() if str(self.home) in words(one) and "holder" in words(one))


def words(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


@pytest.fixture
def own(tmp_path: Path, marked_processes: object) -> Iterator[OwnPlace]:
    made = OwnPlace(tmp_path, ClusterSpec(name="ruined", max_nodes=1, idle_s=1.0))
    yield made
    made.close()


def workers(home: Path) -> list[psutil.Process]:
    return [one for one in psutil.process_iter() if f"cluster.worker {home}" in words(one)]


def worker_of(place: LocalPlace, job: Job) -> psutil.Process:
    launcher = psutil.Process(place._recorded(job, "claim.json"))
    parent = launcher.parent()
    assert parent is not None
    return parent


@pytest.mark.kill
def test_a_lost_worker_is_a_lost_attempt_with_its_cause(place: ClusterPlace) -> None:
    executor = place.executor()
    job = place.job(FAMILY + IGNORES_TERM + SECRET_CHILD + WAITS)
    handle = begin(place, executor, job)
    worker_of(place, job).kill()
    outcome = finish(executor, handle)
    assert outcome.was_lost()
    assert "SIGKILL" in outcome.message
    assert "node-" in outcome.message
    assert "“shared”" in outcome.message
    assert outcome.started_at is not None
    assert place.alive(job) == []
    # The cluster goes on with another worker.
    assert carry_out(executor, place.job("pass")).succeeded()


@pytest.mark.kill
def test_an_attempt_that_was_begun_before_is_never_begun_again(place: ClusterPlace) -> None:
    executor = place.executor()
    job = place.job("open('ran', 'a').write('x')")
    (Path(job.run_directory) / "attempts" / "1").mkdir(parents=True)
    # What a worker leaves that is lost between taking the run and starting its launcher.
    (Path(job.run_directory) / "attempts" / "1" / "taken").touch()
    outcome = carry_out(executor, job)
    assert outcome.was_lost()
    assert not (place.snapshot(job) / "ran").exists()


def test_runs_wait_for_a_node_and_those_that_are_stopped_meanwhile_never_begin(place: ClusterPlace) -> None:
    executor = place.executor()
    assert isinstance(executor, ClusterExecutor)
    busy = [(job := place.job(WAITS), begin(place, executor, job))[1] for _ in range(CLUSTER.max_nodes)]
    waiting = place.job("open('ran', 'w')")
    handle = executor.handle_for(waiting)
    executor.start(waiting)
    wait_until(lambda: (found := executor.waits_for(handle)) and found.message == "2 of 2 nodes, all busy", "the words")
    assert executor.poll(handle) is None
    assert not executor.has_begun(handle)
    executor.stop(handle)
    assert finish(executor, handle).reason == "canceled"
    assert not (place.snapshot(waiting) / "ran").exists()
    for one in busy:
        executor.stop(one, force=True)
        assert finish(executor, one).reason == "canceled"


@pytest.mark.kill
def test_a_lost_scheduler_fails_its_runs_with_its_name_and_the_next_run_has_another(own: OwnPlace) -> None:
    executor = own.executor()
    job = own.job(FAMILY + SECRET_CHILD + WAITS)
    handle = begin(own, executor, job)
    own.holder().kill()
    outcome = finish(executor, handle)
    assert outcome.was_lost()
    assert "scheduler" in outcome.message
    assert "“ruined”" in outcome.message
    assert own.alive(job) == []
    wait_until(lambda: not workers(own.home), "the end of the workers")
    later = own.job("pass")
    executor.prepare(later, lambda _: None)
    assert carry_out(executor, later).succeeded()


@pytest.mark.kill
def test_a_scheduler_that_stands_still_holds_up_no_cancel(own: OwnPlace) -> None:
    executor = own.executor()
    job = own.job(WAITS)
    handle = begin(own, executor, job)
    holder = own.holder()
    holder.suspend()
    try:
        executor.stop(handle)
        assert finish(executor, handle).reason == "canceled"
    finally:
        holder.resume()
    assert carry_out(executor, own.job("pass")).succeeded()


def test_a_cluster_that_nobody_needs_ends_and_leaves_no_key(own: OwnPlace) -> None:
    executor = own.executor()
    assert carry_out(executor, own.job("pass")).succeeded()
    holder, running = own.holder(), workers(own.home)
    assert len(running) == 1
    executor.close()
    wait_until(lambda: not holder.is_running() and not workers(own.home), "the end of the cluster")
    assert not is_held(own.home / "holder.lock")
    assert sorted(path.name for path in own.home.iterdir()) == ["holder.lock", "holder.log", "workers.log"]


def test_a_cluster_of_this_computer_is_reached_from_here_alone_and_with_its_key(place: ClusterPlace) -> None:
    executor = place.executor()
    assert isinstance(executor, ClusterExecutor)
    wait_until(lambda: executor.state().nodes, "a worker")
    home = Path(os.environ["TEST_CLUSTER"]).resolve()
    ours = {one.pid for one in psutil.process_iter() if str(home) in words(one)}
    open_ports = {one.laddr for one in psutil.net_connections("tcp") if one.pid in ours and one.status == "LISTEN"}
    assert len(open_ports) >= 2
    assert {address.ip for address in open_ports} == {"127.0.0.1"}
    assert [path.stat().st_mode & 0o077 for path in (home, home / "cluster.key", home / "door")] == [0, 0, 0]
    # Who has no certificate is turned away before a word is heard.
    port = int(executor.state().address.rpartition(":")[2])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with pytest.raises((ssl.SSLError, ConnectionError)), socket.create_connection(("127.0.0.1", port)) as plain:  # noqa: SIM117
        with context.wrap_socket(plain) as channel:
            assert channel.recv(1) == b"anything"


def _listens(address: str) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", int(address.rpartition(":")[2]))) == 0


class Theirs:
    """A scheduler with one worker as people start them on this computer; `spec` is what they are known by."""

    def __init__(self, spec: ClusterSpec, *programs: list[str]) -> None:
        self.spec, self._programs = spec, programs
        self._all: list[subprocess.Popen[bytes]] = []

    def begin(self) -> subprocess.Popen[bytes]:
        """Start both, on the port on which they were before, and return the scheduler."""
        begun = [
            subprocess.Popen(program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for program in self._programs
        ]
        self._all += begun
        # On a busy computer it takes longer to listen than one that does not is waited for.
        wait_until(lambda: _listens(self.spec.address), "the scheduler", pause_s=0.05)
        return begun[0]

    def end(self) -> None:
        for process in self._all:
            process.kill()
            process.wait()


@pytest.fixture(params=["tcp", "tls"])
def scheduler(request: pytest.FixtureRequest, tmp_path: Path, marked_processes: object) -> Iterator[Theirs]:
    """A scheduler that is not started yet, without TLS and with it."""
    address = f"{request.param}://127.0.0.1:{free_port()}"
    tls, proofs = TlsFiles(), []
    if request.param == "tls":
        make_keys(tmp_path)
        certificate, key = str(tmp_path / CERTIFICATE), str(tmp_path / KEY)
        tls = TlsFiles(ca=certificate, certificate=certificate, key=key)
        proofs = ["--tls-ca-file", certificate, "--tls-cert", certificate, "--tls-key", key]
    program = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", address, "--no-dashboard", *proofs]
    place = ["--local-directory", str(tmp_path / "dask"), "--no-dashboard", "--nthreads", "2", "--no-nanny", *proofs]
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, *place]
    theirs = Theirs(ClusterSpec(name="theirs", address=address, idle_s=1.0, tls=tls), program, worker)
    yield theirs
    theirs.end()


@pytest.mark.kill
def test_a_scheduler_that_others_started_is_used_its_loss_is_told_and_it_is_used_when_it_is_back(
    tmp_path: Path, scheduler: Theirs, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Dask's client forgets the workers that it was told of at first when it looks at its scheduler again.
    monkeypatch.setenv("DASK_DISTRIBUTED__CLIENT__SCHEDULER_INFO_INTERVAL", "50ms")
    spec, head = scheduler.spec, scheduler.begin()
    place = OwnPlace(tmp_path, spec)
    executor = place.executor()
    assert isinstance(executor, ClusterExecutor)
    _serves(place, executor)
    wait_until(
        lambda: (executor.state().nodes, executor.state().busy) == (1, 0),
        f"the one worker to rest, {executor.state()}",
        10,
    )
    stands = asyncio.run(asking._stands(spec))
    assert (stands.is_usable, stands.words) == (True, "it answers; 1 workers, 2 runs at once")
    _outlast_a_pause(place, executor, head)
    lost = place.job(WAITS)
    handle = begin(place, executor, lost)
    head.kill()
    # Until the kernel has taken its port back, the one that dies would be taken for the one that is begun.
    head.wait()
    # Whoever watches over it starts it again on its port, while the run is on.
    head = scheduler.begin()
    outcome = finish(executor, handle)
    assert outcome.was_lost()
    assert spec.address in outcome.message
    assert place.alive(lost) == []
    _serves(place, executor)
    head.kill()
    head.wait()
    wait_until(lambda: not executor.state().is_up, "the loss to be seen")
    with pytest.raises(PreparationError, match=r"theirs.*cannot be reached: nobody listens there"):
        executor.prepare(place.job("pass"), lambda _: None)
    place.close()
    stands = asyncio.run(asking._stands(spec))
    assert (stands.is_usable, "nobody listens there" in stands.words) == (False, True)


def _serves(place: OwnPlace, executor: ClusterExecutor) -> None:
    job = place.job("import os; print(os.environ['DASK_SCHEDULER_ADDRESS'])")
    executor.prepare(job, lambda _: None)
    assert carry_out(executor, job).succeeded()
    assert place.log(job) == f"{place.spec.address}\n"


def _outlast_a_pause(place: LocalPlace, executor: ClusterExecutor, head: subprocess.Popen[bytes]) -> None:
    """See that a scheduler that stands still holds up no end and no cancel, and nothing comes late of what ended."""
    running, late, later = (place.job(text) for text in (UNTIL_TOLD, "open('ran', 'w')", "open('ran', 'w')"))
    handle = begin(place, executor, running, until="begun")
    head.send_signal(signal.SIGSTOP)
    try:
        for job in (late, later):
            executor.start(job)
        executor.stop(executor.handle_for(late))
        assert finish(executor, executor.handle_for(late)).reason == "canceled"
        (place.snapshot(running) / "go").touch()
        assert finish(executor, handle).succeeded()
        assert executor.poll(executor.handle_for(later)) is None
    finally:
        head.send_signal(signal.SIGCONT)
    assert finish(executor, executor.handle_for(later)).succeeded()
    # Until all that was on its way has come, and is over.
    wait_until(lambda: (executor.state().nodes, executor.state().busy) == (1, 0), "the worker to rest")
    assert place.has_made(later, "ran")
    assert not place.has_made(late, "ran")
    assert not (Path(late.run_directory) / "logs" / "std_log.txt").exists()


def test_a_worker_that_sees_other_files_refuses_in_words() -> None:
    from desktop_aml.executors.cluster import task

    scope: dict[str, object] = {"__name__": "task"}
    exec(Path(task.__file__).read_text(), scope)
    spec = {"nonce": "a", "boot_id": "another", "launcher": __file__}
    found = scope["obstacle"](spec, Path("/nonexistent"), "node-7")  # type: ignore[operator]
    assert "node-7 is on another computer" in found


def test_a_handle_of_a_cluster_says_what_it_is() -> None:
    job = Job(run_id="r", attempt=2, run_directory="/ws/runs/r", python="p", script="s.py", nonce="ab")
    handle = ClusterExecutor(CLUSTER, Path("/nonexistent")).handle_for(job)
    assert Handle.parse(handle) == Handle("dask", 2, "ab", Path("/ws/runs/r"))
    assert json.dumps(handle)


def test_signals_of_a_lost_worker_are_named() -> None:
    from desktop_aml.executors.cluster.nodes import _words_for

    assert _words_for(-signal.SIGKILL) == "was ended by signal 9 (SIGKILL)"
    assert _words_for(3) == "ended with exit code 3"


def test_a_holder_that_took_long_to_begin_is_not_taken_for_an_idle_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from desktop_aml.executors.cluster import holder
    from desktop_aml.executors.cluster.nodes import OwnNodes

    now = [0.0]
    monkeypatch.setattr(holder, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(holder, "_SAY_S", 0.1)

    class Slow(OwnNodes):
        async def open(self) -> NoReturn:
            # As loading Dask on a busy computer: nothing else has a turn meanwhile.
            now[0] += 100.0
            raise OSError("no scheduler today")

    spec = ClusterSpec(name="slow", idle_s=1.0)
    held = holder.Holder(tmp_path, spec, Slow(spec, tmp_path))
    asyncio.run(held.serve())
    assert "no scheduler today" in held._told


def test_why_a_run_stays_on_this_computer_is_said_until_it_has_begun(tmp_path: Path) -> None:
    from desktop_aml.executors.cluster import holder
    from desktop_aml.executors.cluster.attempt import Attempt
    from desktop_aml.executors.cluster.nodes import OwnNodes, WorkerSeen

    spec = ClusterSpec(name="lab", hosts=("lab1",))
    asked = {"nonce": "ab", "run_directory": "/ws/runs/r", "attempt": 1, "python": "p"}
    jobs = [Attempt(asked, words="on this computer") for _ in range(2)]

    async def hand_over() -> None:
        held = holder.Holder(tmp_path, spec, OwnNodes(spec, tmp_path))
        nobody = asyncio.get_running_loop().create_future
        held.client = SimpleNamespace(submit=lambda *_, **__: nobody())
        for job, is_stand_in in zip(jobs, (True, False), strict=True):
            held._begin(job, WorkerSeen("tcp://a", "node-1", is_stand_in=is_stand_in))
        for waiter in held._waiters:
            waiter.cancel()

    asyncio.run(hand_over())
    assert [(job.stage, job.words) for job in jobs] == [("waiting", "on this computer"), ("waiting", "")]
