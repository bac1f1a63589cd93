"""Numbers in a mapped file: each is kept once, in order, exactly, by threads, forks and processes that are killed."""

from __future__ import annotations

import ctypes
import errno
import mmap
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import ModuleType

import pytest

from desktop_aml.domain.metrics import LoggedPoint
from desktop_aml.run_folder.journals import slot_files
from tests.inside_run.run_folder import RunFolder, decode_lines

SITE = Path(__file__).resolve().parents[2] / "desktop_aml" / "inside_run" / "site"
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere numbers are lines")


@pytest.fixture
def scalars(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the writer's module, as a run has it whose folder is read on this computer."""
    monkeypatch.syspath_prepend(str(SITE))
    monkeypatch.setenv("DESKTOP_AML_SCALARS", "mapped")
    from desktop_aml_run import scalars as module

    monkeypatch.setattr(module, "_KINDS_OF_DISKS", KindsOfDisks())
    return module


class KindsOfDisks:
    """All kinds: whatever disk the tests are on."""

    def __contains__(self, kind: str) -> bool:
        return True


@pytest.fixture
def journal(scalars: ModuleType, tmp_path: Path):
    from desktop_aml_run.journal import Journal

    made = Journal(str(tmp_path))
    yield made
    for files in made._scalar_files.values():
        for file in files:
            file.close()


def mapped(folder: Path) -> list[LoggedPoint]:
    paths = sorted(folder.glob("*.scalars"))
    return [point for path in paths for batch in slot_files.tail(path, 0) for point in batch.points]


def names(folder: Path) -> list[object]:
    return [record["name"] for path in folder.glob("*.jsonl") for record in decode_lines(path.read_bytes())]


@pytest.mark.parametrize("how", ["by Python", "behind Python's back", "asked each time"])
def test_a_fork_of_any_kind_leaves_the_file_of_its_parent_alone(
    scalars: ModuleType, journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    if how == "asked each time":
        monkeypatch.setattr(scalars, "_WIPE_ON_FORK", -1)  # an older kernel's answer
    journal.scalar("x", 0.0)
    assert type(journal._scalars.is_own) is (scalars._AskedEachTime if how == "asked each time" else mmap.mmap)
    child = os.fork() if how != "behind Python's back" else ctypes.CDLL(None).fork()
    journal.scalar("x", 1.0 if child else 0.5)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    journal.scalar("x", 2.0)
    assert len(list(tmp_path.glob("*.scalars"))) == 2
    assert sorted(point[3] for point in mapped(tmp_path)) == [0.0, 0.5, 1.0, 2.0]


def lines(folder: Path) -> list[object]:
    return [record["v"] for path in folder.glob("*.jsonl") for record in decode_lines(path.read_bytes())]


def test_a_process_with_the_number_of_a_dead_one_begins_files_of_its_own(
    journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As when the kernel has given out all other numbers since: the child has that of its parent.
    for module in (os, sys.modules[type(journal).__module__]):
        monkeypatch.setattr(module, "getpid", lambda: 4242)

    def log(value: float) -> None:
        journal.scalar("x", value)
        journal.append("tag", key="k", v=value)

    log(0.0)
    child = os.fork()
    log(1.0 if child else 0.5)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    log(2.0)
    assert sorted(point[3] for point in mapped(tmp_path)) == [0.0, 0.5, 1.0, 2.0]
    numbers = [[one["n"] for one in decode_lines(path.read_bytes())] for path in tmp_path.glob("*.jsonl")]
    assert sorted(numbers) == [[0], [0, 1, 2]]


def test_the_oldest_and_the_newest_python_keep_what_they_would_write_as_lines(
    run_folder: RunFolder, edge_python: str
) -> None:
    script = (
        "from azureml.core import Run\nrun = Run.get_context()\n"
        "odd = [0.5, float('nan'), float('-inf'), -0.0, 7, -2**63, 2**63, True, None, '\\xe9\\udc80', 1e-300]\n"
        "for n in range(1500):\n    name = 'loss' if n % 3 else '\\xe9' * 40\n"
        "    run.log(name, odd[n % 11], step=[None, n, -1, 2**70][n % 4])\n"
        "print(sorted((name, repr(one)) for name, one in run.get_metrics().items()) == [] or 'read back')\n"
    )
    assert "read back" in run_folder.script(edge_python, script).stdout
    written = [(record["name"], record["s"], repr(record["v"])) for record in run_folder.records()]
    for path in (run_folder.path / "journal").iterdir():
        path.unlink()
    ended = run_folder.script(edge_python, script, DESKTOP_AML_SCALARS="mapped")
    assert "read back" in ended.stdout, ended.stderr
    found = [(name, step, repr(value)) for name, step, _, value in mapped(run_folder.path / "journal")]
    if not found:
        pytest.skip("the tests are on a disk on which numbers are lines")
    assert found == [(name.replace("\udc80", "\ufffd"), step, value) for name, step, value in written]


def test_a_script_that_is_killed_loses_nothing_that_it_had_logged(scalars: ModuleType, tmp_path: Path) -> None:
    script = (
        "import os, sys\nfrom desktop_aml_run import scalars\nfrom desktop_aml_run.journal import Journal\n"
        "class All:\n    __contains__ = lambda self, kind: True\n"
        "scalars._KINDS_OF_DISKS = All()\nj, n = Journal(sys.argv[1]), 0\n"
        "while True:\n    j.scalar('x', float(n))\n    os.write(1, b'%d\\n' % n)\n    n += 1\n"
    )
    env = {**os.environ, "PYTHONPATH": str(SITE)}
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, env=env) as process:
        assert process.stdout is not None
        while int(last := process.stdout.readline()) < 2000:
            pass
        process.send_signal(signal.SIGKILL)
        last = (last + process.stdout.read()).split(b"\n")[-2]
    values = [point[3] for point in mapped(tmp_path)]
    assert values == [float(n) for n in range(len(values))]
    assert int(last) + 1 <= len(values) <= int(last) + 2


def test_threads_share_a_file_and_a_forked_child_has_its_own(journal, tmp_path: Path) -> None:
    def log(name: str) -> None:
        for number in range(700):
            journal.scalar(name, float(number))

    threads = [threading.Thread(target=log, args=(f"t{one}",)) for one in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    child = os.fork()
    if child == 0:
        journal.scalar("t0", 0.5)
        journal.scalar("child", 1)
        os._exit(0)
    os.waitpid(child, 0)
    journal.scalar("t0", 700.0)
    points = mapped(tmp_path)
    assert len(list(tmp_path.glob("*.scalars"))) == 2
    assert [point[3] for point in points if point[0] == "t1"] == [float(number) for number in range(700)]
    assert sorted(point[3] for point in points if point[0] == "t0") == sorted([0.5, *map(float, range(701))])
    assert [point[3] for point in points if point[0] == "child"] == [1]


def test_threads_that_need_more_room_at_once_all_wait_for_it(
    journal, scalars: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.scalar("x", 0.0)
    real, inside, go_on = scalars._mapped, threading.Event(), threading.Event()

    def slowly(*arguments):
        inside.set()
        assert go_on.wait(10)
        return real(*arguments)

    monkeypatch.setattr(scalars, "_mapped", slowly)

    def log() -> None:
        for number in range(1, 600):
            journal.scalar("x", float(number))

    grower = threading.Thread(target=log)
    grower.start()
    assert inside.wait(10)
    waiting = threading.Thread(target=journal.scalar, args=("y", 1.0))
    waiting.start()
    go_on.set()
    grower.join()
    waiting.join()
    assert [point[3] for point in mapped(tmp_path) if point[0] == "x"] == [float(number) for number in range(600)]
    assert not list(tmp_path.glob("*.jsonl"))


def test_what_a_signal_handler_logs_in_the_middle_of_a_number_overwrites_nothing(
    journal, scalars: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scalars, "_WAIT_S", 0.0)
    journal.scalar("x", 1.0)
    file = journal._scalars
    at = file.take()
    journal.scalar("x", 3.0)  # the handler
    scalars.SLOT.pack_into(file.map, at, 1.5, 2.0, 0, 0, scalars.FLOAT, at + file.salt & scalars.MASK)
    file.give(at + 32)
    journal.scalar("x", 4.0)
    assert [point[3] for point in mapped(tmp_path)] == [1.0, 2.0, 3.0, 4.0]


def test_signal_handlers_that_log_do_not_wait_for_what_they_interrupt(
    journal, scalars: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from desktop_aml_run import journal as module

    monkeypatch.setattr(scalars, "_WAIT_S", 60.0)
    began = time.monotonic()
    journal.scalar("x", 0)
    for number in range(1, 40):
        # One kind of handler at a time comes in the midst of each number, and one of those in the midst of that.
        left = [number, -number]

        def clock(left: list[int] = left) -> float:
            if left:
                journal.scalar("handler", left.pop(0))
            return 1e9

        for place in (scalars, module):
            monkeypatch.setattr(place, "time", clock)
        journal.scalar("x", number)
    assert time.monotonic() - began < 30
    found = [(point[0], point[3]) for point in mapped(tmp_path)] + [*zip(names(tmp_path), lines(tmp_path), strict=True)]
    assert [value for name, value in found if name == "x"] == [*range(40)]
    kept = [value for name, value in found if name == "handler"]
    assert sorted(kept) == [*range(-39, 0), *range(1, 40)]
    assert len([*tmp_path.glob("*.scalars")]) <= 8  # each has a descriptor, which a script has not without end


def test_an_error_thrown_into_the_middle_of_a_number_costs_only_that_one(
    journal, scalars: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scalars, "_WAIT_S", 0.0)
    journal.scalar("x", 1.0)

    def interrupted() -> float:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(scalars, "time", interrupted)
        with pytest.raises(KeyboardInterrupt):
            journal.scalar("new", 2.0)
    journal.scalar("x", 3.0)
    assert [(point[0], point[3]) for point in mapped(tmp_path)] == [("x", 1.0), ("x", 3.0)]


def test_a_script_that_was_interrupted_in_a_number_ends_at_once(journal) -> None:
    journal.scalar("x", 1.0)
    journal._scalars.take()  # and never given back
    began = time.monotonic()
    journal._scalars.close()
    assert time.monotonic() - began < 0.7


@pytest.mark.parametrize("already", [0, 600])
def test_where_there_is_no_room_numbers_go_on_as_lines(
    journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, already: int
) -> None:
    for number in range(already):
        journal.scalar("x", float(number))
    with monkeypatch.context() as patch:

        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        patch.setattr(os, "posix_fallocate", full)
        for number in range(already, already + 1200):
            journal.scalar("x", float(number))
    journal.scalar("x", already + 1200.0)
    found = [*(point[3] for point in mapped(tmp_path)), *lines(tmp_path)]
    assert found == [float(number) for number in range(already + 1201)]


def test_a_script_that_closes_all_descriptors_keeps_its_numbers_and_its_own_files(journal, tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        journal.scalar("x", 0.0)
        file = journal._scalars._descriptor
        os.closerange(file, file + 8)
        own = [os.open(tmp_path / "own", os.O_RDWR | os.O_CREAT) for _ in range(8)]
        for number in range(1, 1500):
            journal.scalar("x", float(number))
        journal.flush()
        os._exit(0 if os.fstat(own[0]).st_size == 0 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert [*(point[3] for point in mapped(tmp_path)), *lines(tmp_path)] == [float(number) for number in range(1500)]


def test_room_that_was_not_needed_is_given_back(journal, tmp_path: Path) -> None:
    for number in range(10):
        journal.scalar("x", float(number))
    (path,) = tmp_path.glob("*.scalars")
    journal._scalars.close()
    # The first slot, the name in two, and ten numbers.
    assert path.stat().st_size == 13 * 32
    journal.scalar("x", 10.0)
    assert lines(tmp_path) == [10.0]


@pytest.mark.parametrize("kind", ["nfs4", "btrfs", "overlay", "fuse.sshfs"])
def test_on_a_disk_that_may_refuse_room_later_numbers_are_lines(
    scalars: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    device = tmp_path.stat().st_dev
    mounts = tmp_path / "mounts"
    mounts.write_text(f"36 35 {os.major(device)}:{os.minor(device)} / / rw - {kind} /dev/x rw\n")
    monkeypatch.undo()
    monkeypatch.setattr(scalars, "_MOUNTS", str(mounts))
    monkeypatch.setenv("DESKTOP_AML_SCALARS", "mapped")
    assert not scalars.may_be_mapped(str(tmp_path))
    mounts.write_text(mounts.read_text().replace(kind, "ext4"))
    assert scalars.may_be_mapped(str(tmp_path))
    monkeypatch.setenv("DESKTOP_AML_SCALARS", "")
    assert not scalars.may_be_mapped(str(tmp_path))
