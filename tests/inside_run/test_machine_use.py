"""What the supervisor measures of a run: its tree, its cost, its curve."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from desktop_aml.domain.summaries import machine_use as told
from desktop_aml.inside_run import machine_use
from desktop_aml.inside_run.machine_use import Sampler
from tests.conftest import wait_until
from tests.contracts.places import LocalPlace, begin, finish

HUNGRY = (
    "import os, subprocess, sys, time\n"
    'child = \'x = bytearray(60 << 20)\\nopen("ready", "w").close()\\nimport time\\nwhile True: time.sleep(60)\'\n'
    "open('big', 'wb').write(os.urandom(3 << 20)); os.sync()\n"
    "subprocess.Popen([sys.executable, '-c', child], start_new_session=True)\n"
    "end = time.process_time() + 0.2\nwhile time.process_time() < end: pass\n"
    "while True: time.sleep(60)\n"
)


def test_the_whole_tree_is_measured_and_kept_with_the_end(tmp_path: Path, marked_processes: object) -> None:
    place = LocalPlace(tmp_path)
    executor = place.executor()
    job = place.job(HUNGRY)
    handle = begin(place, executor, job)
    curve = Path(job.run_directory) / "logs" / told.CURVE
    wait_until(
        lambda: curve.exists() and any(p.memory_bytes > 60 << 20 for p in points(curve)), "a sample of the child"
    )
    executor.stop(handle, force=True)
    finish(executor, handle)
    record = json.loads((Path(job.run_directory) / "attempts" / "1" / "exit.json").read_text())
    found = told.sums(record)
    assert found[told.MEMORY] > 60 << 20
    assert found[told.CPU] > 0
    assert max(point.cores for point in points(curve)) > 0
    if told.WRITTEN in found:
        assert found[told.WRITTEN] >= 0


def points(curve: Path) -> tuple[told.UsePoint, ...]:
    return told.curve_of(curve.read_bytes().splitlines()) if curve.exists() else ()


def test_a_run_that_ends_at_once_has_sums_and_no_curve(tmp_path: Path, marked_processes: object) -> None:
    place = LocalPlace(tmp_path)
    executor = place.executor()
    job = place.job("pass")
    handle = executor.handle_for(job)
    executor.start(job)
    assert finish(executor, handle).succeeded()
    assert not (Path(job.run_directory) / "logs" / told.CURVE).exists()
    record = json.loads((Path(job.run_directory) / "attempts" / "1" / "exit.json").read_text())
    assert set(told.sums(record)) == {told.CPU, told.MEMORY}


def test_an_hour_is_less_than_100_kb_and_spans_all_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    curve = tmp_path / "curve.csv"
    # Figures as wide as those of a large computer; that real ones are found is shown above.
    looks = itertools.count(1)
    monkeypatch.setattr(
        machine_use, "totals", lambda *_: (63.7 * (n := next(looks)), 10**12 + n, 10**13 + n, 10**13 + n)
    )
    sampler = Sampler(os.fsencode(curve))
    sizes = []
    for second in range(1, 3601):
        sampler._sample(sampler._began + second, 0)
        sizes.append(second % 300 == 0 and curve.stat().st_size)
    assert max(filter(None, sizes)) < 100_000
    found = points(curve)
    assert found[0].seconds <= 8
    assert found[-1].seconds >= 3590
    assert [one.seconds for one in found] == sorted(one.seconds for one in found)
    assert not list(tmp_path.glob("*.tmp"))


def test_looking_takes_its_share_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sampler = Sampler(os.fsencode(tmp_path / "curve.csv"))
    spent = [10.0]
    monkeypatch.setattr(machine_use.time, "process_time", lambda: spent[0])

    def costly(_now: float, _apart: int) -> None:
        spent[0] += 0.05

    monkeypatch.setattr(sampler, "_sample", costly)
    now = time.monotonic() + 1
    sampler.look(now)
    # 50 ms were spent: the next look is 50 s away.
    assert sampler.due - time.monotonic() > 0.05 / 0.002


def test_what_stands_apart_is_no_part_of_it() -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as child:
        assert child.pid in machine_use.family(os.getpid())
        assert child.pid not in machine_use.family(os.getpid(), child.pid)
        child.kill()


def test_children_that_ended_count_through_their_parent() -> None:
    before = machine_use.totals(os.sysconf("SC_CLK_TCK"), 4096)[0]
    burn = "import time\nend = time.process_time() + 0.15\nwhile time.process_time() < end: pass"
    subprocess.run([sys.executable, "-c", f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {burn!r}])"])
    used = sum(psutil.Process().cpu_times()[2:4])
    assert used > 0
    middle = machine_use.totals(os.sysconf("SC_CLK_TCK"), 4096)[0]
    assert middle - before >= 0.1


@pytest.mark.parametrize("obstacle", ["fifo", "folder", "link"])
def test_an_odd_file_in_its_place_ends_the_curve_alone(tmp_path: Path, obstacle: str) -> None:
    curve = tmp_path / "curve.csv"
    sampler = Sampler(os.fsencode(curve))
    sampler._sample(sampler._began + 1, 0)
    curve.unlink()
    other = tmp_path / "other"
    other.write_text("kept")
    {"fifo": lambda: os.mkfifo(curve), "folder": curve.mkdir, "link": lambda: curve.symlink_to(other)}[obstacle]()
    sampler._sample(sampler._began + 2, 0)
    sampler._sample(sampler._began + 3, 0)
    assert other.read_text() == "kept"
    assert sampler.peak_memory_bytes >= 0


@pytest.mark.parametrize(
    "record",
    [{}, {"cpu_s": "1"}, {"cpu_s": True}, {"cpu_s": float("nan")}, {"cpu_s": 1e300}, {"peak_memory_bytes": -1}],
)
def test_sums_that_make_no_sense_are_not_told(record: dict[str, object]) -> None:
    assert told.sums(record) == {}


def test_lines_that_are_no_points_are_left_out() -> None:
    lines = [b"seconds,cores", b"1.0,0.5,100,,", b"x,y,z,1,2", b"2.0,nan,1,2,3", b"\xff", b"3.0,0.1,1,2,3,4"]
    assert told.curve_of(lines) == (told.UsePoint(1.0, 0.5, 100, None, None),)


FIRST = "9:name=systemd:/a/b\n4:cpu,memory:/a/b\n0::/a/b\n"
SECOND = "0::/a/b\n"
ITS_OWN = "0::/\n"
CONTROL = "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"
EVENTS = "low 0\nmax 7\noom 3\noom_kill 2\noom_group_kill 0\n"


@pytest.mark.parametrize(
    ("groups", "place", "text"),
    [
        (FIRST, "memory/a/b/memory.oom_control", CONTROL),
        (FIRST, "memory/memory.oom_control", CONTROL),  # a container sees its own group at the top
        (SECOND, "a/b/memory.events", EVENTS),
        (SECOND, "memory.events", EVENTS),
        ("0::/caf\udce9\n", "caf\udce9/memory.events", EVENTS),
        (ITS_OWN, "memory.events", EVENTS),
    ],
)
def test_what_was_killed_for_its_memory_is_counted_in_groups_of_both_kinds(
    groups: str, place: str, text: str, tmp_path: Path
) -> None:
    for name, content in ((Path("proc/self/cgroup"), groups), (Path("sys/fs/cgroup") / place, text)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(os.fsencode(content))
    assert machine_use.memory_kills(str(tmp_path)) == 2


@pytest.mark.parametrize("text", [None, "", "oom 1\n", "oom_kill many\n", "three words here\n"])
def test_a_group_that_does_not_tell_has_killed_nothing(text: str | None, tmp_path: Path) -> None:
    assert machine_use.memory_kills(str(tmp_path)) == 0
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text(SECOND)
    if text is not None:
        (tmp_path / "sys/fs/cgroup").mkdir(parents=True)
        (tmp_path / "sys/fs/cgroup/memory.events").write_text(text)
    assert machine_use.memory_kills(str(tmp_path)) == 0
