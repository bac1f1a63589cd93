"""The contract of every executor: what the engine may rely on without asking which one it holds."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from desktop_aml.domain.errors import PreparationError
from desktop_aml.executors.base import Executor
from tests.contracts.places import OVER_SSH, PLACES, LocalPlace, begin, carry_out, finish

WAITS = "import time\nopen('ready', 'w').close()\nwhile True: time.sleep(60)\n"
IGNORES_TERM = (
    "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
)

ESCAPES = {
    "child": "subprocess.Popen(SLEEP)",
    "own session": "subprocess.Popen(SLEEP, start_new_session=True)",
    "own session and empty environment": "subprocess.Popen(SLEEP, start_new_session=True, env={})",
    "own process group": "subprocess.Popen(SLEEP, preexec_fn=os.setpgrp)",
    "double fork": "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        os.execvp('sleep', SLEEP)\n"
    "    os._exit(0)",
    "nohup": "subprocess.Popen(['nohup', *SLEEP], start_new_session=True, stderr=subprocess.DEVNULL)",
    "stopped": "os.kill(subprocess.Popen(SLEEP, start_new_session=True).pid, signal.SIGSTOP)",
    "deaf": "subprocess.Popen([sys.executable, '-c', DEAF], start_new_session=True)",
}
FAMILY = (
    "import os, signal, subprocess, sys, time\nSLEEP = ['sleep', '300']\nDEAF = " + repr(IGNORES_TERM + WAITS) + "\n"
)


OTHER_WAYS = {"docker over tcp", OVER_SSH}


@pytest.fixture(params=sorted(PLACES))
def place(request: pytest.FixtureRequest, tmp_path: Path, marked_processes: object) -> Iterator[LocalPlace]:
    fixtures = {
        "cluster": "cluster_home",
        "docker": "docker_host",
        "docker over tcp": "tcp_host",
        OVER_SSH: "ssh_host",
    }
    if request.param in fixtures:
        request.getfixturevalue(fixtures[request.param])
    made = PLACES[request.param](tmp_path)
    yield made
    made.close()


def variants(name: str, values: Sequence[object]) -> pytest.MarkDecorator:
    """Give a test each value in each place; where only the way to Docker's engine is another, the last."""
    pairs = [(place, one) for place in sorted(PLACES) for one in (values[-1:] if place in OTHER_WAYS else values)]
    return pytest.mark.parametrize(("place", name), pairs, indirect=["place"])


@pytest.fixture
def executor(place: LocalPlace) -> Executor:
    return place.executor()


# How a script ends


@variants("code", [0, 1, 3, 255])
def test_an_exit_code_is_reported_as_it_was(place: LocalPlace, executor: Executor, code: int) -> None:
    outcome = carry_out(executor, place.job(f"import os; os._exit({code})"))
    assert (outcome.reason, outcome.exit_code, outcome.signal) == ("exit", code, None)
    assert outcome.succeeded() is (code == 0)
    assert outcome.started_at is not None
    assert outcome.ended_at is not None
    assert outcome.started_at <= outcome.ended_at


@variants("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT, signal.SIGTERM])
def test_a_signal_from_elsewhere_is_named(place: LocalPlace, executor: Executor, number: signal.Signals) -> None:
    outcome = carry_out(executor, place.job(f"import os; os.kill(os.getpid(), {int(number)})"))
    assert (outcome.reason, outcome.exit_code, outcome.signal) == ("signal", None, number)
    assert number.name in outcome.message


def test_an_uncaught_error_leaves_its_traceback_in_the_log(place: LocalPlace, executor: Executor) -> None:
    job = place.job("print('before')\nraise ValueError('too small')\n")
    outcome = carry_out(executor, job)
    assert (outcome.reason, outcome.exit_code) == ("exit", 1)
    assert place.log(job).startswith("before\n")
    assert place.log(job).endswith("ValueError: too small\n")


def test_the_time_limit_ends_the_script(place: LocalPlace, executor: Executor) -> None:
    job = place.job(IGNORES_TERM + WAITS, timeout_s=0.5)
    outcome = carry_out(executor, job)
    assert outcome.reason == "timeout"
    assert "0.5 s" in outcome.message
    assert place.alive(job) == []


# What reaches the script


def test_arguments_and_variables_arrive_unchanged(place: LocalPlace, executor: Executor) -> None:
    arguments = ("--name", "a b", "", "'\"$HOME`", "é😀", "line\nbreak", "--", "*")
    job = place.job(
        "import json, os, sys\nprint(json.dumps([sys.argv[1:], os.environ['WORDS'], os.getcwd()]))\n",
        arguments=arguments,
        env_vars={"WORDS": "π = 3\n😀", "LC_ALL": "C", "PATH": "/usr/bin:/bin"},
    )
    assert carry_out(executor, job).succeeded()
    heard = json.loads(place.log(job))
    assert heard == [list(arguments), "π = 3\n😀", str(place.snapshot(job))]


def test_a_script_in_a_folder_with_odd_names_runs(place: LocalPlace, executor: Executor) -> None:
    job = place.job("print(__file__)", script="-tête 😀 .py")
    assert carry_out(executor, job).succeeded()


def test_output_of_the_whole_family_is_in_one_log(place: LocalPlace, executor: Executor) -> None:
    job = place.job("import os, subprocess\nprint('parent', flush=True)\nsubprocess.check_call(['echo', 'child'])\n")
    assert carry_out(executor, job).succeeded()
    assert place.log(job).split() == ["parent", "child"]


# Start


def test_the_handle_is_known_before_the_start_and_finds_the_work_after_a_restart(place: LocalPlace) -> None:
    job = place.job(WAITS)
    handle = begin(place, place.executor(), job)
    later = place.executor()
    assert later.poll(handle) is None
    assert later.has_begun(handle)
    later.stop(handle)
    assert finish(later, handle).reason == "canceled"


def test_a_second_start_never_runs_the_script_twice(place: LocalPlace) -> None:
    job = place.job("open('runs', 'a').write('x')\n")
    executors = [place.executor() for _ in range(4)]
    for executor in executors:
        executor.start(job)
        executor.start(job)
    handle = executors[0].handle_for(job)
    for executor in executors:
        assert finish(executor, handle).succeeded()
    place.executor().start(job)
    assert (place.snapshot(job) / "runs").read_text() == "x"


def test_work_that_nobody_took_up_is_given_up_for_good(place: LocalPlace, executor: Executor) -> None:
    job = place.job("open('ran', 'w')")
    handle = executor.handle_for(job)
    (Path(job.run_directory) / "attempts" / "1").mkdir(parents=True)
    assert not executor.has_begun(handle)
    outcome = finish(executor, handle)
    assert outcome.was_lost()
    executor.start(job)
    assert finish(executor, handle).was_lost()
    assert not (place.snapshot(job) / "ran").exists()
    assert not executor.has_begun(handle)


def test_a_missing_script_is_named(place: LocalPlace, executor: Executor) -> None:
    job = place.job("", script="missing.py")
    with pytest.raises(PreparationError, match=r"missing\.py"):
        executor.prepare(job, lambda _: None)
    outcome = carry_out(executor, job)
    assert outcome.reason == "not_started"
    assert "missing.py" in outcome.message


def test_an_interpreter_that_is_missing_is_named(place: LocalPlace, executor: Executor, tmp_path: Path) -> None:
    outcome = carry_out(executor, place.job("pass", python=str(tmp_path / "python")))
    assert outcome.reason == "not_started"
    assert str(tmp_path / "python") in outcome.message


# Stop


def test_a_polite_stop_lets_the_script_finish_its_work(place: LocalPlace, executor: Executor) -> None:
    job = place.job(
        "import signal, sys\n"
        "def save(*_):\n    open('saved', 'w').close()\n    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, save)\n" + WAITS,
        grace_s=30.0,
    )
    handle = begin(place, executor, job)
    executor.stop(handle)
    outcome = finish(executor, handle)
    assert outcome.reason == "canceled"
    assert (place.snapshot(job) / "saved").exists()


def test_a_script_that_ignores_a_polite_stop_is_ended_after_the_grace_period(
    place: LocalPlace, executor: Executor
) -> None:
    job = place.job(IGNORES_TERM + WAITS)
    handle = begin(place, executor, job)
    executor.stop(handle)
    outcome = finish(executor, handle)
    assert (outcome.reason, outcome.signal) == ("canceled", signal.SIGKILL)
    assert place.alive(job) == []


def test_force_does_not_wait_for_the_grace_period(place: LocalPlace, executor: Executor) -> None:
    job = place.job(IGNORES_TERM + WAITS, grace_s=3600.0)
    handle = begin(place, executor, job)
    executor.stop(handle)
    assert executor.poll(handle) is None
    executor.stop(handle, force=True)
    executor.stop(handle, force=True)
    assert finish(executor, handle).reason == "canceled"


def test_stopped_processes_are_woken_so_that_they_can_finish_their_work(place: LocalPlace, executor: Executor) -> None:
    saves = (
        "import os, signal, subprocess, sys\n"
        "def save(*_):\n    open('saved-by-' + name, 'w').close()\n    os._exit(0)\n"
        "signal.signal(signal.SIGTERM, save)\n"
    )
    child = saves + "name = 'child'\nopen('child', 'w').close()\nos.kill(os.getpid(), signal.SIGSTOP)\n" + WAITS
    job = place.job(
        saves + f"name = 'script'\nsubprocess.Popen([sys.executable, '-c', {child!r}], start_new_session=True)\n"
        "while not os.path.exists('child'): pass\n" + WAITS,
        grace_s=30.0,
    )
    handle = begin(place, executor, job)
    place.signal_script(job, signal.SIGSTOP)
    executor.stop(handle)
    outcome = finish(executor, handle)
    assert (outcome.reason, outcome.exit_code) == ("canceled", 0)
    assert sorted(path.name for path in place.snapshot(job).glob("saved-by-*")) == ["saved-by-child", "saved-by-script"]


def test_a_stop_before_the_start_keeps_the_script_from_running(place: LocalPlace, executor: Executor) -> None:
    job = place.job("open('ran', 'w')")
    handle = executor.handle_for(job)
    executor.stop(handle)
    executor.start(job)
    assert finish(executor, handle).reason == "canceled"
    assert not (place.snapshot(job) / "ran").exists()


def test_a_stop_right_after_the_start_always_ends_in_one_way(place: LocalPlace, executor: Executor) -> None:
    for _ in range(5):
        job = place.job(WAITS)
        handle = executor.handle_for(job)
        executor.start(job)
        executor.stop(handle)
        assert finish(executor, handle).reason == "canceled"
        assert place.alive(job) == []


def test_a_stop_after_the_end_changes_nothing(place: LocalPlace, executor: Executor) -> None:
    job = place.job("pass")
    carry_out(executor, job)
    handle = executor.handle_for(job)
    executor.stop(handle)
    executor.stop(handle, force=True)
    assert finish(executor, handle).succeeded()


# Nothing is left behind


@variants("escape", sorted(ESCAPES))
def test_a_stop_ends_the_whole_tree(place: LocalPlace, executor: Executor, escape: str) -> None:
    job = place.job(FAMILY + ESCAPES[escape] + "\n" + WAITS)
    handle = begin(place, executor, job)
    executor.stop(handle)
    assert finish(executor, handle).reason == "canceled"
    assert place.alive(job) == []


@variants("escape", ["own session and empty environment", "double fork", "stopped"])
def test_what_outlives_the_script_is_ended(place: LocalPlace, executor: Executor, escape: str) -> None:
    job = place.job(FAMILY + ESCAPES[escape] + "\n")
    assert carry_out(executor, job).succeeded()
    assert place.alive(job) == []


def test_helpers_that_end_by_themselves_are_given_the_time(place: LocalPlace, executor: Executor) -> None:
    job = place.job("import subprocess\nsubprocess.Popen(['sh', '-c', 'sleep 0.2; touch done'])\n")
    assert carry_out(executor, job).succeeded()
    assert (place.snapshot(job) / "done").exists()


@pytest.mark.kill
def test_a_killed_script_is_reported_as_killed(place: LocalPlace, executor: Executor) -> None:
    job = place.job(FAMILY + ESCAPES["own session"] + "\n" + WAITS)
    handle = begin(place, executor, job)
    place.signal_script(job, signal.SIGKILL)
    outcome = finish(executor, handle)
    assert (outcome.reason, outcome.signal) == ("signal", signal.SIGKILL)
    assert place.alive(job) == []


@pytest.mark.kill
@variants("escape", ["child", "own session", "double fork", "deaf"])
def test_a_killed_supervisor_takes_everything_with_it(place: LocalPlace, executor: Executor, escape: str) -> None:
    job = place.job(FAMILY + ESCAPES[escape] + "\n" + WAITS)
    handle = begin(place, executor, job)
    place.kill_supervisor(job)
    outcome = finish(executor, handle)
    assert outcome.was_lost()
    assert outcome.started_at is not None
    assert place.alive(job) == []
    assert finish(place.executor(), handle).was_lost()


# Release


@variants("replaced", ["attempts", "attempts/1"])
def test_a_link_in_the_place_of_the_attempts_folder_is_not_followed(
    place: LocalPlace, executor: Executor, tmp_path: Path, replaced: str
) -> None:
    strangers = {"1/job.json": "{}", "1/exit.json": "mine", "1/a.tmp": "mine", "job.json": "{}", "b.lock": "mine"}
    elsewhere = tmp_path / "elsewhere"
    for name, text in strangers.items():
        (elsewhere / name).parent.mkdir(parents=True, exist_ok=True)
        (elsewhere / name).write_text(text)
    script = (
        "import os, sys\nplace, elsewhere = sys.argv[1:]\nos.rename('../' + place, '../was')\n"
        "os.symlink(elsewhere, '../' + place)\nsys.exit(3)\n"
    )
    job = place.job(script, arguments=(replaced, str(elsewhere)))
    assert carry_out(executor, job).exit_code == 3
    handle = executor.handle_for(job)
    executor.stop(handle, force=True)
    executor.release(handle)
    found = {str(path.relative_to(elsewhere)): path.read_text() for path in elsewhere.rglob("*") if path.is_file()}
    assert found == strangers


def test_release_may_be_repeated_and_keeps_the_end(place: LocalPlace, executor: Executor) -> None:
    job = place.job("raise SystemExit(3)", env_vars={"TOKEN": "a-secret-of-the-run"})
    carry_out(executor, job)
    handle = executor.handle_for(job)
    executor.release(handle)
    executor.release(handle)
    assert finish(executor, handle).exit_code == 3
    kept = [path for path in Path(job.run_directory).rglob("*") if path.is_file()]
    assert not [path for path in kept if b"a-secret-of-the-run" in path.read_bytes()]
