"""A rebuild beside whatever lies in the folders by now: named where it is odd, adopted where it still goes on."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_aml.domain.errors import StorageError
from desktop_aml.domain.registry import EndpointState
from desktop_aml.domain.requests import DeployModel, RegisterModel, StopEndpoint, SubmitRun, UpdateRun
from desktop_aml.domain.runs import RunDetail, RunState
from desktop_aml.engine.rebuilding import rebuild as rebuilding
from desktop_aml.engine.rebuilding.rebuild import rebuild
from desktop_aml.record import manifests
from desktop_aml.record.reading import NewerWorkspace
from desktop_aml.store import metrics, registry, runs
from desktop_aml.store.database import CURRENT_SCHEMA, Database
from desktop_aml.store.folder import WorkspaceFolder
from tests.conftest import DrivenEngine
from tests.engine.runs.test_flow import submit
from tests.played_fronts import play_fronts
from tests.state_dump import state_of

Write = Callable[..., Path]


def lose_database(folder: WorkspaceFolder) -> None:
    for path in folder.root.glob("desktop_aml.db*"):
        path.unlink()


def until_idle(driven: DrivenEngine) -> None:
    driven.until(driven.engine.has_nothing_to_do, "an engine with nothing to do")


def detail(folder: WorkspaceFolder, run_id: str) -> RunDetail:
    with Database(folder.database, read_only=True) as db:
        return runs.get(db, run_id)


@pytest.fixture
def ended(driven: DrivenEngine, write_script: Write, tmp_path: Path) -> WorkspaceFolder:
    """A workspace with an ended run and a model, and no engine."""
    run_id = submit(driven, write_script("pass"))
    driven.until_over(run_id)
    driven.ask(RegisterModel(name="m", file=str(write_script("x", "model.bin"))))
    until_idle(driven)
    driven.engine.close()
    driven.close = lambda: None  # type: ignore[method-assign]
    return driven.folder


def test_whatever_else_lies_in_the_folders_is_named_and_stops_nothing(ended: WorkspaceFolder) -> None:
    before = state_of(ended.root)
    run = ended.run("exp_1_a")
    shutil.copytree(run, run.with_name("exp_1_a (copy)"))
    shutil.copytree(ended.model("m", 1), ended.model("m", 1).with_name("1 (copy)"))
    shutil.copytree(ended.root / "models/m", ended.root / "models/m (copy)")
    (ended.root / "runs" / "half made" / "snapshot").mkdir(parents=True)
    (ended.root / "runs" / "notes.txt").write_text("mine")
    (ended.root / "endpoints" / "never").mkdir()
    (ended.root / "experiments" / "thumbs.db").write_text("")
    (ended.root / "runs" / "away").symlink_to("/etc")
    foreign = ended.root / "runs" / "foreign"
    foreign.mkdir()
    (foreign / "request.json").write_text('["not ours"]')
    lose_database(ended)
    report = rebuild(ended)
    assert state_of(ended.root) == before
    named = "\n".join(report.problems)
    for name in ("exp_1_a (copy)", "m/1 (copy)", "m (copy)", "half made", "notes.txt", "never", "thumbs.db", "away"):
        assert name in named
    assert "foreign/request.json" in named
    assert (report.runs, report.models) == (1, 1)


def test_a_run_that_was_asked_for_and_never_taken_in_is_named_not_made_up(ended: WorkspaceFolder) -> None:
    refused = SubmitRun(run_id="exp_9_refused", experiment="exp", script="train.py", environment="absent")
    ended.run(refused.run_id).mkdir()
    manifests.write_request(ended, refused)
    lose_database(ended)
    report = rebuild(ended)
    assert "never taken in" in "\n".join(report.problems)
    assert report.runs == 1


def no_manifest(path: Path) -> None:
    path.write_bytes(b"\x00" * 100)


def no_time(path: Path) -> None:
    body = json.loads(path.read_bytes())
    body["summary"]["created_at"] = 1e300
    path.write_text(json.dumps(body))


@pytest.mark.parametrize("damage", [no_manifest, no_time])
def test_a_run_with_a_damaged_manifest_comes_back_and_is_named(
    ended: WorkspaceFolder, damage: Callable[[Path], None]
) -> None:
    damage(ended.run("exp_1_a") / "run.json")
    lose_database(ended)
    report = rebuild(ended)
    assert "without its names, notes and labels" in "\n".join(report.problems)
    following = DrivenEngine(ended)
    try:
        # Its attempt still tells how it ended.
        assert following.until_over("exp_1_a") is RunState.COMPLETED
    finally:
        following.close()


@pytest.mark.parametrize("where", ["database", "run", "model"])
def test_a_workspace_of_a_newer_version_is_refused_and_left_as_it_is(ended: WorkspaceFolder, where: str) -> None:
    if where == "database":
        newer = sqlite3.connect(ended.database)
        newer.execute(f"PRAGMA user_version={CURRENT_SCHEMA + 1}")
        newer.close()
    else:
        path = ended.run("exp_1_a") / "run.json" if where == "run" else ended.model("m", 1) / "model.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "schema": 99}))
    files = {path: path.read_bytes() for path in ended.root.glob("desktop_aml.db*")}
    with pytest.raises(NewerWorkspace, match="newer version"):
        rebuild(ended)
    assert {path: path.read_bytes() for path in ended.root.glob("desktop_aml.db*")} == files


def test_a_rebuild_that_ends_before_its_end_leaves_the_old_database_in_its_place(
    ended: WorkspaceFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StorageError("The computer was turned off.")

    before = state_of(ended.root)
    monkeypatch.setattr(rebuilding, "_take_place", fail)
    with pytest.raises(StorageError):
        rebuild(ended)
    monkeypatch.undo()
    assert state_of(ended.root) == before
    assert not list(ended.root.glob("desktop_aml.db*rebuild*")) + list(ended.root.glob("desktop_aml.db*damaged*"))


def test_what_a_healthy_database_has_not_told_the_folders_yet_is_not_lost(ended: WorkspaceFolder) -> None:
    with Database(ended.database, read_only=False) as db, db.transaction():
        runs.rename(db, "exp_1_a", "known to the database alone")
    report = rebuild(ended)
    assert detail(ended, "exp_1_a").summary.display_name == "known to the database alone"
    assert report.kept_as is not None
    assert "before-rebuild" in report.kept_as.name


WAITS = "import pathlib, time\nfrom azureml.core import Run\nRun.get_context().log('x', 1)\nprint('up', flush=True)\n"


def test_a_live_run_is_adopted_and_its_script_goes_on(
    driven: DrivenEngine, write_script: Write, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    script = write_script(WAITS + f"while not pathlib.Path({str(go)!r}).exists(): time.sleep(0.01)\n")
    run_id = submit(driven, script)
    log = driven.folder.run(run_id) / "logs" / "std_log.txt"
    driven.until(lambda: log.exists() and b"up" in log.read_bytes(), "the script")
    driven.ask(UpdateRun(run_id=run_id, display_name="renamed while it runs", tags={"a": "1"}))
    driven.engine.close()
    driven.close = lambda: None  # type: ignore[method-assign]
    lose_database(driven.folder)
    assert rebuild(driven.folder).problems == []
    assert detail(driven.folder, run_id).summary.state is RunState.RUNNING
    following = DrivenEngine(driven.folder)
    try:
        go.touch()
        assert following.until_over(run_id) is RunState.COMPLETED
    finally:
        following.close()
    found = detail(driven.folder, run_id)
    assert (found.summary.display_name, found.tags) == ("renamed while it runs", {"a": "1"})
    with Database(driven.folder.database, read_only=True) as db:
        assert [point.value for point in metrics.read(db, run_id).curves[0].points] == [1]


@pytest.mark.parametrize("manifest", ["as it began", "gone"])
def test_the_end_that_no_engine_saw_is_read_from_the_attempt(
    driven: DrivenEngine, write_script: Write, manifest: str
) -> None:
    run_id = submit(driven, write_script(WAITS))
    place = driven.folder.run(run_id)
    driven.until(lambda: driven.state(run_id) is not RunState.PREPARING and driven.state(run_id) is not RunState.QUEUED)
    began = json.loads((place / "run.json").read_bytes())
    driven.until_over(run_id)
    driven.engine.close()
    driven.close = lambda: None  # type: ignore[method-assign]
    # The folder as an engine would have left it that was killed right after it had started the script.
    (place / "run.json").unlink()
    if manifest == "as it began":
        began["summary"]["state"] = "Preparing"
        (place / "run.json").write_text(json.dumps({**began, "handle": "", "nonce": ""}))
    lose_database(driven.folder)
    rebuild(driven.folder)
    following = DrivenEngine(driven.folder)
    try:
        assert following.until_over(run_id) is RunState.COMPLETED
    finally:
        following.close()


@pytest.mark.parametrize("manifest", ["record.json", "endpoint.json"])
def test_endpoints_keep_their_state_and_stay_in_reach(
    driven: DrivenEngine, write_script: Write, monkeypatch: pytest.MonkeyPatch, manifest: str
) -> None:
    play_fronts(monkeypatch)
    driven.ask(RegisterModel(name="m", file=str(write_script("x", "model.bin"))))
    driven.ask(DeployModel(name="serve", model_name="m", model_version=1))

    def state() -> tuple[EndpointState, str]:
        with Database(driven.folder.database, read_only=True) as db:
            return registry.get_endpoint(db, "serve").state, registry.get_endpoint(db, "serve").model_label

    driven.until(lambda: state()[0] is EndpointState.HEALTHY, "an endpoint")
    until_idle(driven)
    driven.engine.close()
    if manifest == "endpoint.json":
        # As an earlier version left it.
        (driven.folder.endpoint("serve") / "record.json").unlink()
    lose_database(driven.folder)
    assert rebuild(driven.folder).endpoints == 1
    assert state() == (EndpointState.HEALTHY, "m:1")
    following = DrivenEngine(driven.folder)
    driven.close = lambda: None  # type: ignore[method-assign]
    try:
        following.ask(StopEndpoint(name="serve"))
        following.until(lambda: state()[0] is EndpointState.STOPPED, "an endpoint that was stopped")
    finally:
        following.close()
