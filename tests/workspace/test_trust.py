"""Nothing runs in a workspace that this user neither made here nor trusted; reading it is always possible."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from desktop_aml import settings
from desktop_aml.domain.errors import Conflict, UntrustedWorkspace
from desktop_aml.domain.requests import RegisterModel
from desktop_aml.engine.core import spool
from desktop_aml.sdk.workspaces import answer_without_workspace
from desktop_aml.store.database import migrate
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace import Workspace, remembered, trust

ANOTHER_USER = 4_000_000


@pytest.fixture
def foreign(tmp_path: Path) -> WorkspaceFolder:
    """Return a workspace of this user's that was made elsewhere, as on a stick; a request waits in it."""
    folder = WorkspaceFolder(tmp_path / "stick")
    folder.make("stick")
    migrate(folder.database)
    (folder.requests / "0-a.json").write_bytes(spool.encode(RegisterModel(name="m", file="/etc/hostname")))
    return folder


@pytest.fixture
def on_a_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that this is no container."""
    monkeypatch.setattr(trust, "_is_in_container", lambda: False)


def test_what_was_made_here_may_run_also_after_it_moved(tmp_path: Path) -> None:
    made = Workspace.create(tmp_path / "a")
    assert made.verdict().is_trusted
    made.close()
    (tmp_path / "a").rename(tmp_path / "b")
    assert trust.verdict(WorkspaceFolder(tmp_path / "b")).is_trusted
    assert [Path(known.path).name for known in trust.trusted_workspaces()] == ["b"]
    assert trust.verdict(WorkspaceFolder(tmp_path / "b")).is_trusted


def test_a_copy_is_another_workspace(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "a").close()
    shutil.copytree(tmp_path / "a", tmp_path / "copy")
    assert not trust.verdict(WorkspaceFolder(tmp_path / "copy")).is_trusted
    assert trust.verdict(WorkspaceFolder(tmp_path / "a")).is_trusted


def test_another_workspace_in_the_place_of_a_trusted_one_is_unknown(foreign: WorkspaceFolder, tmp_path: Path) -> None:
    Workspace.create(tmp_path / "a").close()
    shutil.rmtree(tmp_path / "a")
    foreign.root.rename(tmp_path / "a")
    assert not trust.verdict(WorkspaceFolder(tmp_path / "a")).is_trusted


def test_a_foreign_workspace_can_be_read_and_runs_nothing(foreign: WorkspaceFolder) -> None:
    workspace = Workspace.open(foreign.root)
    try:
        assert workspace.runs.list() == ()
        assert workspace.waiting_work() == ("1 waiting request",)
        for act in (workspace.host_engine, workspace.start_engine, lambda: workspace.environments.register("e", "app")):
            with pytest.raises(UntrustedWorkspace, match="desktop-aml workspace trust"):
                act()
        assert not workspace.hand_over()
    finally:
        workspace.close()
    assert not foreign.owner_lock.exists()
    assert [path.name for path in foreign.requests.iterdir()] == ["0-a.json"]


def test_nothing_is_copied_into_a_foreign_workspace_and_no_rows_are_sent(
    foreign: WorkspaceFolder, tmp_path: Path
) -> None:
    (tmp_path / "t.py").write_text("print(1)")
    workspace = Workspace.open(foreign.root)
    acts = (
        lambda: workspace.runs.submit(tmp_path / "t.py"),
        lambda: workspace.runs.external.start(run_id="r", experiment="e", snapshot_directory=tmp_path),
        lambda: workspace.endpoints.deploy("m", name="e", entry_script=tmp_path / "t.py"),
        lambda: workspace.endpoints.score("e", [[1]]),
        lambda: workspace.environments.preview("app"),
    )
    for act in acts:
        with pytest.raises(UntrustedWorkspace):
            act()
    workspace.close()
    assert not [path for path in foreign.root.rglob("*") if path.parent.name in {"runs", "blobs", "endpoints"}]


def test_a_yes_is_remembered_and_can_be_taken_back(foreign: WorkspaceFolder) -> None:
    trust.trust(foreign)
    assert trust.verdict(foreign).is_trusted
    assert trust.forget(foreign.root)
    assert not trust.forget(foreign.root)
    assert not trust.verdict(foreign).is_trusted


def test_a_folder_of_another_user_is_refused_even_when_it_was_trusted(
    foreign: WorkspaceFolder, monkeypatch: pytest.MonkeyPatch, on_a_computer: None
) -> None:
    trust.trust(foreign)
    monkeypatch.setattr(os, "geteuid", lambda: ANOTHER_USER)
    found = trust.verdict(foreign)
    assert (found.is_trusted, found.can_be_trusted) == (False, False)
    assert "belongs to another user" in found.obstacle
    with pytest.raises(Conflict, match="Copy it to a folder of your own"):
        trust.trust(foreign)


def test_no_workspace_is_made_in_a_folder_of_another_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_a_computer: None
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: ANOTHER_USER)
    with pytest.raises(Conflict, match="Choose a folder of your own"):
        Workspace.create(tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root can give files away")
def test_root_in_a_container_is_asked_again_when_the_owner_changed(
    foreign: WorkspaceFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trust, "_is_in_container", lambda: True)
    trust.trust(foreign)
    os.chown(foreign.root, ANOTHER_USER, ANOTHER_USER)
    found = trust.verdict(foreign)
    assert (found.is_trusted, found.can_be_trusted) == (False, True)
    trust.trust(foreign)
    assert trust.verdict(foreign).is_trusted


@pytest.mark.skipif(os.geteuid() != 0, reason="Only root can give files away")
def test_a_request_that_another_user_left_is_refused(foreign: WorkspaceFolder) -> None:
    request = foreign.requests / "0-a.json"
    os.chown(request, ANOTHER_USER, ANOTHER_USER)
    with pytest.raises(Exception, match="left by another user"):
        spool.read(request)


def test_what_was_used_before_there_was_a_list_is_trusted_once(foreign: WorkspaceFolder) -> None:
    settings.save(settings.load().with_opened(foreign.root))
    assert trust.verdict(foreign).is_trusted


def test_looking_at_a_foreign_workspace_makes_it_neither_trusted_nor_the_one_that_is_meant(
    foreign: WorkspaceFolder, tmp_path: Path
) -> None:
    mine = Workspace.create(tmp_path / "mine")
    mine.close()
    for path in (mine.path, foreign.root):
        settings.save(remembered(settings.load(), path))
    assert settings.load().last_workspace == str(mine.path)
    assert not trust.verdict(foreign).is_trusted


def test_a_damaged_list_vouches_for_nothing(foreign: WorkspaceFolder) -> None:
    trust.trust(foreign)
    (settings.user_directories().config / "trusted.json").write_text("[{]")
    assert not trust.verdict(foreign).is_trusted


def test_code_that_finds_it_by_walking_upwards_is_told(foreign: WorkspaceFolder) -> None:
    body = {"config": str(foreign.config), "name": "stick"}
    told = answer_without_workspace("workspaces.open", body)
    assert isinstance(told, dict)
    assert "was not made by you on this computer" in told["distrust"]
    answer_without_workspace("workspaces.trust", {"path": str(foreign.root)})
    again = answer_without_workspace("workspaces.open", body)
    assert isinstance(again, dict)
    assert again["distrust"] == ""
