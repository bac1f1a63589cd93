"""The way of a run: a real engine ticked by hand, real scripts, real processes."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.events import MetricsLogged, PreparationProgressed, RunMoved, RunUpdated
from desktop_aml.domain.requests import (
    CancelRun,
    DeleteRun,
    Done,
    Refusal,
    RegisterEnvironment,
    SubmitRun,
    UpdateRun,
)
from desktop_aml.domain.runs import MAX_ATTEMPTS, RunDetail, RunOutcome, RunState
from desktop_aml.engine.runs.preparing import RunPreparing
from desktop_aml.record import manifests
from desktop_aml.run_folder import script_variables, snapshot
from desktop_aml.store import metrics, runs
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from tests.conftest import DrivenEngine, wait_until, words_of
from tests.fakes import OwnPython

Write = Callable[..., Path]
S = RunState


def submit(driven: DrivenEngine, script: Path, run_id: str = "exp_1_a", **options: object) -> str:
    folder = driven.folder.run(run_id)
    snapshot.take(script.parent, folder, driven.folder.blobs)
    wanted = {"environment": "this-python", "experiment": "exp", **options}
    request = SubmitRun(run_id=run_id, script=script.name, **wanted)
    manifests.write_request(driven.folder, request)
    assert driven.ask(request) == Done(name=run_id)
    return run_id


def detail(driven: DrivenEngine, run_id: str) -> RunDetail:
    with Database(driven.folder.database, read_only=True) as db:
        return runs.get(db, run_id)


def states(driven: DrivenEngine, run_id: str) -> list[RunState]:
    return [change.state for change in detail(driven, run_id).history]


def test_a_script_runs_through_every_state_and_keeps_what_it_wrote(driven: DrivenEngine, write_script: Write) -> None:
    script = write_script("import os\nopen('outputs/a.txt', 'w').write('x' * 5)\nprint('hello')\n")
    run_id = submit(driven, script)
    assert driven.until_over(run_id) is S.COMPLETED
    assert states(driven, run_id) == [S.QUEUED, S.PREPARING, S.RUNNING, S.FINALIZING, S.COMPLETED]
    with Database(driven.folder.database, read_only=True) as db:
        kept = {artifact.path: artifact for artifact in runs.artifacts(db, run_id)}
    assert sorted(kept) == [
        "azureml-logs/60_control_log.txt",
        "azureml-logs/70_driver_log.txt",
        "azureml-logs/process_info.json",
        "azureml-logs/process_status.json",
        "outputs/a.txt",
        "user_logs/std_log.txt",
    ]
    assert (kept["outputs/a.txt"].size_bytes, kept["user_logs/std_log.txt"].size_bytes) == (5, 6)
    assert kept["azureml-logs/70_driver_log.txt"].sha256 == kept["user_logs/std_log.txt"].sha256


def test_events_follow_the_moves_in_order(driven: DrivenEngine, write_script: Write) -> None:
    run_id = submit(driven, write_script("pass"))
    driven.until_over(run_id)
    moves = [event for event in driven.events if isinstance(event, RunMoved)]
    assert [move.state for move in moves] == [S.PREPARING, S.RUNNING, S.FINALIZING, S.COMPLETED]
    assert [move.sequence for move in moves] == sorted(move.sequence for move in moves)


def test_a_failing_script_ends_failed_with_its_own_error(driven: DrivenEngine, write_script: Write) -> None:
    run_id = submit(driven, write_script("def f():\n    raise ValueError('no rows left')\nf()\n"))
    assert driven.until_over(run_id) is S.FAILED
    found = detail(driven, run_id)
    assert found.summary.error == "ValueError: no rows left (the script ended with exit code 1)"
    assert "Traceback" in found.error_details
    assert found.outcome is not None
    assert found.outcome.exit_code == 1


def test_a_script_killed_by_a_signal_names_it(driven: DrivenEngine, write_script: Write) -> None:
    run_id = submit(driven, write_script("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"))
    assert driven.until_over(run_id) is S.FAILED
    assert "signal 9 (SIGKILL)" in detail(driven, run_id).summary.error


def test_metrics_are_stored_once_and_told_once(driven: DrivenEngine, write_script: Write) -> None:
    lines = "from azureml.core.run import Run\nrun = Run.get_context()\n"
    run_id = submit(driven, write_script(lines + "for i in range(500): run.log('loss', i / 2)\n"))
    driven.until_over(run_id)
    with Database(driven.folder.database, read_only=True) as db:
        curve = metrics.read(db, run_id).curves[0]
    assert [point.value for point in curve.points] == [i / 2 for i in range(500)]
    told = [p.index for e in driven.events if isinstance(e, MetricsLogged) for _, points in e.curves for p in points]
    assert told == list(range(500))


def test_a_second_engine_takes_over_a_running_script(
    folder: WorkspaceFolder, write_script: Write, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    first = DrivenEngine(folder)
    run_id = submit(
        first, write_script(f"import os, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.01)\n")
    )
    first.until(lambda: first.state(run_id) is S.RUNNING)
    first.close()
    second = DrivenEngine(folder)
    gate.touch()
    assert second.until_over(run_id) is S.COMPLETED
    assert states(second, run_id).count(S.RUNNING) == 1
    second.close()


def preparing_for_ever(folder: WorkspaceFolder, run_id: str = "", script: Path | None = None) -> DrivenEngine:
    driven = DrivenEngine(folder, OwnPython(gate=threading.Event()))
    if script is not None:
        driven.ask(RegisterEnvironment(name="env", kind=EnvironmentKind.PIP, text="numpy"))
        submit(driven, script, run_id, environment="env")
    driven.until(lambda: driven.state(run_id) is S.PREPARING)
    return driven


@pytest.mark.parametrize("deaths", [1, MAX_ATTEMPTS])
def test_an_engine_that_dies_while_preparing_queues_the_run_again_for_a_while(
    folder: WorkspaceFolder, write_script: Write, monkeypatch: pytest.MonkeyPatch, deaths: int
) -> None:
    # What a killed engine does not come to.
    monkeypatch.setattr(RunPreparing, "_put_back", lambda *_: None)
    script: Path | None = write_script("pass")
    for _ in range(deaths):
        preparing_for_ever(folder, "r", script).close()
        script = None
    last = DrivenEngine(folder)
    assert last.until_over("r") is (S.COMPLETED if deaths == 1 else S.FAILED)
    assert detail(last, "r").summary.attempt == min(deaths + 1, MAX_ATTEMPTS)
    last.close()


def test_orderly_ends_of_the_engine_cost_a_run_that_never_began_nothing(
    folder: WorkspaceFolder, write_script: Write
) -> None:
    script: Path | None = write_script("pass")
    for _ in range(MAX_ATTEMPTS + 1):
        preparing_for_ever(folder, "r", script).close()
        script = None
    last = DrivenEngine(folder)
    assert last.state("r") is S.QUEUED
    assert last.until_over("r") is S.COMPLETED
    found = detail(last, "r")
    assert found.summary.attempt == 1
    assert found.history[2].note == "The engine ended; the next one prepares it again."
    last.close()


def test_a_script_finds_its_secrets_and_once_it_has_begun_no_file_holds_them(
    driven: DrivenEngine, write_script: Write, tmp_path: Path
) -> None:
    goes_on = tmp_path / "go"
    script = write_script(
        "import os, time\nassert os.environ['DB_PASSWORD'] == 'hunter' + '2'\n"
        f"while not os.path.exists({str(goes_on)!r}):\n    time.sleep(0.01)\n"
    )
    run = driven.folder.run("exp_1_a")
    run.mkdir(parents=True)
    script_variables.keep(run, {"DB_PASSWORD": "hunter2"}, {})
    run_id = submit(driven, script)
    assert [path.name for path in _holders(run)] == ["secrets.json"]
    driven.until(lambda: driven.state(run_id) is S.RUNNING)
    assert _holders(run) == []
    goes_on.touch()
    assert driven.until_over(run_id) is S.COMPLETED
    assert _holders(run) == []


def _holders(run: Path) -> list[Path]:
    return [path for path in run.rglob("*") if path.is_file() and b"hunter2" in path.read_bytes()]


@pytest.mark.parametrize("moment", [S.QUEUED, S.PREPARING, S.RUNNING])
def test_cancel_ends_a_run_at_every_stage(
    folder: WorkspaceFolder, write_script: Write, moment: RunState, marked_processes: Callable[[], list[psutil.Process]]
) -> None:
    gate = threading.Event() if moment is S.PREPARING else None
    driven = DrivenEngine(folder, OwnPython(gate=gate), limit=0 if moment is S.QUEUED else 1, grace_s=1.0)
    driven.ask(RegisterEnvironment(name="env", kind=EnvironmentKind.PIP, text="numpy"))
    run_id = submit(driven, write_script("import time\ntime.sleep(600)\n"), environment="env")
    driven.until(lambda: driven.state(run_id) is moment)
    assert driven.ask(CancelRun(run_id=run_id)) == Done()
    assert driven.until_over(run_id) is S.CANCELED
    wait_until(lambda: not marked_processes(), "the processes of the run to be gone", 10)
    driven.close()


def test_a_run_that_has_ended_cannot_be_canceled(driven: DrivenEngine, write_script: Write) -> None:
    run_id = submit(driven, write_script("pass"))
    driven.until_over(run_id)
    reply = driven.ask(CancelRun(run_id=run_id))
    assert isinstance(reply, Refusal)
    assert reply.error == "Conflict"


def test_only_as_many_runs_as_allowed_execute_at_once(folder: WorkspaceFolder, write_script: Write) -> None:
    driven = DrivenEngine(folder, limit=1)
    script = write_script("import time\ntime.sleep(0.2)\n")
    ids = [submit(driven, script, f"exp_{number}_a") for number in range(3)]
    most = 0
    while not all(driven.state(run_id).is_terminal() for run_id in ids):
        driven.engine.tick()
        most = max(most, sum(driven.state(run_id).is_active() for run_id in ids))
    assert most == 1
    assert [detail(driven, run_id).summary.number for run_id in ids] == [1, 2, 3]
    driven.close()


def test_the_queue_position_counts_those_ahead(folder: WorkspaceFolder, write_script: Write) -> None:
    driven = DrivenEngine(folder, limit=0)
    script = write_script("pass")
    ids = [submit(driven, script, f"exp_{number}_a") for number in range(3)]
    assert [detail(driven, run_id).queue_position for run_id in ids] == [1, 2, 3]
    driven.close()


def test_a_failed_build_fails_the_run_with_its_reason(folder: WorkspaceFolder, write_script: Write) -> None:
    driven = DrivenEngine(folder, OwnPython(fail_with="There is no package scikit-lern."))
    driven.ask(RegisterEnvironment(name="env", kind=EnvironmentKind.PIP, text="scikit-lern"))
    run_id = submit(driven, write_script("pass"), environment="env")
    assert driven.until_over(run_id) is S.FAILED
    found = detail(driven, run_id)
    assert (found.summary.error, found.hint) == ("There is no package scikit-lern.", "Fix line 3.")
    assert found.summary.started_at is None
    driven.close()


def test_preparation_is_told_while_it_goes_on(driven: DrivenEngine, write_script: Write) -> None:
    driven.ask(RegisterEnvironment(name="env", kind=EnvironmentKind.PIP, text="numpy"))
    driven.until_over(submit(driven, write_script("pass"), environment="env"))
    told = [event for event in driven.events if isinstance(event, PreparationProgressed)]
    assert [event.stage for event in told] == ["Copying the source", "Installing"]


def test_asking_twice_with_one_id_makes_one_run(driven: DrivenEngine, write_script: Write) -> None:
    run_id = submit(driven, write_script("pass"))
    again = SubmitRun(run_id=run_id, experiment="exp", script="train.py", environment="this-python")
    assert driven.ask(again) == Done(name=run_id, changed=False)
    driven.until_over(run_id)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"experiment": "no spaces"}, "cannot be the name of an experiment"),
        ({"run_id": "../escape"}, "cannot be the name of a run"),
        ({"environment": "missing"}, "no environment “missing”"),
        ({"target": "moon"}, "no target “moon”"),
        ({"script": "other.py"}, "not among the files"),
    ],
)
def test_a_wrong_request_is_refused_in_words(
    driven: DrivenEngine, write_script: Write, change: dict[str, str], words: str
) -> None:
    snapshot.take(write_script("pass").parent, driven.folder.run("exp_1_a"), driven.folder.blobs)
    fields = {"run_id": "exp_1_a", "experiment": "exp", "script": "train.py", "environment": "this-python", **change}
    reply = driven.ask(SubmitRun(**fields))
    assert isinstance(reply, Refusal)
    assert words in reply.message


def test_names_and_tags_can_be_changed_and_removed(driven: DrivenEngine, write_script: Write) -> None:
    run_id = submit(driven, write_script("pass"), tags={"a": "1", "b": "2"})
    driven.ask(UpdateRun(run_id=run_id, display_name=" better ", tags={"c": "3"}, remove_tags=("a",)))
    found = detail(driven, run_id)
    assert (found.summary.display_name, found.tags) == ("better", {"b": "2", "c": "3"})
    assert isinstance(driven.ask(UpdateRun(run_id=run_id, display_name=" ")), Refusal)
    driven.until_over(run_id)


def test_a_run_is_deleted_with_its_folder_once_it_has_ended(driven: DrivenEngine, write_script: Write) -> None:
    run_id = submit(driven, write_script("pass"))
    assert isinstance(driven.ask(DeleteRun(run_id=run_id)), Refusal)
    driven.until_over(run_id)
    assert driven.ask(DeleteRun(run_id=run_id)) == Done()
    assert not driven.folder.run(run_id).exists()
    with Database(driven.folder.database, read_only=True) as db:
        assert db.one("SELECT 1 FROM run") is None


def test_a_launcher_that_is_killed_ends_the_run_failed_and_leaves_nothing(
    driven: DrivenEngine, write_script: Write, marked_processes: Callable[[], list[psutil.Process]]
) -> None:
    run_id = submit(driven, write_script("import time\nprint('up', flush=True)\ntime.sleep(600)\n"))
    log = driven.folder.run(run_id) / "logs" / "std_log.txt"
    driven.until(lambda: log.exists() and log.read_text() == "up\n")
    launcher = next(p for p in marked_processes() if any(word.endswith("launcher.py") for word in words_of(p)))
    launcher.send_signal(signal.SIGKILL)
    assert driven.until_over(run_id) is S.FAILED
    assert detail(driven, run_id).summary.error
    wait_until(lambda: not marked_processes(), "the processes of the run to be gone", 10)


def test_a_time_limit_stops_the_script(driven: DrivenEngine, write_script: Write) -> None:
    run_id = submit(driven, write_script("import time\ntime.sleep(600)\n"), timeout_s=0.3)
    assert driven.until_over(run_id) is S.FAILED
    assert "time limit" in detail(driven, run_id).summary.error


def test_a_run_that_is_lost_before_it_begins_is_tried_again_and_then_fails_in_words(
    driven: DrivenEngine, write_script: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = RunOutcome(reason="lost", message="The supervisor was killed.")
    monkeypatch.setattr(driven.executor, "start", lambda job: None)
    monkeypatch.setattr(driven.executor, "has_begun", lambda handle: False)
    monkeypatch.setattr(driven.executor, "poll", lambda handle: lost)
    run_id = submit(driven, write_script("pass"))
    assert driven.until_over(run_id) is S.FAILED
    found = detail(driven, run_id)
    assert found.summary.attempt == MAX_ATTEMPTS
    assert "The supervisor was killed." in found.summary.error
    assert S.RUNNING not in states(driven, run_id)


@pytest.mark.parametrize("put", ["os.mkdir(j)", "os.mkfifo(j)", "os.symlink('/dev/zero', j)", "os.symlink(j, j)"])
@pytest.mark.parametrize("code", [0, 3])
def test_odd_things_in_the_place_of_a_journal_stop_neither_the_run_nor_the_engine(
    driven: DrivenEngine, write_script: Write, put: str, code: int
) -> None:
    lines = ["import os, sys", "j = os.environ['DESKTOP_AML_RUN_DIR'] + '/journal/1-a.jsonl'", put, f"sys.exit({code})"]
    run_id = submit(driven, write_script("\n".join(lines)))
    assert driven.until_over(run_id) is (S.FAILED if code else S.COMPLETED)


def test_damaged_records_are_counted_and_told(driven: DrivenEngine, write_script: Write) -> None:
    script = write_script(
        "import os\nfrom azureml.core import Run\nrun = Run.get_context()\nrun.log('a', 1)\n"
        "open(os.environ['DESKTOP_AML_RUN_DIR'] + '/journal/x.jsonl', 'w').write('no record\\n' * 2)\n"
    )
    run_id = submit(driven, script)
    assert driven.until_over(run_id) is S.COMPLETED
    assert detail(driven, run_id).damaged_records == 2
    assert any(isinstance(event, RunUpdated) and event.run_id == run_id for event in driven.events)
