"""Room that builds take: measured once, given back only where nobody counts on it."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from desktop_aml.environments.build import bytecode
from desktop_aml.environments.build import disk_usage as space
from desktop_aml.environments.toolchain.files import exclusive, folder_size, known_size
from tests.conftest import wait_until
from tests.environments.bench import Bench

KEY, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def builds(tmp_path: Path) -> Path:
    made = tmp_path / "builds"
    for key in (KEY, OTHER):
        (made / key / "venv").mkdir(parents=True)
        (made / key / "venv" / "module.py").write_bytes(b"x" * 8192)
        (made / key / "ready.json").write_text("{}")
        os.utime(made / key / "ready.json", (1000, 1000))
    (made / "locks").mkdir()
    (made / "interpreters.json").write_text("{}")
    return made


def test_every_build_is_found_with_its_size_and_its_last_use(builds: Path):
    (builds / OTHER / "ready.json").unlink()
    os.link(builds / KEY / "venv" / "module.py", builds / KEY / "venv" / "again.py")
    whole, torn = space.found_in(builds)
    assert (whole.key, whole.last_used_at, whole.is_busy) == (KEY, 1000.0, False)
    assert (torn.key, torn.last_used_at) == (OTHER, None)
    assert 8192 <= whole.size_bytes < 2 * 8192 + 3 * 4096
    assert space.found_in(builds / "nowhere") == ()


def test_a_build_that_nobody_uses_is_removed_whole(builds: Path):
    assert space.remove(builds, KEY, 1000.0)
    assert sorted(path.name for path in builds.iterdir()) == [OTHER, "interpreters.json", "locks"]
    assert not space.remove(builds, KEY, 1000.0)


@pytest.mark.parametrize("suffix", [".building", ".compiling"])
def test_a_build_that_is_worked_on_stays(builds: Path, suffix: str):
    with exclusive((builds / KEY).with_suffix(suffix), threading.Event(), lambda: None):
        assert next(one.is_busy for one in space.found_in(builds) if one.key == KEY)
        assert not space.remove(builds, KEY, 1000.0)
        assert space.sweep(builds) == ()
    assert (builds / KEY / "venv" / "module.py").exists()


def test_a_build_that_was_used_since_it_was_looked_at_stays(builds: Path):
    (builds / KEY / "ready.json").touch()
    assert not space.remove(builds, KEY, 1000.0)
    assert (builds / KEY / "ready.json").exists()


def test_a_use_in_the_very_moment_of_removal_is_noticed(builds: Path, monkeypatch: pytest.MonkeyPatch):
    rename = Path.rename

    def used_meanwhile(self: Path, target: Path) -> Path:
        if self.name == KEY:
            os.utime(self / "ready.json")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", used_meanwhile)
    assert not space.remove(builds, KEY, 1000.0)
    assert (builds / KEY / "venv" / "module.py").exists()


def test_what_killed_builders_left_is_swept_and_nothing_else(builds: Path):
    (builds / OTHER / "ready.json").unlink()
    (builds / f"{OTHER}.building").touch()
    (builds / ".removed-x" / "venv").mkdir(parents=True)
    (builds / "locks" / "c.resolving").touch()
    (builds / "locks" / "c.work").mkdir()
    (builds / "locks" / "d.txt").touch()
    for name, at in ((".half-old", 1000), (".half-new", time.time()), ("whole", 1000)):
        (builds / "conda" / "pkgs" / name).mkdir(parents=True)
        os.utime(builds / "conda" / "pkgs" / name, (at, at))
    assert space.sweep(builds) == (".removed-x", OTHER, f"{OTHER}.building", "c.resolving", ".half-old")
    assert sorted(path.name for path in builds.iterdir()) == [KEY, "conda", "interpreters.json", "locks"]
    assert sorted(path.name for path in builds.glob("conda/pkgs/*")) == [".half-new", "whole"]
    assert not (builds / "locks" / "c.work").exists()
    assert (builds / "locks" / "d.txt").exists()
    assert (builds / KEY / "ready.json").exists()


def test_finding_a_build_counts_as_its_use(bench: Bench):
    built = bench.make()
    ready = bench.builds / built.key / "ready.json"
    os.utime(ready, (1000, 1000))
    assert bench.make() == built
    assert ready.stat().st_mtime > 1000


def test_the_size_is_known_once_the_bytecode_is_complete(bench: Bench):
    built = bench.make()
    folder = bench.builds / built.key
    bench.service.finish(built, threading.Event())
    assert bytecode.is_compiled(folder)
    assert list(folder.glob("venv/lib/*/site-packages/__pycache__/app.*.pyc"))
    size = known_size(folder)
    assert size is not None
    assert abs(size - folder_size(folder)) <= 8192
    wait_until(lambda: not list(bench.builds.glob("*.compiling")), "the compiler to end")


def test_whoever_counts_on_bytecode_compiles_it_where_the_compiler_was_killed(bench: Bench):
    built = bench.make()
    bench.service.finish(built, threading.Event())
    folder = bench.builds / built.key
    (folder / "compiled.json").unlink()
    for path in folder.glob("venv/lib/*/site-packages/__pycache__/*.pyc"):
        path.unlink()
    bench.service.finish(built, threading.Event())
    assert list(folder.glob("venv/lib/*/site-packages/__pycache__/app.*.pyc"))
