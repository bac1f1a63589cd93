"""Whatever a database, a manifest or a request names: nothing outside the workspace is touched."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.errors import DesktopAMLError, StorageError
from desktop_aml.domain.requests import DeleteRun
from desktop_aml.domain.runs import Artifact, RunState
from desktop_aml.environments.build import disk_usage as space
from desktop_aml.run_folder import nested_runs, snapshot
from desktop_aml.workspace import Workspace, rebuild
from tests.conftest import wait_until

ESCAPES = ["../../victim", "/victim", "a/../../../victim"]


@pytest.fixture
def ended(tmp_path: Path) -> Iterator[Workspace]:
    """Return a workspace with an ended run; beside it lies a folder that is nobody's business."""
    (tmp_path / "victim").mkdir()
    (tmp_path / "victim" / "keep.txt").write_text("precious")
    (tmp_path / "t.py").write_text("print(1)\n")
    made = Workspace.create(tmp_path / "ws")
    made.start_engine()
    run_id = made.runs.submit(tmp_path / "t.py")
    wait_until(lambda: made.runs.get(run_id).summary.state.is_terminal())
    assert made.runs.get(run_id).summary.state is RunState.COMPLETED
    made.close()
    again = Workspace.open(made.path)
    yield again
    again.close()
    assert (tmp_path / "victim" / "keep.txt").read_text() == "precious"


def change(workspace: Workspace, *statements: str) -> None:
    db = sqlite3.connect(workspace.path / "desktop_aml.db")
    for statement in statements:
        db.execute(statement)
    db.commit()
    db.close()


def test_a_run_whose_id_leads_out_can_be_neither_shown_nor_deleted(ended: Workspace) -> None:
    tables = ("run_detail", "label", "history", "artifact", "metric", "journal")
    change(
        ended,
        "PRAGMA foreign_keys=OFF",
        "UPDATE run SET id = '../../victim'",
        *(f"UPDATE {table} SET run_id = '../../victim'" for table in tables),
    )
    ended.start_engine()
    for act in (ended.runs.get, ended.runs.delete, ended.runs.files.read_log):
        with pytest.raises(StorageError, match="is no name of anything in"):
            act("../../victim")


@pytest.mark.parametrize("path", ["outputs/../../../ESCAPED.txt", "/ESCAPED.txt"])
def test_an_artifact_whose_path_leads_out_is_not_written(ended: Workspace, tmp_path: Path, path: str) -> None:
    change(ended, f"UPDATE artifact SET path = '{path}' WHERE path LIKE 'user_logs%'")
    target = tmp_path / "a" / "b"
    run_id = ended.runs.list()[0].id
    with pytest.raises(StorageError, match="is no path inside"):
        ended.runs.files.download(run_id, "", target)
    with pytest.raises(StorageError, match="is no path inside"):
        ended.runs.files.copy(run_id, path, target / "x")
    assert not list(tmp_path.rglob("ESCAPED.txt"))


@pytest.mark.parametrize("path", ESCAPES)
def test_a_snapshot_whose_paths_lead_out_is_not_laid_out(ended: Workspace, tmp_path: Path, path: str) -> None:
    run_id = ended.runs.list()[0].id
    folder = ended.path / "runs" / run_id
    code = snapshot.manifest(folder)[0]
    snapshot.write_manifest(folder, [Artifact(path, code.size_bytes, code.sha256)])
    with pytest.raises(StorageError, match="is no path inside"):
        snapshot.lay_out(folder, ended._folder.blobs)
    with pytest.raises(StorageError, match="is no path inside"):
        ended.runs.code.zip(run_id, tmp_path / "code.zip")


def test_a_handle_that_leads_out_is_not_followed(ended: Workspace, tmp_path: Path) -> None:
    place = tmp_path / "victim" / "attempts" / "1"
    place.mkdir(parents=True)
    (place / "job.json").write_text("{}")
    change(ended, "UPDATE run SET state = 'Running'", f"UPDATE run_detail SET handle = 'local:1:n:{tmp_path}/victim'")
    ended.start_engine()
    ended.environments.register("marker", "numpy")  # the engine has looked by now
    assert [path.name for path in place.iterdir()] == ["job.json"]


def test_a_link_in_the_place_of_a_run_is_not_followed(ended: Workspace, tmp_path: Path) -> None:
    (ended.path / "runs" / "far").symlink_to(tmp_path / "victim")
    with pytest.raises(StorageError, match="leads out of"):
        nested_runs.remove(ended._folder, "far")


def test_a_manifest_whose_id_leads_out_is_named_by_the_rebuild(ended: Workspace) -> None:
    request = next((ended.path / "runs").glob("*/request.json"))
    request.write_text(json.dumps({**json.loads(request.read_text()), "run_id": "../../victim"}))
    report = rebuild(ended.path)
    assert report.runs == 0
    assert "is of something else" in report.problems[0]


@pytest.mark.parametrize("key", ["../victim", "", ".", "a" * 63])
def test_a_build_whose_key_is_none_is_not_removed(tmp_path: Path, key: str) -> None:
    (tmp_path / "victim").mkdir()
    (tmp_path / "builds").mkdir()
    assert not space.remove(tmp_path / "builds", key, None)
    assert (tmp_path / "victim").is_dir()


def test_a_request_to_delete_what_leads_out_is_refused(ended: Workspace) -> None:
    ended.start_engine()
    with pytest.raises(DesktopAMLError):
        ended._client.ask(DeleteRun(run_id="../../victim"))
