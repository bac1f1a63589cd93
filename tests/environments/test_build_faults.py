"""Builds that are hit at random moments: cancelled, killed, started twice. The end is right and nothing is left."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.errors import BuildCanceled, NoRoomForEnvironment
from desktop_aml.environments.toolchain.files import remove_tree
from tests.conftest import wait_until
from tests.environments.bench import Bench
from tests.environments.conda_channel import LocalChannel

CHECKOUT = Path(__file__).parents[2]
BUILD = (
    "import sys, threading; from pathlib import Path\n"
    "from desktop_aml.environments.service import BuilderService\n"
    "from desktop_aml.domain.environments import EnvironmentKind\n"
    "def tell(step): print(step.stage, flush=True)\n"
    "built = BuilderService(Path(sys.argv[1])).make_ready(EnvironmentKind(sys.argv[2]), sys.argv[3],\n"
    "    report=tell, cancel=threading.Event(), log_path=Path(sys.argv[4]))\n"
    "print('key', built.key, flush=True)\n"
)
COUNT = 25


@pytest.fixture(params=["uv", "conda"])
def wanted(request: pytest.FixtureRequest, bench: Bench, tmp_path: Path) -> tuple[EnvironmentKind, str]:
    """A specification of many packages, so that its build has many moments."""
    if request.param == "uv":
        for number in range(COUNT):
            bench.index.add_wheel(f"part{number}", "1.0", data=b"x" * 20_000)
        return EnvironmentKind.PIP, "".join(f"part{number}\n" for number in range(COUNT))
    channel = LocalChannel(tmp_path / "channel")
    channel.add_python()
    for number in range(COUNT):
        channel.add(f"part{number}", "1.0", data="x" * 20_000)
    channel.index()
    parts = "".join(f"  - part{number}\n" for number in range(COUNT))
    return EnvironmentKind.CONDA, f"channels:\n  - {channel.uri}\ndependencies:\n{parts}"


def start(bench: Bench, wanted: tuple[EnvironmentKind, str], log: str = "build.log") -> subprocess.Popen[str]:
    words = [sys.executable, "-c", BUILD, str(bench.builds), wanted[0], wanted[1], str(bench.root / log)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT)


def torn(bench: Bench) -> list[str]:
    """Locks and half builds; a finished build and what is remembered are none."""
    found = [*bench.builds.iterdir(), *bench.builds.glob("locks/*")]
    left = [path for path in found if path.suffix in {".building", ".resolving", ".work"}]
    left += [path for path in found if len(path.name) == 64 and not (path / "ready.json").exists()]
    return [path.name for path in left]


def tidied(bench: Bench) -> bool:
    bench.service.sweep()
    return torn(bench) == []


def works(bench: Bench, wanted: tuple[EnvironmentKind, str]) -> None:
    built = bench.make(wanted[1], kind=wanted[0])
    code = f"import {', '.join(f'part{number}' for number in range(COUNT))}; print(part7.VERSION)"
    assert subprocess.check_output([built.python, "-c", code], text=True, cwd="/").strip() == "1.0"


def test_a_build_cancelled_at_ten_random_moments_leaves_nothing(bench: Bench, wanted: tuple[EnvironmentKind, str]):
    started = time.monotonic()
    bench.make(wanted[1], kind=wanted[0])
    whole_s = time.monotonic() - started
    moments = random.Random(20)
    for _ in range(10):
        wait_until(lambda: not list(bench.builds.glob("*.compiling")))
        for ready in bench.builds.glob("*/ready.json"):
            remove_tree(ready.parent)
        for lock in bench.builds.glob("locks/*"):
            lock.unlink()
        cancel = threading.Event()
        timer = threading.Timer(moments.uniform(0, whole_s), cancel.set)
        timer.start()
        try:
            bench.make(wanted[1], kind=wanted[0], cancel=cancel)
        except BuildCanceled:
            assert torn(bench) == []
        timer.cancel()
        timer.join()
    works(bench, wanted)


def test_a_builder_that_is_killed_is_followed_by_a_whole_build(bench: Bench, wanted: tuple[EnvironmentKind, str]):
    moments = random.Random(9)
    for stage in ("Resolving", "Installing", "Installing"):
        builder = start(bench, wanted)
        assert builder.stdout is not None
        while (line := builder.stdout.readline()) and not line.startswith(stage):
            pass
        if moments.random() < 0.5:
            # In the middle of the step, not at its beginning.
            builder.stdout.readline()
        builder.kill()
        builder.wait()
        builder.stdout.close()
        # Its installer may still write for a moment, and holds the lock as long.
        wait_until(lambda: tidied(bench), "nothing torn to be left")
    works(bench, wanted)


def test_two_programs_that_build_one_environment_make_it_once(bench: Bench, wanted: tuple[EnvironmentKind, str]):
    running = [start(bench, wanted, f"{number}.log") for number in range(2)]
    said = [builder.communicate(timeout=120)[0].splitlines() for builder in running]
    assert said[0][-1] == said[1][-1]
    assert said[0][-1].startswith("key ")
    assert sum("Ready" in lines for lines in said) == 1
    assert torn(bench) == []
    works(bench, wanted)


def test_a_killed_builder_does_not_hold_up_the_other_one(bench: Bench, wanted: tuple[EnvironmentKind, str]):
    first = start(bench, wanted, "1.log")
    assert first.stdout is not None
    while (line := first.stdout.readline()) and not line.startswith("Installing"):
        pass
    second = start(bench, wanted, "2.log")
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    first.stdout.close()
    said = second.communicate(timeout=120)[0].splitlines()
    assert said[-1].startswith("key ")
    assert torn(bench) == []
    works(bench, wanted)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
@pytest.mark.parametrize("room", ["400k", "1200k"])
def test_a_disk_that_fills_up_leaves_no_half_build_and_heals(
    bench: Bench, wanted: tuple[EnvironmentKind, str], room: str
):
    for number in range(COUNT):
        if wanted[0] is EnvironmentKind.PIP:
            bench.index.add_wheel(f"part{number}", "1.0", data=b"x" * 200_000)
    text = wanted[1]
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={room}", "tmpfs", str(bench.builds)], check=True)
    try:
        for _ in range(2):
            with pytest.raises(NoRoomForEnvironment) as raised:
                bench.make(text, kind=wanted[0])
            assert "disk is full" in raised.value.message
            assert torn(bench) == []
        subprocess.run(["mount", "-o", "remount,size=64m", str(bench.builds)], check=True)
        works(bench, wanted)
        wait_until(lambda: not list(bench.builds.glob("*.compiling")), "the compiler to end")
    finally:
        subprocess.run(["umount", "-l", str(bench.builds)], check=True)
