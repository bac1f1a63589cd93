"""Runs of other tools are listed, searched and compared beside our own, read where they lie, and never changed."""

from __future__ import annotations

import hashlib
import json
import math
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_aml.cli import main
from desktop_aml.domain.errors import Conflict, DesktopAMLError, InvalidInput, NotFound, StorageError
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.runs import RunQuery
from desktop_aml.store import runs as run_rows
from desktop_aml.store.database import Database
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.run.search import search
from tests.attached_sources import RUN, mlflow_database, mlruns

Make = Callable[[Path], Path]
SOURCES: dict[str, Make] = {"mlflow.db": mlflow_database, "mlruns": mlruns}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace.create(tmp_path / "ws")
    with Database(made.path / "desktop_aml.db", read_only=False) as db, db.transaction():
        request = SubmitRun(
            run_id="own",
            experiment="mine",
            script="fit.py",
            environment="e",
            arguments=("--C", "5"),
            display_name="own",
        )
        run_rows.insert(db, request, environment="e", version=None, seed=1, at=1_600_000_000.0)
        db.run("UPDATE run SET state = 'Completed'")
    yield made
    made.close()


@pytest.fixture(params=sorted(SOURCES))
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    folder = tmp_path / "theirs"
    folder.mkdir()
    return SOURCES[request.param](folder / request.param)


def looks(path: Path) -> dict[str, tuple[int, str]]:
    """Return what a folder holds: names, times of change and contents."""
    return {
        str(file): (file.stat().st_mtime_ns, hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "")
        for file in sorted(path.rglob("*"))
    }


def names(workspace: Workspace, search: str = "", **more: object) -> list[str]:
    return [run.id.removeprefix(RUN) for run in workspace.runs.list(RunQuery(search=search, **more))]  # type: ignore[arg-type]


def test_their_runs_stand_beside_ours_and_nothing_of_them_changes(workspace: Workspace, source: Path) -> None:
    assert names(workspace) == ["own"]
    before = looks(source.parent)
    made = workspace.attachments.attach(source)
    assert (made.name, made.runs, made.error, made.changed) == (source.stem, 2, "", False)
    assert names(workspace) == ["1", "0", "own"]  # the connections that were open see them, too
    assert names(workspace, "C >= 1") == ["1", "own"]
    assert names(workspace, "old and C < 1") == ["0"]
    assert names(workspace, "bold") == ["1", "0"]
    assert names(workspace, "", order_by="parameter:C", descending=False)[:1] == ["0"]
    assert [run.id.removeprefix(RUN) for run in search(workspace.path, "min.loss <= 0", ["min.loss"])] == ["1"]
    detail = workspace.runs.get(f"{RUN}1")
    assert (detail.summary.state, round(detail.summary.duration_s(0) or 0), detail.tags["stage"]) == (
        "Completed",
        60,
        "old",
    )
    assert [(one.name, one.value) for one in detail.parameters] == [("C", 1)]
    curve = workspace.runs.curves.read(f"{RUN}1", "loss")
    assert curve.values.tolist()[:3] == [2.0, 1.0, 0.0]
    assert math.isnan(curve.values[3])
    assert curve.steps.tolist() == [0, 1, 2, 9]
    compared = {one.name: one.values for one in workspace.runs.compare([f"{RUN}1", "own"]).rows}
    assert compared["C"] == ("1", None)
    assert math.isnan(compared["loss"][0])
    [file] = workspace.runs.files.list(f"{RUN}0")
    assert (file.path, workspace.runs.files.path(f"{RUN}0", "model.txt").read_text()) == ("model.txt", "model 0")
    assert looks(source.parent) == before


def test_nothing_that_would_change_them_is_done(workspace: Workspace, source: Path) -> None:
    workspace.attachments.attach(source)
    one = f"{RUN}1"
    for act in (
        lambda: workspace.runs.organise.star([one, "own"]),
        lambda: workspace.runs.organise.delete([one]),
        lambda: workspace.runs.update(one, tags={"a": "b"}),
        lambda: workspace.runs.cancel(f"{RUN}0"),
        lambda: workspace.runs.files.delete(one, ["model.txt"]),
        lambda: workspace.experiments.delete("old"),
        lambda: workspace.experiments.archive("old"),
        lambda: workspace.experiments.rename("old", "new"),
    ):
        with pytest.raises(Conflict, match="only read"):
            act()
    with pytest.raises(Conflict) as refused:
        workspace.runs.organise.star([one, "own"])
    assert refused.value.hint.endswith("and not target = attached")
    with pytest.raises(InvalidInput, match="program of its own"):
        workspace.runs.rerun(one)
    assert workspace.runs.active() == ()  # one of theirs is under way as far as they say; nothing here waits for it
    assert {str(state): count for state, count in workspace.runs.state_counts().items()} == {"Completed": 1}
    assert workspace.runs.find("latest") == "own"


def test_a_source_that_vanished_is_told_of_and_stops_nothing(workspace: Workspace, source: Path) -> None:
    workspace.attachments.attach(source, "gone")
    source.rename(source.with_name("elsewhere"))
    [listed] = workspace.attachments.list()
    assert (listed.error, listed.runs) == ("It is gone.", 2)
    assert "is gone" in workspace.attachments.refresh()["gone"]
    assert names(workspace) == ["1", "0", "own"]
    with pytest.raises(StorageError, match="is gone"):
        workspace.runs.curves.read(f"{RUN}1", "loss")
    assert [curve.name for curve in workspace.runs.metrics(f"{RUN}1").curves][:1] == ["loss"]
    workspace.attachments.detach("gone")
    assert (names(workspace), workspace.attachments.list()) == (["own"], ())
    with pytest.raises(NotFound):
        workspace.attachments.detach("gone")


def test_a_source_of_a_kind_that_is_not_known_is_told_of_and_stops_nothing(workspace: Workspace, source: Path) -> None:
    workspace.attachments.attach(source, "later")
    [record] = workspace.path.rglob("later*.json")
    record.write_text(json.dumps({**json.loads(record.read_text()), "kind": "of a later version"}))
    [listed] = workspace.attachments.list()
    assert (listed.kind, listed.runs) == ("of a later version", 2)
    assert "does not know" in listed.error
    assert "does not know" in workspace.attachments.refresh()["later"]
    assert names(workspace) == ["1", "0", "own"]


def test_a_folder_that_may_not_be_looked_into_any_more_stops_nothing(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.attachments.attach(mlruns(tmp_path / "mlruns"), "shut")

    def refused(_folder: Path) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied")

    # As root every folder can be read; what the system answers others is put in its place.
    with monkeypatch.context() as patched:
        patched.setattr(Path, "iterdir", refused)
        [listed] = workspace.attachments.list()
    assert (listed.name, listed.changed) == ("shut", True)


def test_what_was_added_since_is_there_after_a_refresh(workspace: Workspace, tmp_path: Path) -> None:
    file = mlflow_database(tmp_path / "mlflow.db")
    workspace.attachments.attach(file)
    with sqlite3.connect(file) as db:
        db.execute("UPDATE runs SET name = 'renamed', lifecycle_stage = 'deleted' WHERE run_uuid = ?", (f"{RUN}0",))
    db.close()
    assert workspace.attachments.get("mlflow").changed
    assert workspace.attachments.refresh(["mlflow"]) == {}
    assert (names(workspace), names(workspace, "deleted")) == (["1", "own"], ["0"])
    assert not workspace.attachments.get("mlflow").changed


def test_the_same_runs_twice_have_two_names(workspace: Workspace, tmp_path: Path) -> None:
    workspace.attachments.attach(mlflow_database(tmp_path / "mlflow.db"))
    workspace.attachments.attach(mlruns(tmp_path / "mlruns"))
    assert workspace.runs.count() == 5
    assert workspace.runs.get(f"{RUN}0-mlruns").summary.display_name == "bold: 0"
    with pytest.raises(InvalidInput, match="already"):
        workspace.attachments.attach(tmp_path / "mlruns", "mlflow")


def test_a_damaged_database_is_refused_in_words(workspace: Workspace, tmp_path: Path) -> None:
    file = mlflow_database(tmp_path / "mlflow.db", runs=20)
    whole = file.read_bytes()
    workspace.attachments.attach(file)
    file.write_bytes(whole[:4096] + os.urandom(len(whole) - 4096))
    assert "cannot be read" in workspace.attachments.refresh()["mlflow"]
    assert workspace.runs.count() == 21
    file.write_text("no database")
    [listed] = workspace.attachments.list()
    assert listed.error == "It cannot be read any more."
    with pytest.raises(InvalidInput, match="nothing that can be attached"):
        workspace.attachments.attach(file, "again")
    with pytest.raises(NotFound):
        workspace.attachments.attach(tmp_path / "absent")


def test_files_outside_of_the_source_are_not_shown(workspace: Workspace, tmp_path: Path) -> None:
    file = mlflow_database(tmp_path / "theirs.db")
    with sqlite3.connect(file) as db:
        db.execute("UPDATE runs SET artifact_uri = 'file:///etc'")
    db.close()
    workspace.attachments.attach(file)
    assert workspace.runs.files.list(f"{RUN}0") == ()
    with pytest.raises(DesktopAMLError):
        workspace.runs.files.path(f"{RUN}0", "passwd")


def test_odd_folders_cost_no_run(workspace: Workspace, tmp_path: Path) -> None:
    folder = mlruns(tmp_path / "mlruns")
    run = folder / "1" / f"{RUN}0"
    os.mkfifo(run / "params" / "fifo")
    (run / "tags" / "link").symlink_to("/etc/passwd")
    (run / "metrics" / "odd").write_bytes(b"\xff\xfe 1 2\n9" + b"9" * 5000 + b" 1 1\n1 2 3\n")
    (folder / "1" / "half").mkdir()
    (folder / "link").symlink_to(folder / "1")
    assert workspace.attachments.attach(folder).runs == 2
    detail = workspace.runs.get(f"{RUN}0")
    assert detail.tags == {"stage": "old"}
    assert workspace.runs.curves.read(f"{RUN}0", "odd").values.tolist() == [2.0]


@pytest.mark.parametrize("time", ["99999999999999999999", "-99999999999999999999", "9" * 300])
def test_a_run_of_no_known_time_is_listed_with_all_others(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str], time: str
) -> None:
    folder = mlruns(tmp_path / "mlruns")
    meta = folder / "1" / f"{RUN}1" / "meta.yaml"
    changed = meta.read_text().replace("start_time: 1700000000001", f"start_time: {time}")
    meta.write_text(changed.replace("end_time: 1700000060000", f"end_time: {time}"))
    workspace.attachments.attach(folder)
    for words in (["run", "list"], ["run", "show", f"{RUN}1"], ["experiment", "list"]):
        assert main([*words, "-w", str(workspace.path)]) == 0, capsys.readouterr().err
    assert workspace.runs.get(f"{RUN}1").summary.created_at == 0.0


def test_the_terminal_attaches_lists_shows_and_detaches(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace.path)
    file = mlflow_database(tmp_path / "mlflow.db")

    def said(*words: str) -> str:
        capsys.readouterr()
        assert main(list(words)) == 0
        return capsys.readouterr().out

    assert "Attached “mlflow”: 2 runs" in said("attach", str(file))
    assert json.loads(said("attach", "--json"))[0]["runs"] == 2
    assert [run["id"] for run in json.loads(said("run", "list", "--json"))] == [f"{RUN}1", f"{RUN}0", "own"]
    shown = said("run", "show", f"{RUN}1")
    assert str(file) in shown
    assert json.loads(said("run", "metrics", f"{RUN}1", "--json"))["loss"][:3] == [2.0, 1.0, 0.0]
    file.unlink()
    assert "mlflow: It is gone." in said("run", "show", f"{RUN}1")
    assert "It is gone." in said("attach")
    assert "Detached" in said("attach", "--detach", "mlflow")
