"""What runs may use, when the queue begins them, and what becomes of those that are tried again."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.organising.needs import CPUS, MEMORY, RETRIED, RETRIES, Needs
from desktop_aml.domain.runs import RunDetail, RunState
from desktop_aml.executors.local_process import LAUNCHER
from desktop_aml.run_folder.properties import LIMITS
from desktop_aml.system.hardware import capacity
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until


@pytest.fixture(autouse=True)
def nobody_goes_on(workspace: Workspace) -> None:
    """Let no other engine take over what waits here when a test ends."""
    workspace.leave_work()


@pytest.fixture
def run(workspace: Workspace, write_script: Callable[..., Path]) -> Callable[..., RunDetail]:
    """Run a script under limits to its end."""

    def done(script: str, needs: Needs, **options: object) -> RunDetail:
        run_id = workspace.runs.submit(write_script(script), properties=needs.as_properties(), **options)  # type: ignore[arg-type]
        return workspace.runs.wait(run_id)

    return done


def log_of(workspace: Workspace, run: RunDetail) -> str:
    return workspace.runs.files.read_log(run.summary.id).data.decode()


def test_a_run_has_the_cores_that_it_may_use_and_no_more(
    workspace: Workspace, run: Callable[..., RunDetail], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS")  # a submitter's own number stays
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")
    script = f"import os\nprint(len(os.sched_getaffinity(0)), *map(os.environ.get, {names}))\n"
    done = run(script, Needs(cpus=0.5), env_vars={"MKL_NUM_THREADS": "7"})
    assert log_of(workspace, done) == "1 1 7\n"
    assert "by affinity" in done.properties[LIMITS]


def test_a_process_gets_no_more_memory_than_its_run_may_have(
    workspace: Workspace, run: Callable[..., RunDetail]
) -> None:
    done = run("held = bytearray(300 << 20)\n", Needs(memory_bytes=200_000_000))
    assert done.summary.state is RunState.FAILED
    assert "MemoryError" in done.summary.error
    assert "RLIMIT_DATA" in done.properties[LIMITS]


def test_processes_that_have_too_much_together_are_stopped(run: Callable[..., RunDetail]) -> None:
    family = "import os, time\nfor _ in range(3): os.fork()\nheld = bytearray(b'x') * (40 << 20)\ntime.sleep(60)\n"
    done = run(family, Needs(memory_bytes=150_000_000))
    assert (done.summary.state, done.outcome and done.outcome.reason) == (RunState.FAILED, "memory")
    assert done.summary.error == "The run used more than the 150 MB of memory that it may, and was stopped."


def test_what_processes_share_counts_once(run: Callable[..., RunDetail]) -> None:
    family = "import os, time\nheld = bytearray(b'x') * (80 << 20)\nfor _ in range(2): os.fork()\ntime.sleep(1)\n"
    assert run(family, Needs(memory_bytes=200_000_000)).summary.state is RunState.COMPLETED


def test_the_queue_begins_only_what_fits(workspace: Workspace, write_script: Callable[..., Path]) -> None:
    workspace._client.set_run_limit(4)
    script = write_script("import time\nwhile True: time.sleep(60)\n")
    whole = Needs(cpus=capacity.cores()).as_properties()
    first, second = (workspace.runs.submit(script, properties=whole) for _ in range(2))
    third = workspace.runs.submit(script)
    wait_until(lambda: workspace.runs.state(first) is RunState.RUNNING, "the first")
    reasons = [workspace.runs.queue.reason(workspace.runs.get(one)) for one in (second, third)]
    assert reasons[0].startswith(f"It may use {capacity.cores()} core")
    assert reasons[1] == "Other runs stand before it."
    workspace.runs.cancel(first)
    wait_until(lambda: workspace.runs.state(third) is RunState.RUNNING, "those that waited")
    for run_id in (second, third):
        workspace.runs.cancel(run_id)
    for run_id in (first, second, third):
        assert workspace.runs.wait(run_id).summary.state is RunState.CANCELED


UNUSABLE = (
    ({CPUS: "100000"}, "cores"),
    ({CPUS: "0"}, "cores"),
    ({CPUS: "nan"}, "cores"),
    ({CPUS: "4000"}, "this computer has"),
    ({MEMORY: "1000"}, "limit of memory"),
    ({MEMORY: "900000000000000"}, "this computer has"),
    ({RETRIES: "-1"}, "tried again"),
    ({RETRIES: "1.5"}, "tried again"),
)


def test_what_no_run_can_have_is_refused(workspace: Workspace, write_script: Callable[..., Path]) -> None:
    script = write_script("pass\n")
    for properties, words in UNUSABLE:
        with pytest.raises(InvalidInput, match=words):
            workspace.runs.submit(script, properties=properties)
    assert workspace.runs.list() == ()


_TWICE = """
import os, signal
from azureml.core import Run
run = Run.get_context()
print("secret", os.environ["MY_PASSWORD"])
for step in range(3):
    run.log("loss", step)
if not os.path.exists("outputs/half"):
    open("outputs/half", "w").write("done by the first")
    run.log("only the first", 1)
    run.flush()
    {end}
run.log("second", 1)
"""


@pytest.mark.parametrize(
    ("end", "needs"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", Needs(retries=1)),
        ("os.kill(os.getppid(), signal.SIGKILL)\n    signal.pause()", Needs(retries=2)),
        ("raise SystemExit(3)", Needs(retries=1, retry_failures=True)),
    ],
    ids=["killed", "lost", "failed"],
)
def test_a_run_is_tried_again_and_nothing_counts_twice(
    workspace: Workspace, run: Callable[..., RunDetail], end: str, needs: Needs
) -> None:
    done = run(_TWICE.format(end=end), needs, env_vars={"MY_PASSWORD": "hush-hush-1"})
    assert (done.summary.state, done.summary.attempt) == (RunState.COMPLETED, 2)
    metrics = workspace.runs.metrics(done.summary.id)
    assert {curve.name: len(curve.points) for curve in metrics.curves} == {"loss": 3, "second": 1}
    assert done.properties[RETRIED] == "1"
    note = next(one.note for one in done.history if one.note)
    assert note.startswith("Attempt 1 did not end well: ")
    assert note.endswith(f"It is tried again (1 of {needs.retries}).")
    log = "\n" + log_of(workspace, done)
    assert log.count("\nsecret hush-hush-1\n") == 2
    assert note in log
    folder = Path(done.run_directory)
    assert list((folder / "attempts/1/journal").iterdir())
    assert not (folder / "secrets.json").exists()
    assert "outputs/half" in [file.path for file in workspace.runs.files.list(done.summary.id)]


@pytest.mark.parametrize(
    ("script", "needs"),
    [
        ("raise SystemExit(3)\n", Needs(retries=3)),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", Needs()),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", Needs(retries=1)),
    ],
    ids=["failed by itself", "none wanted", "none left"],
)
def test_a_run_that_is_not_to_be_tried_again_fails(run: Callable[..., RunDetail], script: str, needs: Needs) -> None:
    done = run(script, needs)
    assert done.summary.state is RunState.FAILED
    assert done.summary.attempt == (2 if needs == Needs(retries=1) else 1)


def test_a_run_that_is_canceled_is_not_tried_again(workspace: Workspace, write_script: Callable[..., Path]) -> None:
    script = write_script("import time\nprint('here', flush=True)\ntime.sleep(60)\n")
    wanted = Needs(retries=5, retry_failures=True).as_properties()
    run_id = workspace.runs.submit(script, properties=wanted)
    wait_until(lambda: workspace.runs.files.read_log(run_id).data, "the script")
    workspace.runs.cancel(run_id)
    done = workspace.runs.wait(run_id)
    assert (done.summary.state, done.summary.attempt) == (RunState.CANCELED, 1)
    again = workspace.runs.rerun(run_id)
    assert Needs.of(workspace.runs.get(again).properties).retries == 5
    workspace.runs.cancel(again)
    workspace.runs.wait(again)


def test_cores_are_shared_out_among_limited_runs() -> None:
    shares = (
        "import sys; sys.path.append(sys.argv[1]); from limits import Limits\n"
        "held = [Limits(1, None) for _ in range(3)]; print([one.cores for one in held])\n"
        "Limits._hold = lambda self, core: False; print(len(Limits(1, None).cores))"
    )
    words = [sys.executable, "-c", shares, str(LAUNCHER.parent)]
    found = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    cores = [core for share in ast.literal_eval(found[0]) for core in share]
    # Three of one core each have different ones, as far as there are any; where all are taken, they share.
    if len(os.sched_getaffinity(0)) > 1:
        assert len(set(cores)) >= min(2, len(os.sched_getaffinity(0)))
        assert found[1] == "1"
