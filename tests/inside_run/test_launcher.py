"""The launcher on every Python found: what the executor's contract leaves to the files that it writes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import psutil
import pytest

from desktop_aml.inside_run import lean
from tests.conftest import wait_until
from tests.contracts.places import LocalPlace, begin, carry_out, finish
from tests.contracts.test_executor import ESCAPES, FAMILY, WAITS

LAUNCHER = Path(__file__).resolve().parents[2] / "desktop_aml" / "inside_run" / "launcher.py"


@pytest.fixture
def place(tmp_path: Path, marked_processes: object) -> LocalPlace:
    return LocalPlace(tmp_path)


def test_the_claim_is_on_the_disk_before_the_script_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lean", lean)  # as it is called beside the launcher
    spec = spec_from_file_location("attempt_folder", LAUNCHER.with_name("attempt_folder.py"))
    assert spec is not None
    assert spec.loader is not None
    attempt_folder = module_from_spec(spec)
    spec.loader.exec_module(attempt_folder)
    flushed = []
    folder = os.fsencode(tmp_path)

    def flush(_: bytes) -> None:
        flushed.append(sorted(one.name for one in tmp_path.iterdir()))

    monkeypatch.setattr(attempt_folder, "_flush_folder", flush)
    assert attempt_folder.claim(folder, {"pid": 1})
    assert not attempt_folder.claim(folder, {"pid": 2})
    attempt_folder.begun(folder, {"pid": 3})
    # Once for both names: a claim that a power cut takes is of an attempt that ran nothing.
    assert flushed == [["claim.json", "process.json"]]


def read(job: object, name: str) -> dict[str, object]:
    values: dict[str, object] = json.loads((Path(job.run_directory) / "attempts" / "1" / name).read_text())  # type: ignore[attr-defined]
    return values


def launcher_log(job: object) -> str:
    return (Path(job.run_directory) / "logs" / "launcher.log").read_text()  # type: ignore[attr-defined]


def test_an_exit_record_says_how_the_script_ended(place: LocalPlace, python: str) -> None:
    job = place.job("print('é😀'.encode())\nbytearray(50_000_000)\nraise SystemExit(3)", python=python)
    outcome = carry_out(place.executor(), job)
    assert (outcome.reason, outcome.exit_code) == ("exit", 3)
    record = read(job, "exit.json")
    assert 50_000_000 < record["max_rss_bytes"] < 500_000_000  # type: ignore[operator]
    assert 0 < record["cpu_s"] < 30  # type: ignore[operator]
    assert record["ended_at"] >= record["started_at"] > 0  # type: ignore[operator]
    assert launcher_log(job).count("\n") == 1, "one line about the end and no complaint"


def test_it_runs_in_the_interpreter_of_the_run(place: LocalPlace, python: str) -> None:
    job = place.job(WAITS, python=python)
    executor = place.executor()
    handle = begin(place, executor, job)
    claim = read(job, "claim.json")
    assert psutil.Process(claim["pid"]).cmdline()[0] == python
    assert claim["nonce"] == job.nonce
    identity = read(job, "process.json")
    script = psutil.Process(identity["pid"])
    assert script.ppid() == claim["pid"]
    assert os.getsid(script.pid) == script.pid == identity["pgid"] != os.getsid(claim["pid"])
    executor.stop(handle, force=True)
    assert finish(executor, handle).signal == signal.SIGKILL


def test_the_whole_tree_is_ended(place: LocalPlace, python: str) -> None:
    job = place.job(FAMILY + ESCAPES["double fork"] + "\n" + ESCAPES["deaf"] + "\n" + WAITS, python=python)
    executor = place.executor()
    handle = begin(place, executor, job)
    assert len(place.alive(job)) >= 2
    executor.stop(handle)
    assert finish(executor, handle).reason == "canceled"
    assert place.alive(job) == []


def test_the_script_hears_signals_as_from_a_shell_and_owns_no_stray_descriptor(place: LocalPlace, python: str) -> None:
    job = place.job(
        "import os, signal\n"
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
        "assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL\n"
        "assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == set()\n"
        "assert os.read(0, 1) == b''\n"
        "descriptors = [int(name) for name in os.listdir('/proc/self/fd')]\n"
        "assert all(descriptor < 4 for descriptor in descriptors), descriptors\n",
        python=python,
    )
    outcome = carry_out(place.executor(), job)
    assert outcome.succeeded(), place.log(job)


def test_orphans_that_end_are_not_left_as_zombies(place: LocalPlace, edge_python: str) -> None:
    job = place.job(
        "import os\nfor number in range(50):\n    if os.fork() == 0:\n"
        "        os.fork()\n        os._exit(0)\n    os.wait()\n" + WAITS,
        python=edge_python,
    )
    executor = place.executor()
    handle = begin(place, executor, job)
    launcher = psutil.Process(read(job, "claim.json")["pid"])
    wait_until(lambda: len(launcher.children()) == 1, "the orphans to be reaped")
    executor.stop(handle, force=True)
    finish(executor, handle)


def test_a_script_dies_with_its_launcher_even_when_nobody_watches(place: LocalPlace, edge_python: str) -> None:
    job = place.job(WAITS, python=edge_python)
    begin(place, place.executor(), job)
    place.kill_supervisor(job)
    wait_until(lambda: place.alive(job) == [], "the script to die with its launcher")


def test_a_claimed_attempt_is_left_alone(place: LocalPlace, edge_python: str) -> None:
    job = place.job("open('ran', 'a').write('x')", python=edge_python)
    carry_out(place.executor(), job)
    again = subprocess.run([edge_python, "-I", "-S", LAUNCHER, job.run_directory, "1"], capture_output=True)
    assert again.returncode == 3
    assert (place.snapshot(job) / "ran").read_text() == "x"


def test_what_the_launcher_writes_is_private(place: LocalPlace) -> None:
    job = place.job("open('mine', 'w')")
    carry_out(place.executor(), job)
    run_directory = Path(job.run_directory)
    for path in [*(run_directory / "attempts" / "1").iterdir(), *(run_directory / "logs").iterdir()]:
        assert path.stat().st_mode & 0o077 == 0, path


def test_the_script_keeps_the_users_file_mode(place: LocalPlace) -> None:
    job = place.job("open('mine', 'w')")
    before = os.umask(0o022)
    try:
        carry_out(place.executor(), job)
    finally:
        os.umask(before)
    assert (place.snapshot(job) / "mine").stat().st_mode & 0o777 == 0o644


def test_a_flood_of_output_does_not_pass_through_the_launcher(place: LocalPlace) -> None:
    job = place.job("import sys\nline = 'x' * 99 + '\\n'\nfor _ in range(100): sys.stdout.write(line * 5000)\n")
    executor = place.executor()
    assert carry_out(executor, job).succeeded()
    assert (Path(job.run_directory) / "logs" / "std_log.txt").stat().st_size == 50_000_000


def test_too_long_arguments_are_named(place: LocalPlace) -> None:
    outcome = carry_out(place.executor(), place.job("pass", arguments=("x" * 200_000,)))
    assert outcome.reason == "not_started"
    assert "too long" in outcome.message


PUT_THERE = {
    "a FIFO": "os.mkfifo(place)",
    "a folder": "os.mkdir(place)",
    "a link to another file": "os.symlink(os.path.abspath('mine'), place)",
    "a second name of another file": "os.link('mine', place)",
}


@pytest.mark.parametrize("name", ["exit.json.tmp", "exit.json"])
@pytest.mark.parametrize("what", PUT_THERE)
def test_an_end_is_recorded_whatever_the_script_put_in_the_records_place(
    place: LocalPlace, edge_python: str, name: str, what: str
) -> None:
    code = f"""
import os
place = "../attempts/1/{name}"
open("mine", "w").write("x" * 9000)
if os.path.exists(place):
    os.unlink(place)
{PUT_THERE[what]}
raise SystemExit(3)
"""
    job = place.job(code, python=edge_python)
    assert carry_out(place.executor(), job).exit_code == 3
    assert (place.snapshot(job) / "mine").read_text() == "x" * 9000
