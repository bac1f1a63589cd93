"""One run stops nothing for the others: what it leaves may be anything, its steps may fail, the disk may be full."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.errors import NoRoomForEnvironment
from desktop_aml.domain.events import EngineChanged, PreparationProgressed
from desktop_aml.domain.requests import CancelRun, Done, RegisterEnvironment, TakeInRun, UpdateRun
from desktop_aml.domain.runs import LeftOut, RunState
from desktop_aml.engine.runs import faults as run_faults
from desktop_aml.store import blobs as blobs_module
from desktop_aml.store import runs
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from tests.conftest import DrivenEngine
from tests.engine.runs.test_flow import detail, states, submit
from tests.fakes import OwnPython

Write = Callable[..., Path]
S = RunState


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_faults, "_FIRST_PAUSE_S", 0.0001)
    monkeypatch.setattr("desktop_aml.engine.core.context.RETRY_S", 0.05)
    monkeypatch.setattr("desktop_aml.engine.engine.RETRY_S", 0.05)


def paths(driven: DrivenEngine, run_id: str) -> list[str]:
    with Database(driven.folder.database, read_only=True) as db:
        return [artifact.path for artifact in runs.artifacts(db, run_id)]


HOSTILE = {
    "two bad names": "for b in (b'outputs/a\\xff', b'outputs/a\\xfe'): open(b, 'w').close()",
    "a journal of a bad name": "open(R + b'/journal/\\xff.jsonl', 'w').write('x\\n')",
    "a request of a bad name": "open(R + b'/requests/\\xff.json', 'w').write('x')",
    "a log that is a fifo": "os.unlink(R + b'/logs/std_log.txt'); os.mkfifo(R + b'/logs/std_log.txt')",
    "a request that is a fifo": "os.mkfifo(R + b'/requests/a.json')",
    "no folder of requests": "import shutil; shutil.rmtree(R + b'/requests'); os.mkfifo(R + b'/requests')",
    "fifos in the place of records": "A = glob.glob(R + b'/attempts/*')[0]\n"
    "for n in (b'/exit.json', b'/stop', b'/job.json.tmp', b'/exit.json.tmp2', b'/start'):\n"
    "    os.path.exists(A + n) or os.mkfifo(A + n)\n"
    "os.unlink(A + b'/process.json'); os.mkfifo(A + b'/process.json')",
    "fifos in the place of the engine's own notes": "for n in (b'/laid_out.json', b'/snapshot.json', b'/run.json'):\n"
    "    os.path.exists(R + n) and os.unlink(R + n)\n"
    "    os.mkfifo(R + n)",
    "odd folders among the attempts": "os.mkdir(R + b'/attempts/x'); os.mkdir(R + b'/attempts/\\xff')",
    "fifos among the notes": "[os.path.exists(R + b'/logs/' + n) and os.unlink(R + b'/logs/' + n) or os.mkfifo("
    "R + b'/logs/' + n) for n in (b'control_log.txt', b'files_read.jsonl', b'script_end.jsonl')]",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("code", [0, 3])
def test_whatever_a_script_leaves_it_ends_and_others_go_on(
    driven: DrivenEngine, write_script: Write, name: str, code: int
) -> None:
    text = (
        f"import glob, os, sys\nR = os.fsencode(os.environ['DESKTOP_AML_RUN_DIR'])\n{HOSTILE[name]}\nsys.exit({code})\n"
    )
    first = submit(driven, write_script(text))
    other = submit(driven, write_script("open('outputs/b', 'w')\n", folder="other"), "exp_2_b")
    assert driven.until_over(other) is S.COMPLETED
    assert driven.until_over(first) is (S.FAILED if code else S.COMPLETED)
    assert "outputs/b" in paths(driven, other)
    if name == "two bad names":
        assert {"outputs/a\\xff", "outputs/a\\xfe"} <= set(paths(driven, first))


def test_nothing_is_written_where_a_link_leads_that_a_script_put_in_the_place_of_a_folder(
    driven: DrivenEngine, write_script: Write, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "package.json").write_text("{}")
    (elsewhere / "other.jsonl").write_text("x\n")
    script = write_script(
        "import os, shutil, sys, time\nR = os.environ['DESKTOP_AML_RUN_DIR']\n"
        "for name in ('requests', 'uploads', 'journal'):\n"
        "    shutil.rmtree(os.path.join(R, name), ignore_errors=True)\n"
        f"    os.symlink({str(elsewhere)!r}, os.path.join(R, name))\n"
        "open('outputs/ready', 'w').close()\nwhile not os.path.exists(sys.argv[1]): time.sleep(0.01)\n"
    )
    run_id = submit(driven, script, arguments=(str(tmp_path / "gate"),))
    driven.until((driven.folder.run(run_id) / "snapshot/outputs/ready").exists)
    assert driven.ask(UpdateRun(run_id=run_id, tags={"a": "b"})) == Done()
    for _ in range(20):
        driven.engine.tick()
    (tmp_path / "gate").touch()
    assert driven.until_over(run_id) is S.COMPLETED
    assert sorted(path.name for path in elsewhere.iterdir()) == ["other.jsonl", "package.json"]
    assert "outputs/ready" in paths(driven, run_id)
    assert not {"package.json", "other.jsonl"} & {*paths(driven, run_id)}
    assert [one.path for one in detail(driven, run_id).left_out] == ["uploads"]


def broken(*_: object, **__: object) -> object:
    raise RuntimeError("nobody thought of this")


@pytest.mark.parametrize(
    ("place", "state"),
    [
        ("desktop_aml.run_folder.collect.explain", S.FAILED),
        ("desktop_aml.run_folder.collect.collect", S.FAILED),
        ("desktop_aml.store.run_losses.set_left_out", S.FAILED),
        ("desktop_aml.engine.runs.jobs.own_variables", S.FAILED),
        ("desktop_aml.store.runs.set_lock", S.FAILED),
        ("desktop_aml.executors.local_process.LocalProcessExecutor.poll", S.FAILED),
        ("desktop_aml.executors.local_process.LocalProcessExecutor.handle_for", S.FAILED),
        ("desktop_aml.executors.local_process.LocalProcessExecutor.release", S.FAILED),
        ("desktop_aml.run_folder.nested_runs.settle", S.FAILED),
    ],
)
def test_a_run_whose_steps_fail_ends_in_words_and_the_next_one_runs(
    driven: DrivenEngine, write_script: Write, monkeypatch: pytest.MonkeyPatch, place: str, state: RunState
) -> None:
    text = "from azureml.core import Run\nRun.get_context().log('a', 1)\nopen('outputs/b', 'w').close()\n"
    with monkeypatch.context() as patch:
        patch.setattr(place, broken)
        first = submit(driven, write_script(text + "raise ValueError('no')\n"))
        assert driven.until_over(first) is state
    found = detail(driven, first)
    assert "nobody thought of this" in found.summary.error or "ValueError: no" in found.summary.error
    if place.endswith("set_left_out"):
        assert "outputs/b" in paths(driven, first)
    second = submit(driven, write_script(text, folder="other"), "exp_2_b")
    assert driven.until_over(second) is S.COMPLETED
    driven.until(driven.engine.has_nothing_to_do)


def test_a_run_that_cannot_be_taken_up_keeps_no_engine_from_starting(
    folder: WorkspaceFolder, write_script: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    waiting = f"import os, time\nwhile not os.path.exists({str(tmp_path / 'gate')!r}): time.sleep(0.01)\n"
    first = DrivenEngine(folder)
    ids = [submit(first, write_script(waiting), f"exp_{number}_a") for number in (1, 2)]
    first.until(lambda: all(first.state(run_id) is S.RUNNING for run_id in ids))
    first.close()
    real = runs.attempt_of
    monkeypatch.setattr(runs, "attempt_of", lambda db, run_id: broken() if run_id == ids[0] else real(db, run_id))
    second = DrivenEngine(folder)
    (tmp_path / "gate").touch()
    assert second.until_over(ids[1]) is S.COMPLETED
    second.close()


def test_one_unreadable_output_keeps_the_rest_and_is_taken_later(
    driven: DrivenEngine, write_script: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = blobs_module.BlobStore.add

    def add(self: object, source: Path) -> tuple[str, int]:
        if source.name == "locked":
            raise PermissionError(errno.EACCES, "Permission denied", str(source))
        return real(self, source)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(blobs_module.BlobStore, "add", add)
        run_id = submit(driven, write_script("for n in ('model', 'locked'): open('outputs/' + n, 'w').close()\n"))
        assert driven.until_over(run_id) is S.COMPLETED
    found = detail(driven, run_id)
    assert found.left_out == (LeftOut("outputs/locked", "It cannot be read: Permission denied."),)
    assert found.history[-1].note == "1 file could not be kept."
    assert "outputs/model" in paths(driven, run_id)
    assert driven.ask(TakeInRun(run_id=run_id)) == Done()
    assert "outputs/locked" in paths(driven, run_id)
    assert detail(driven, run_id).left_out == ()


def full(*_: object, **__: object) -> object:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def no_room_for_blobs(*_: object) -> object:
    raise blobs_module.disk_full(Path("/a/disk"), OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))


@pytest.mark.parametrize(
    ("place", "waits_in"),
    [
        ("desktop_aml.store.blobs.BlobStore._copy_in", S.FINALIZING),
        ("desktop_aml.run_folder.snapshot.lay_out", S.PREPARING),
        ("desktop_aml.executors.attempt_files.write_whole", S.PREPARING),
        ("desktop_aml.executors.local_process.LocalProcessExecutor.poll", S.PREPARING),
    ],
)
def test_work_that_finds_no_room_waits_and_goes_on(
    driven: DrivenEngine, write_script: Write, monkeypatch: pytest.MonkeyPatch, place: str, waits_in: RunState
) -> None:
    script = write_script("open('outputs/a', 'w').write('x')\n")
    with monkeypatch.context() as patch:
        # The engine may begin with the run before its submission is answered; what is submitted needs the store itself.
        if not place.endswith("_copy_in"):
            patch.setattr(place, full)
        run_id = submit(driven, script)
        if place.endswith("_copy_in"):
            patch.setattr(place, no_room_for_blobs)
        driven.until(lambda: driven.state(run_id) is waits_in)
        seen = len(driven.events)
        driven.until(lambda: sum(_tells_of_full_disk(event) for event in driven.events) >= 1)
        assert driven.state(run_id) is waits_in
        assert not driven.engine.has_nothing_to_do()
        assert seen <= len(driven.events) < seen + 10
    assert driven.until_over(run_id) is S.COMPLETED, detail(driven, run_id)
    assert states(driven, run_id) == [S.QUEUED, S.PREPARING, S.RUNNING, S.FINALIZING, S.COMPLETED]
    assert detail(driven, run_id).summary.attempt == 1
    assert "outputs/a" in paths(driven, run_id)


NO_ROOM = NoRoomForEnvironment("The disk is full: the environment could not be installed.", "Free some space.")


def test_an_environment_that_finds_no_room_is_waited_for(
    folder: WorkspaceFolder, write_script: Write, marked_processes: object
) -> None:
    source = OwnPython(NO_ROOM)
    driven = DrivenEngine(folder, source)
    assert isinstance(driven.ask(RegisterEnvironment(name="pins", kind=EnvironmentKind.PIP, text="pip\n")), Done)
    run_id = submit(driven, write_script("pass\n"), environment="pins")
    driven.until(lambda: sum(_tells_of_full_disk(event) for event in driven.events) >= 1)
    told = [event for event in driven.events if isinstance(event, PreparationProgressed)]
    assert (told[-1].stage, "disk is full" in told[-1].message) == ("Waiting for room", True)
    assert "Waiting for room: The disk is full" in (folder.run(run_id) / "logs" / "control_log.txt").read_text()
    assert driven.state(run_id) is S.PREPARING
    assert not driven.engine.has_nothing_to_do()
    source.fail_with = ""
    assert driven.until_over(run_id) is S.COMPLETED, detail(driven, run_id)
    assert detail(driven, run_id).summary.attempt == 1
    driven.close()


def test_a_run_that_waits_for_room_can_be_canceled(
    folder: WorkspaceFolder, write_script: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    driven = DrivenEngine(folder, OwnPython(NO_ROOM))
    driven.ask(RegisterEnvironment(name="pins", kind=EnvironmentKind.PIP, text="pip\n"))
    run_id = submit(driven, write_script("pass\n"), environment="pins")
    driven.until(lambda: sum(_tells_of_full_disk(event) for event in driven.events) >= 1)
    driven.ask(CancelRun(run_id=run_id))
    assert driven.until_over(run_id) is S.CANCELED
    driven.close()


def _tells_of_full_disk(event: object) -> bool:
    return isinstance(event, EngineChanged) and event.state == "fault" and "is full" in event.message
