"""Builds, for real, from an index in a folder: once, cancellable, repeatable, found again, with a reason on failure."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from desktop_aml.domain.environments import BuildProgress, BuiltEnvironment, EnvironmentKind, PythonPinPolicy
from desktop_aml.domain.errors import (
    BuildCanceled,
    DesktopAMLError,
    MissingOnComputer,
    NoRoomForEnvironment,
    PreparationError,
)
from desktop_aml.environments.build import folder as build_folder
from desktop_aml.environments.toolchain import uv_process
from desktop_aml.environments.toolchain.files import exclusive
from tests.environments.bench import TEXT, Bench

DEADLINE_S = 30.0


def run_in(built: BuiltEnvironment, code: str) -> str:
    return subprocess.check_output([built.python, "-c", code], text=True, cwd="/").strip()


def wait_until(condition: Callable[[], bool], what: str) -> None:
    limit = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < limit, f"waited in vain: {what}"
        threading.Event().wait(0.02)


def processes_with(words: str) -> list[psutil.Process]:
    running = psutil.process_iter(["cmdline"])
    return [process for process in running if words in " ".join(process.info["cmdline"] or ())]


def test_an_environment_holds_exactly_its_lock(bench: Bench):
    built = bench.make()
    assert [(package.name, package.version) for package in built.lock.packages] == [("app", "1.0"), ("lib", "2.0")]
    assert all(package.hashes for package in built.lock.packages)
    assert run_in(built, "import app, lib; print(app.VERSION, lib.VERSION)") == "1.0 2.0"
    assert len(built.key) == 64
    assert f"/{built.key}/" in built.python


def test_progress_only_rises_and_ends_ready(bench: Bench):
    steps: list[BuildProgress] = []
    bench.make(report=steps.append)
    fractions = [step.fraction for step in steps if step.fraction is not None]
    assert fractions == sorted(fractions)
    stages = list(dict.fromkeys(step.stage for step in steps))
    assert stages == ["Choosing", "Resolving", "Creating", "Installing", "Ready"]


def test_an_unchanged_environment_needs_neither_resolver_nor_network(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    first = bench.make()
    log = bench.log.read_bytes()
    bench.index.add_wheel("lib", "3.0")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setattr(uv_process, "uv_path", lambda: "/bin/false")
    steps: list[BuildProgress] = []
    assert bench.make(report=steps.append) == first
    assert steps == []
    assert bench.log.read_bytes() == log


def test_a_removed_build_is_made_again_from_its_lock(bench: Bench):
    first = bench.make()
    bench.index.add_wheel("lib", "3.0")
    (bench.builds / first.key / "ready.json").unlink()
    assert bench.make() == first


@pytest.mark.parametrize("harm", ["package", "python", "marker", "torn marker"])
def test_a_damaged_build_is_noticed_and_made_again(bench: Bench, harm: str):
    built = bench.make()
    folder = bench.builds / built.key
    site_packages = next(folder.glob("venv/lib/*/site-packages"))
    if harm == "package":
        for path in (site_packages / "lib-2.0.dist-info").iterdir():
            path.unlink()
        (site_packages / "lib-2.0.dist-info").rmdir()
    elif harm == "python":
        Path(built.python).unlink()
        Path(built.python).symlink_to("/nowhere/python")
    else:
        (folder / "ready.json").write_text("" if harm == "marker" else '{"site_packages": "venv')
    assert bench.make() == built
    assert run_in(built, "import lib; print(lib.VERSION)") == "2.0"
    assert (site_packages / "lib-2.0.dist-info").is_dir()


def test_a_half_built_folder_is_not_used(bench: Bench):
    built = bench.make()
    folder = bench.builds / built.key
    (folder / "ready.json").unlink()
    (folder / "rubbish").write_text("x")
    assert bench.make() == built
    assert not (folder / "rubbish").exists()


def test_the_same_packages_are_built_once_whatever_the_specification_is_called(bench: Bench):
    first = bench.make()
    second = bench.make("name: x\ndependencies:\n  - app=1.0\n  - lib\n", kind=EnvironmentKind.CONDA)
    assert second.key == first.key
    assert second.lock.notes != first.lock.notes


def test_two_threads_build_one_environment_once(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    installs: list[str] = []
    original = uv_process.run

    def counted(words, **keywords):
        if words[1] == "venv":
            installs.append(words[2])
        return original(words, **keywords)

    monkeypatch.setattr(uv_process, "run", counted)
    results: list[BuiltEnvironment] = []
    threads = [threading.Thread(target=lambda: results.append(bench.make())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    assert len(results) == 4
    assert len({result.python for result in results}) == 1
    assert len(installs) == 1


def test_two_processes_build_one_environment_once(bench: Bench):
    code = (
        "import sys, threading; from pathlib import Path\n"
        "from desktop_aml.environments.service import BuilderService\n"
        "from desktop_aml.domain.environments import EnvironmentKind\n"
        "steps = []\n"
        "built = BuilderService(Path(sys.argv[1])).make_ready(EnvironmentKind.PIP, sys.argv[2],\n"
        "    report=lambda step: steps.append(step.stage), cancel=threading.Event(), log_path=Path(sys.argv[3]))\n"
        "print(built.key, 'Ready' in steps)\n"
    )
    words = [sys.executable, "-c", code, str(bench.builds), TEXT]
    root = Path(__file__).parents[2]
    running = [
        subprocess.Popen([*words, str(bench.root / f"{number}.log")], stdout=subprocess.PIPE, text=True, cwd=root)
        for number in range(2)
    ]
    said = [process.communicate(timeout=DEADLINE_S)[0].split() for process in running]
    assert said[0][0] == said[1][0]
    assert sorted(built for _, built in said) == ["False", "True"]


@pytest.mark.parametrize("moment", range(8))
def test_a_build_cancelled_at_any_step_leaves_nothing_but_its_log(bench: Bench, moment: int):
    cancel = threading.Event()
    steps: list[BuildProgress] = []

    def report(step: BuildProgress) -> None:
        steps.append(step)
        if len(steps) > moment:
            cancel.set()

    with pytest.raises(BuildCanceled):
        bench.make(report=report, cancel=cancel)
    assert bench.leftovers() == []
    assert processes_with(str(bench.root)) == []
    assert bench.log.exists()
    assert run_in(bench.make(), "import app; print(app.VERSION)") == "1.0"


def test_cancel_ends_the_build_of_a_source_distribution_and_its_children(bench: Bench):
    backend = (
        "import subprocess, sys, time\n"
        "def hang(*a, **k):\n"
        "    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)', MARK])\n"
        "    open(MARK, 'w').close()\n"
        "    time.sleep(600)\n"
        "build_wheel = build_sdist = prepare_metadata_for_build_wheel = hang\n"
    )
    mark = bench.root / "hanging"
    bench.index.add_source("slow", "1.0", f"MARK = {str(mark)!r}\n{backend}")
    cancel = threading.Event()
    errors: list[DesktopAMLError] = []

    def build() -> None:
        try:
            bench.make("slow\n", cancel=cancel)
        except DesktopAMLError as error:
            errors.append(error)

    thread = threading.Thread(target=build)
    thread.start()
    wait_until(mark.exists, "the backend to run")
    cancel.set()
    thread.join(DEADLINE_S)
    assert [type(error) for error in errors] == [BuildCanceled]
    wait_until(lambda: processes_with(str(bench.root)) == [], "the children to end")
    assert bench.leftovers() == []


def test_an_unknown_package_is_named_with_its_line(bench: Bench):
    with pytest.raises(PreparationError) as raised:
        bench.make("lib\n\nappp\n")
    assert raised.value.message.startswith("Line 3:")
    assert "appp" in raised.value.message
    assert bench.leftovers() == []


def test_an_unknown_version_is_named_with_its_line_and_the_resolvers_reason(bench: Bench):
    with pytest.raises(PreparationError) as raised:
        bench.make("dependencies:\n  - lib\n  - app=9.9\n", kind=EnvironmentKind.CONDA)
    assert raised.value.message.startswith("Line 3:")
    assert "app==9.9" in raised.value.message


def test_a_conflict_keeps_the_resolvers_reason(bench: Bench):
    with pytest.raises(PreparationError) as raised:
        bench.make("lib<1\napp\n")
    assert "depends on lib>=1" in raised.value.message or "lib<1" in raised.value.message


def test_a_failing_source_build_says_so(bench: Bench):
    bench.index.add_source("broken", "1.0", "def build_wheel(*a, **k): raise SystemExit('no compiler')\n")
    with pytest.raises(PreparationError) as raised:
        bench.make("lib\nbroken\n")
    assert raised.value.message.startswith("Line 2:")
    assert "could not be built" in raised.value.message
    assert "no compiler" in raised.value.details
    assert bench.leftovers() == []


def test_a_hash_that_no_file_has_is_refused(bench: Bench):
    with pytest.raises(PreparationError) as raised:
        bench.make(f"lib==1.0 --hash=sha256:{'0' * 64}\n")
    assert "Line 1" in raised.value.message
    assert "hash" in raised.value.message


def test_a_file_that_was_changed_after_the_lock_is_refused(bench: Bench):
    first = bench.make()
    (bench.builds / first.key / "ready.json").unlink()
    bench.index.add_wheel("lib", "2.0", ("app",))
    for path in sorted((bench.root / "cache").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    with pytest.raises(PreparationError) as raised:
        bench.make()
    assert "hash" in raised.value.message.lower()
    assert bench.leftovers() == []


@pytest.mark.timing
def test_without_network_an_uncached_environment_says_so_at_once(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    started = time.monotonic()
    with pytest.raises(PreparationError) as raised:
        bench.make()
    assert "could not be reached" in raised.value.message
    assert time.monotonic() - started < 10
    assert bench.leftovers() == []


def test_a_folder_that_cannot_be_written_is_named(bench: Bench):
    shutil.rmtree(bench.builds)
    bench.builds.write_text("not a folder")
    with pytest.raises(PreparationError) as raised:
        bench.make()
    assert str(bench.builds) in raised.value.message


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_is_named_and_leaves_no_half_build(bench: Bench):
    bench.index.add_wheel("large", "1.0", data=b"x" * 4_000_000)
    shutil.rmtree(bench.builds)
    bench.builds.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(bench.builds)], check=True)
    try:
        with pytest.raises(NoRoomForEnvironment) as raised:
            bench.make("large\n")
        assert "disk is full" in raised.value.message
        assert bench.leftovers() == []
    finally:
        subprocess.run(["umount", "-l", str(bench.builds)], check=True)


def test_a_build_waits_for_the_installer_of_a_killed_builder(bench: Bench):
    """The lock is inherited: two installers never write one folder."""
    held = bench.builds / "x.building"
    code = (
        "import os, subprocess, sys, threading; from pathlib import Path\n"
        "from desktop_aml.environments.toolchain.files import exclusive\n"
        "with exclusive(Path(sys.argv[1]), threading.Event(), lambda: None) as descriptor:\n"
        "    child = subprocess.Popen(['sleep', '600'], pass_fds=(descriptor,), stdout=subprocess.DEVNULL)\n"
        "    print(child.pid, flush=True); os.kill(os.getpid(), 9)\n"
    )
    words = [sys.executable, "-c", code, str(held)]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    installer = psutil.Process(int(done.stdout))
    cancel = threading.Event()
    waited: list[bool] = []

    def tell() -> None:
        waited.append(True)
        installer.kill()

    with exclusive(held, cancel, tell):
        assert waited == [True]
    assert not held.exists()


def test_bytecode_is_compiled_once_the_environment_is_usable(bench: Bench):
    built = bench.make()
    folder = bench.builds / built.key
    wait_until(lambda: bool(list(folder.glob("venv/lib/*/site-packages/__pycache__/app.*.pyc"))), "bytecode")
    wait_until(lambda: processes_with(f"compileall -q {folder}") == [], "the compiler to end")


def test_the_marker_is_written_last(bench: Bench, monkeypatch: pytest.MonkeyPatch):
    seen: list[bool] = []
    original = build_folder.write_whole

    def watched(path: Path, text: str) -> None:
        assert json.loads(text)["distributions"] == ["app-1.0.dist-info", "lib-2.0.dist-info"]
        seen.append(path.exists())
        original(path, text)

    monkeypatch.setattr(build_folder, "write_whole", watched)
    bench.make()
    assert seen == [False]


def test_only_the_hashes_that_the_user_gave_are_locked(bench: Bench):
    given = bench.make().lock.packages[1].hashes[0]
    bench.index.add_source("lib", "2.0", "")
    built = bench.make(f"app\nlib==2.0 --hash={given}\n")
    assert [package.hashes for package in built.lock.packages if package.name == "lib"] == [(given,)]
    assert f"--hash={given}" in built.lock.text
    assert run_in(built, "import lib; print(lib.VERSION)") == "2.0"


def test_the_note_of_a_stand_in_is_kept_with_the_lock_and_exact_refuses(bench: Bench):
    text = "dependencies:\n  - python=3.11.999\n  - app=1.0\n"
    built = bench.make(text, kind=EnvironmentKind.CONDA)
    assert any("python=3.11.999" in note and "same minor version" in note for note in built.lock.notes)
    bench.service.policy = PythonPinPolicy.EXACT
    with pytest.raises(MissingOnComputer, match=r"exactly “python=3\.11\.999” \(line 2\)"):
        bench.make(text, kind=EnvironmentKind.CONDA)
