"""Processes: every module that can run here keeps the same contract."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from types import ModuleType

import pytest

from desktop_aml.system import portable_processes, processes
from desktop_aml.system.linux import processes as linux_processes
from desktop_aml.system.processes import ProcessIdentity, identity_of, memory_bytes

SLEEPER = "import sys\nprint('up', flush=True)\nsys.stdin.read()\n"


@pytest.fixture(params=[linux_processes, portable_processes], ids=["linux", "portable"])
def own(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module: ModuleType = request.param
    monkeypatch.setattr(processes, "own", module)
    return module


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "TEST_MARK": "abc"}
    with subprocess.Popen(
        [sys.executable, "-c", SLEEPER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        if process.poll() is None:
            process.kill()


def identity(child: subprocess.Popen[bytes]) -> ProcessIdentity:
    found = processes.identity_of(child.pid)
    assert found is not None
    return found


@pytest.mark.usefixtures("own")
def test_a_process_is_itself_until_it_ends(child: subprocess.Popen[bytes]) -> None:
    one = identity(child)
    assert one.is_alive()
    assert one == identity(child)
    child.kill()
    child.wait()
    assert not one.is_alive()
    assert processes.identity_of(child.pid) is None


@pytest.mark.usefixtures("own")
def test_a_zombie_counts_as_gone(child: subprocess.Popen[bytes]) -> None:
    one = identity(child)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not one.is_alive()
    assert processes.start_time(child.pid) == 0


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize("change", [{"start_time": 1}, {"boot_id": "another"}, {"pid": 0}])
def test_another_process_boot_or_number_is_never_signalled(
    child: subprocess.Popen[bytes], change: dict[str, object]
) -> None:
    one = identity(child)
    values = {"pid": one.pid, "start_time": one.start_time, "boot_id": one.boot_id, **change}
    other = ProcessIdentity(**values)  # type: ignore[arg-type]
    assert not other.is_alive()
    if other.boot_id == one.boot_id:
        assert not other.send(signal.SIGKILL)
    assert child.poll() is None


@pytest.mark.usefixtures("own")
def test_a_process_ends_by_a_signal_and_is_waited_for(child: subprocess.Popen[bytes]) -> None:
    with identity(child).held() as handle:
        assert not handle.wait(0.01)
        assert handle.send(signal.SIGTERM)
        assert handle.wait(10)
    assert child.wait() == -signal.SIGTERM


@pytest.mark.usefixtures("own")
def test_a_stopped_process_is_woken_to_see_its_end(child: subprocess.Popen[bytes]) -> None:
    child.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, child.pid, os.WSTOPPED | os.WNOWAIT)
    assert identity(child).send(signal.SIGTERM)
    assert child.wait(10) == -signal.SIGTERM


@pytest.mark.usefixtures("own")
def test_whoever_is_gone_gets_no_signal_and_has_ended(child: subprocess.Popen[bytes]) -> None:
    one = identity(child)
    child.kill()
    child.wait()
    assert not one.send(signal.SIGTERM)
    with one.held() as handle:
        assert handle.wait(0)


@pytest.mark.usefixtures("own")
def test_who_cannot_look_does_not_say_that_a_process_is_gone(child: subprocess.Popen[bytes]) -> None:
    one = identity(child)
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limit[1]))
    try:
        for look in (one.is_alive, lambda: processes.start_time(child.pid)):
            with pytest.raises(OSError, match="Too many open files"):
                look()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limit)
    assert one.is_alive()


@pytest.mark.usefixtures("own")
def test_what_is_left_of_a_group_is_killed() -> None:
    script = "import subprocess\nprint(subprocess.Popen(['sleep', '300'], stdout=subprocess.DEVNULL).pid, flush=True)"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, start_new_session=True) as leader:
        assert leader.stdout is not None
        left = processes.identity_of(int(leader.stdout.readline()))
        assert left is not None
        leader.wait()
    assert left.is_alive()
    processes.end_group(leader.pid)
    with left.held() as handle:
        assert handle.wait(10)


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize("has_ended", [False, True])
def test_a_stranger_with_the_number_of_a_group_is_left_alone(*, has_ended: bool) -> None:
    script = "import subprocess\nprint(subprocess.Popen(['sleep', '300'], stdout=subprocess.DEVNULL).pid, flush=True)"
    words = [sys.executable, "-c", script if has_ended else script + "\ninput()"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as stranger:
        assert stranger.stdout is not None
        below = processes.identity_of(int(stranger.stdout.readline()))
        assert below is not None
        if has_ended:
            os.waitid(os.P_PID, stranger.pid, os.WEXITED | os.WNOWAIT)
        processes.end_group(stranger.pid)
        assert below.is_alive()
        assert has_ended or stranger.poll() is None
        below.send(signal.SIGKILL)
        stranger.kill()


@pytest.mark.usefixtures("own")
def test_bearers_of_a_variable_are_found_with_their_children(child: subprocess.Popen[bytes]) -> None:
    found = {one.pid for one in processes.find_bearers("TEST_MARK", "abc")}
    assert child.pid in found
    assert os.getpid() not in found
    assert processes.find_bearers("TEST_MARK", "ab") == ()


@pytest.mark.usefixtures("own")
def test_the_boot_has_one_name() -> None:
    assert processes.boot_id() == processes.boot_id() != ""


def test_the_end_of_a_child_is_told_and_leaves_its_exit_code(child: subprocess.Popen[bytes]) -> None:
    told = threading.Event()
    linux_processes.tell_end(child.pid, told.set)
    assert not told.is_set()
    child.kill()
    assert told.wait(30)
    assert child.wait() == -signal.SIGKILL


def test_the_memory_of_a_process_is_told_until_it_ends(child: subprocess.Popen[bytes]) -> None:
    found = identity_of(child.pid)
    assert found is not None
    assert 100_000 < memory_bytes(found) < 1_000_000_000
    child.kill()
    child.wait()
    assert memory_bytes(found) == 0
