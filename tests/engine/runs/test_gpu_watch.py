"""Runs are found by the processes that use a GPU, and get a curve and peak values; the driver is a fake one."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from desktop_aml.domain.summaries import machine_use
from desktop_aml.domain.summaries.gpu_use import CURVE, HEADING, GpuPoint
from desktop_aml.engine.runs import gpu_watch
from desktop_aml.engine.runs.gpu_watch import Curve, GpuUse, use_of
from desktop_aml.executors.local_process import NONCE_VARIABLE
from desktop_aml.run_folder import curves
from desktop_aml.system.hardware import gpus
from desktop_aml.system.hardware.gpus import Gpu
from tests import fake_nvml
from tests.conftest import DrivenEngine
from tests.engine.runs.test_flow import detail, submit

Write = Callable[..., Path]

WAITS_WITH_A_CHILD = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], env={})
with open("pids.part", "w") as book: book.write("%d %d" % (os.getpid(), child.pid))
os.rename("pids.part", "pids")
while not os.path.exists("enough"): time.sleep(0.01)
child.kill()
"""


def test_a_run_has_a_curve_and_peaks_of_the_gpus_that_its_processes_use(
    driven: DrivenEngine, write_script: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = fake_nvml.install(monkeypatch)
    library.set((0, {}), (0, {}))
    monkeypatch.setattr(gpus, "may_be_here", lambda: True)
    monkeypatch.setattr(gpu_watch, "EVERY_S", 0.01)
    monkeypatch.setattr(gpu_watch, "SHARE", 1.0)
    run_id = submit(driven, write_script(WAITS_WITH_A_CHILD))
    place = driven.folder.run(run_id)
    driven.until(lambda: (place / "snapshot/pids").exists())
    script, child = map(int, (place / "snapshot/pids").read_text().split())
    # The child has no mark of its own: it is found through the script. Nobody knows whose the third process is.
    library.set((80, {script: 4 << 20}), (50, {child: 3 << 20, os.getpid(): 9 << 20}))
    driven.until(lambda: any(one.memory_bytes == 7 << 20 for one in curves.of_gpus(place)))
    library.set((10, {script: 1 << 20}), (0, {}))
    driven.until(lambda: curves.of_gpus(place)[-1].memory_bytes == 1 << 20)
    (place / "snapshot/enough").touch()
    driven.until_over(run_id)
    used = machine_use.of_properties(detail(driven, run_id).properties)
    assert (used[machine_use.GPU], used[machine_use.GPU_MEMORY]) == (1.3, 7 << 20)
    assert (place / "logs" / CURVE).read_bytes().startswith(HEADING)


def test_without_a_driver_nobody_watches(
    driven: DrivenEngine, write_script: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gpus, "may_be_here", lambda: False)
    monkeypatch.setattr(gpus, "found", lambda: pytest.fail("a driver was asked"))
    run_id = submit(driven, write_script("pass\n"))
    driven.until_over(run_id)
    assert not (driven.folder.run(run_id) / "logs" / CURVE).exists()
    assert machine_use.GPU not in machine_use.of_properties(detail(driven, run_id).properties)


@pytest.fixture
def marked() -> Iterator[Callable[[str], int]]:
    """Begin a process that bears a mark, and return its number."""
    begun: list[subprocess.Popen[bytes]] = []

    def begin(mark: str) -> int:
        begun.append(subprocess.Popen([sys.executable, "-ISc", "input()"], stdin=-1, env={NONCE_VARIABLE: mark}))
        return begun[-1].pid

    yield begin
    for one in begun:
        one.kill()
        one.communicate()


def test_runs_that_share_a_gpu_have_their_own_memory_and_the_same_business(marked: Callable[[str], int]) -> None:
    first, second, stranger = marked("one"), marked("two"), marked("another")
    seen = (Gpu(0.5, {first: 10, second: 20, stranger: 40}), Gpu(0.25, {first: None}), Gpu(None, {second: 5}))
    assert use_of({"one": "a", "two": "b"}, seen) == {"a": GpuUse(0.75, 10), "b": GpuUse(0.5, 25)}


def test_a_curve_goes_on_after_another_engine_stays_short_and_keeps_its_peak(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    for engine in range(2):
        curve = Curve(tmp_path, age_s=engine * 2000)
        for second in range(2000):
            curve.keep(GpuPoint(engine * 2000.0 + second, 7.99 if second == 700 else 0.01, 80_000_000_000 + second))
    found = curves.of_gpus(tmp_path)
    assert (tmp_path / "logs" / CURVE).stat().st_size < 100_000
    assert [one.seconds for one in found] == sorted(one.seconds for one in found)
    assert found[0].seconds < 10
    assert found[-1].seconds > 3990
    assert sum(one.gpus == 7.99 for one in found) == 2


def test_what_an_earlier_attempt_used_is_no_part_of_the_next_one(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    Curve(tmp_path, age_s=0.0).keep(GpuPoint(500.0, 1.0, 1))
    Curve(tmp_path, age_s=0.0).keep(GpuPoint(1.0, 0.5, 2))
    assert curves.of_gpus(tmp_path) == (GpuPoint(1.0, 0.5, 2),)


def test_a_look_that_finds_no_descriptor_to_spare_is_not_the_last_one(
    driven: DrivenEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = iter([OSError(errno.EMFILE, "Too many open files"), None])
    watch = gpu_watch.GpuWatch(driven.folder, dict)
    watch._running = {"mark": "run"}

    def look() -> tuple[Gpu, ...]:
        error = next(looks)
        if error is not None:
            raise error
        watch.close()
        return ()

    monkeypatch.setattr(gpus, "found", lambda: SimpleNamespace(look=look))
    monkeypatch.setattr(gpu_watch, "EVERY_S", 0.0)
    monkeypatch.setattr(gpu_watch, "SHARE", 1.0)
    watch._watch()
    assert next(looks, "looked twice") == "looked twice"


@pytest.mark.parametrize("obstacle", ["fifo", "link", "folder", "linked logs"])
def test_an_odd_file_in_its_place_costs_the_curve_alone(tmp_path: Path, obstacle: str) -> None:
    place, other = tmp_path / "run", tmp_path / "other"
    for folder in (place / "logs", other):
        folder.mkdir(parents=True)
    curve = place / "logs" / CURVE
    if obstacle == "linked logs":
        (place / "logs").rmdir()
        (place / "logs").symlink_to(other)
    else:
        {"fifo": lambda: os.mkfifo(curve), "link": lambda: curve.symlink_to(other / "a"), "folder": curve.mkdir}[
            obstacle
        ]()
    Curve(place, age_s=0.0).keep(GpuPoint(1.0, 0.5, 2))
    assert list(other.iterdir()) == []
