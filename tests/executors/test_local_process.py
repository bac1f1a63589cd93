"""Only the right process is ever signalled, and no process of ours is left unreaped."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from desktop_aml.domain.jobs import Job
from desktop_aml.executors import absences, local_process
from desktop_aml.executors.attempt_files import AttemptFiles
from desktop_aml.executors.base import Executor
from desktop_aml.executors.claims import Claim
from desktop_aml.executors.local_process import LocalProcessExecutor
from desktop_aml.system.processes import ProcessIdentity, boot_id, find_bearers
from tests.conftest import wait_until
from tests.contracts.places import LocalPlace, WarmPlace, begin, carry_out, finish
from tests.contracts.test_executor import WAITS


@pytest.fixture
def place(tmp_path: Path, marked_processes: object) -> LocalPlace:
    return LocalPlace(tmp_path)


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that belongs to nobody here."""
    with subprocess.Popen(["sleep", "300"]) as process:
        yield process
        process.kill()


def start_time(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


def test_a_process_is_known_by_boot_and_start_time(bystander: subprocess.Popen[bytes]) -> None:
    pid, started = bystander.pid, start_time(bystander.pid)
    assert ProcessIdentity(pid, started, boot_id()).is_alive()
    assert not ProcessIdentity(pid, started + 1, boot_id()).is_alive()
    assert not ProcessIdentity(pid, started, "another-boot").is_alive()
    assert not ProcessIdentity(2**22 + 1, started, boot_id()).is_alive()


def test_a_zombie_is_not_alive(bystander: subprocess.Popen[bytes]) -> None:
    identity = ProcessIdentity(bystander.pid, start_time(bystander.pid), boot_id())
    os.kill(bystander.pid, signal.SIGKILL)
    os.waitid(os.P_PID, bystander.pid, os.WEXITED | os.WNOWAIT)
    assert psutil.Process(bystander.pid).status() == psutil.STATUS_ZOMBIE
    assert not identity.is_alive()
    assert not identity.send(signal.SIGTERM)


@pytest.mark.parametrize(("shift", "boot"), [(1, None), (0, "another-boot")])
def test_a_recycled_number_is_never_signalled(
    place: LocalPlace, bystander: subprocess.Popen[bytes], shift: int, boot: str | None
) -> None:
    job = place.job("pass")
    folder = Path(job.run_directory) / "attempts" / "1"
    folder.mkdir(parents=True)
    claim = {"pid": bystander.pid, "start_time": start_time(bystander.pid) + shift, "boot_id": boot or boot_id()}
    (folder / "claim.json").write_text(json.dumps(claim))
    executor = LocalProcessExecutor()
    handle = executor.handle_for(job)
    executor.stop(handle, force=True)
    assert finish(executor, handle).was_lost()
    assert bystander.poll() is None


def test_bearers_of_a_nonce_are_found_with_their_children() -> None:
    script = (
        "import subprocess, sys\nwith subprocess.Popen(['sleep', '300'], env={}) as child: print(child.pid, flush=True)"
    )
    env_vars = {**os.environ, "DESKTOP_AML_NONCE": "0123abcd"}
    with subprocess.Popen([sys.executable, "-c", script], env=env_vars, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        found: list[ProcessIdentity] = []

        def are_both_found() -> bool:
            # A process that is made while /proc is read can be missed by one look: whoever ends a tree looks again.
            found[:] = find_bearers("DESKTOP_AML_NONCE", "0123abcd")
            return sorted(identity.pid for identity in found) == sorted([parent.pid, child])

        wait_until(are_both_found, "parent and child")
        assert find_bearers("DESKTOP_AML_NONCE", "0123abc") == ()
        for identity in found:
            assert identity.send(signal.SIGKILL)


def test_launchers_do_not_stay_as_zombies(place: LocalPlace) -> None:
    executor = LocalProcessExecutor()
    job = place.job("pass")
    carry_out(executor, job)
    handle = executor.handle_for(job)
    launcher = json.loads((Path(job.run_directory) / "attempts" / "1" / "claim.json").read_text())["pid"]
    executor.release(handle)

    def is_gone() -> bool:
        executor.poll(handle)
        return not psutil.pid_exists(launcher)

    wait_until(is_gone, "the launcher to be reaped")


def test_the_end_of_a_script_is_told_and_found_at_the_next_look(place: LocalPlace) -> None:
    told = threading.Event()
    executor = LocalProcessExecutor(told.set)
    job = place.job("pass")
    executor.prepare(job, print)
    executor.start(job)
    assert told.wait(60)
    outcome = executor.poll(executor.handle_for(job))
    assert outcome is not None
    assert outcome.succeeded()


def test_a_launcher_that_never_claims_is_given_up(
    place: LocalPlace, monkeypatch: pytest.MonkeyPatch, marked_processes: Callable[[], list[psutil.Process]]
) -> None:
    hanging = place.root / "hanging-python"
    hanging.write_text("#!/bin/sh\nexec sleep 300\n")
    hanging.chmod(0o755)
    monkeypatch.setattr(local_process, "CLAIM_TIME_S", 0.2)
    executor = LocalProcessExecutor()
    job = place.job("open('ran', 'w')", python=str(hanging))
    outcome = carry_out(executor, job)
    assert outcome.was_lost()
    assert "did not start in time" in outcome.message
    assert not executor.has_begun(executor.handle_for(job))
    wait_until(lambda: marked_processes() == [], "the launcher to be gone")


def test_a_launcher_that_claims_between_two_looks_keeps_its_script(
    place: LocalPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    executor = LocalProcessExecutor()
    job = place.job(WAITS)
    real = AttemptFiles.claim

    def slow(self: AttemptFiles) -> Claim | None:
        """Look, and come back with what was seen only when the script has begun."""
        found = real(self)
        if found is None:
            wait_until(lambda: place.has_made(job, "ready"), "the script to begin")
        return found

    handle = executor.handle_for(job)
    executor.prepare(job, lambda _: None)
    executor.start(job)
    with monkeypatch.context() as patch:
        patch.setattr(AttemptFiles, "claim", slow)
        for _ in range(3):
            assert executor.poll(handle) is None
    assert [process.is_running() for process in place.alive(job)] != []
    executor.stop(handle, force=True)
    assert finish(executor, handle).reason == "canceled"


def test_who_cannot_look_does_not_take_a_script_for_dead(place: LocalPlace) -> None:
    executor = LocalProcessExecutor()
    job = place.job(WAITS)
    handle = begin(place, executor, job)
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    for engine in (executor, LocalProcessExecutor()):
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, limit[1]))
        try:
            with pytest.raises(OSError, match="Too many open files"):
                engine.poll(handle)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limit)
        assert engine.poll(handle) is None
    executor.stop(handle, force=True)
    assert finish(executor, handle).reason == "canceled"


def test_who_killed_what_is_left_of_a_run_stands_in_its_log(place: LocalPlace) -> None:
    executor = LocalProcessExecutor()
    job = place.job("import ctypes\nctypes.CDLL(None).prctl(1, 0)  # it outlives its supervisor\n" + WAITS)
    handle = begin(place, executor, job)
    script = json.loads((Path(job.run_directory) / "attempts" / "1" / "process.json").read_text())["pid"]
    place.kill_supervisor(job)
    assert finish(executor, handle).was_lost()
    told = (Path(job.run_directory) / "logs" / "launcher.log").read_text()
    assert f"engine {os.getpid()}: killed the process {script}: its supervisor is gone" in told


def test_the_run_of_an_old_engine_is_found_after_the_computer_restarted(place: LocalPlace) -> None:
    executor = LocalProcessExecutor()
    job = place.job(WAITS)
    handle = begin(place, executor, job)
    claim = Path(job.run_directory) / "attempts" / "1" / "claim.json"
    real = claim.read_text()
    claim.write_text(json.dumps({**json.loads(real), "boot_id": "another-boot"}))
    place.kill_supervisor(job)
    assert finish(LocalProcessExecutor(), handle).was_lost()


def test_nothing_of_the_engine_leaks_into_the_script(place: LocalPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESKTOP_AML_SECRET", "of the engine")
    monkeypatch.setenv("OTHER_SECRET", "of the shell")
    job = place.job("import json, os\nprint(json.dumps(sorted(os.environ)))", env_vars={"ONLY": "this"})
    assert carry_out(LocalProcessExecutor(), job).succeeded()
    names = set(json.loads(place.log(job)))
    assert names - {"LC_CTYPE"} == {"ONLY", "DESKTOP_AML_NONCE", "DESKTOP_AML_SCRIPT_PID"}


@pytest.mark.parametrize("kind", ["absent", "not executable", "no loader", "not a program"])
def test_an_interpreter_that_cannot_be_started_is_named(place: LocalPlace, tmp_path: Path, kind: str) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    if kind != "absent":
        python.write_bytes({"no loader": b"#!/no/such/loader\n", "not a program": b"\x7fELF?"}.get(kind, b""))
        python.chmod(0o644 if kind == "not executable" else 0o755)
    job = place.job("pass", python=str(python))
    outcome = carry_out(place.executor(), job)
    assert outcome.reason == "not_started"
    assert str(python) in outcome.message


def test_an_interpreter_that_fails_at_once_ends_the_run_with_its_own_code(place: LocalPlace, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho the library is broken >&2\nexit 127\n")
    python.chmod(0o755)
    job = place.job("pass", python=str(python))
    assert carry_out(place.executor(), job).exit_code == 127
    assert "the library is broken" in place.log(job)


def test_work_that_was_prepared_and_never_started_was_lost_before_its_start(place: LocalPlace) -> None:
    job = place.job("pass")
    LocalProcessExecutor().prepare(job, lambda _: None)
    outcome = finish(LocalProcessExecutor(), LocalProcessExecutor().handle_for(job))
    assert outcome.was_lost_before_start()


@pytest.mark.parametrize("kind", [LocalPlace, WarmPlace])
def test_a_script_that_moves_the_attempts_folder_and_puts_another_there_goes_on(
    kind: type[LocalPlace], tmp_path: Path, marked_processes: object
) -> None:
    place = kind(tmp_path)
    executor = place.executor()
    script = (
        "import os, time\nos.rename('../attempts', '../was')\nopen('moved', 'w').close()\n"
        "while not os.path.exists('go'): time.sleep(0.01)\nos.rename('../was', '../attempts')\n"
    )
    job = place.job(script)
    handle = executor.handle_for(job)
    beside = Path(job.run_directory) / "snapshot"
    executor.start(job)
    wait_until(lambda: executor.poll(handle) is not None or (beside / "moved").exists(), "the script's move")
    assert executor.poll(handle) is None
    (beside / "go").touch()
    assert finish(executor, handle).exit_code == 0
    place.close()


MOVES_AWAY = (
    "import os, time\nwhile not os.path.exists('seen'): time.sleep(0.01)\n"
    "os.rename('../attempts', '../was')\nopen('moved', 'w').close()\n"
)


def begin_moving(place: LocalPlace, executor: Executor, then: str) -> tuple[Job, str]:
    """Start a script that moves the folder of its attempt away, and see that it did."""
    job = place.job(MOVES_AWAY + then)
    handle = executor.handle_for(job)
    executor.start(job)
    wait_until(lambda: executor.has_begun(handle), "its beginning")
    assert executor.poll(handle) is None
    (place.snapshot(job) / "seen").touch()
    wait_until(lambda: place.has_made(job, "moved"), "the script's move")
    return job, handle


@pytest.fixture
def gone_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a folder that is missed for gone at the second look."""
    monkeypatch.setattr(absences, "_GONE_S", -1.0)


@pytest.mark.usefixtures("gone_at_once")
def test_as_long_as_its_supervisor_lives_a_script_may_move_the_folder_of_its_attempt_away(place: LocalPlace) -> None:
    executor = place.executor()
    then = "while not os.path.exists('go'): time.sleep(0.01)\nraise SystemExit(3)\n"
    job, handle = begin_moving(place, executor, then)
    assert [executor.poll(handle) for _ in range(3)] == [None] * 3
    (place.snapshot(job) / "go").touch()
    assert finish(executor, handle).exit_code == 3
    # The supervisor has laid out another: an engine that comes later reads the same.
    assert finish(place.executor(), handle).exit_code == 3


@pytest.mark.usefixtures("gone_at_once")
def test_a_script_that_moved_the_folder_of_its_attempt_away_is_canceled_as_any(place: LocalPlace) -> None:
    executor = place.executor()
    job, handle = begin_moving(place, executor, "while True: time.sleep(60)\n")
    executor.stop(handle)
    assert finish(executor, handle).reason == "canceled"
    assert finish(place.executor(), handle).reason == "canceled"
    assert place.alive(job) == []


@pytest.mark.usefixtures("gone_at_once")
def test_a_script_without_supervisor_and_folder_of_its_attempt_is_ended_in_true_words(place: LocalPlace) -> None:
    executor = place.executor()
    job, handle = begin_moving(place, executor, "while True: time.sleep(60)\n")
    was = Path(job.run_directory) / "was" / "1" / "claim.json"
    os.kill(json.loads(was.read_text())["pid"], signal.SIGKILL)
    outcome = finish(executor, handle)
    assert outcome.was_lost()
    assert outcome.message.startswith("The folder of the attempt was removed")
    assert place.alive(job) == []


def test_a_claim_that_cannot_be_read_while_its_folder_is_replaced_is_looked_for_again(
    place: LocalPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As it is met between a script's link in the place of the folder and the supervisor's own folder.
    met, read = [Claim(None)] * 3, AttemptFiles.claim
    monkeypatch.setattr(AttemptFiles, "claim", lambda files: met.pop() if met and read(files) else read(files))
    assert carry_out(place.executor(), place.job("raise SystemExit(3)\n")).exit_code == 3
    assert met == []


@pytest.mark.usefixtures("gone_at_once")
def test_a_claim_that_stays_unreadable_names_nobody(place: LocalPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AttemptFiles, "claim", lambda _: Claim(None))
    executor, job = place.executor(), place.job("")
    AttemptFiles(Path(job.run_directory) / "attempts" / str(job.attempt)).make()
    assert finish(executor, executor.handle_for(job)).was_lost()
