"""Nothing runs in a workspace that this user neither made here nor trusted; reading it is always possible."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
from collections.abc import Callable
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
from tests.inside_run.conftest import SITE

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


def test_a_copy_of_one_that_moved_afterwards_is_another_workspace_too(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "a").close()
    shutil.copytree(tmp_path / "a", tmp_path / "copy")
    (tmp_path / "a").rename(tmp_path / "b")
    assert not trust.verdict(WorkspaceFolder(tmp_path / "copy")).is_trusted
    assert trust.verdict(WorkspaceFolder(tmp_path / "b")).is_trusted


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


@pytest.fixture
def disks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return what writes the table of mounted disks: places below the folder of the test, and of which kind."""

    def write(**kinds: str) -> None:
        mounts = {"/": "ext4", **{str(tmp_path / place): kind for place, kind in kinds.items()}}
        escaped = {
            re.sub(r"[\\ \t\n]", lambda one: f"\\{ord(one[0]):03o}", place): kind for place, kind in mounts.items()
        }
        lines = [
            f"{number} 1 0:{number} / {place} rw,relatime shared:1 - {kind} server:/share rw\n"
            for number, (place, kind) in enumerate(escaped.items(), 20)
        ]
        (tmp_path / "mountinfo").write_text("".join(lines), "utf-8")

    monkeypatch.setattr(trust, "_MOUNTS", tmp_path / "mountinfo")
    write()
    return write


def belongs_to(folder: WorkspaceFolder, user: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything in a folder belong to a user, as a server may say."""
    real = Path.stat

    def stat(path: Path, **words: bool) -> os.stat_result:
        found = real(path, **words)
        fields = list(found)
        if path.is_relative_to(folder.root):
            fields[4] = user
        return os.stat_result(fields)

    monkeypatch.setattr(Path, "stat", stat)


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_what_a_network_disk_says_is_nobodys_counts_as_ones_own(
    foreign: WorkspaceFolder,
    disks: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    on_a_computer: None,
    kind: str,
) -> None:
    belongs_to(foreign, 65534, monkeypatch)
    assert not trust.verdict(foreign).can_be_trusted
    disks(stick=kind)
    found = trust.verdict(foreign)
    assert (found.is_trusted, found.can_be_trusted) == (False, True)
    trust.trust(foreign)
    assert trust.verdict(foreign).is_trusted


def test_another_users_folder_is_refused_on_a_network_disk_too(
    foreign: WorkspaceFolder, disks: Callable[..., None], monkeypatch: pytest.MonkeyPatch, on_a_computer: None
) -> None:
    disks(stick="nfs4")
    belongs_to(foreign, ANOTHER_USER, monkeypatch)
    assert not trust.verdict(foreign).can_be_trusted


@pytest.mark.parametrize("name", ["share", "sh are", "größe", "a\\b"])
def test_a_workspace_that_moved_to_a_network_disk_is_asked_about_again(
    tmp_path: Path, disks: Callable[..., None], name: str
) -> None:
    Workspace.create(tmp_path / "a").close()
    (tmp_path / name).mkdir()
    (tmp_path / "a").rename(tmp_path / name / "a")
    disks(**{name: "nfs"})
    found = trust.verdict(WorkspaceFolder(tmp_path / name / "a"))
    assert (found.is_trusted, found.can_be_trusted) == (False, True)
    # A disk of this computer that is mounted inside of it is none of the network.
    disks(**{name: "nfs", f"{name}/a": "ext4"})
    assert trust.verdict(WorkspaceFolder(tmp_path / name / "a")).is_trusted


ASKING = """
import sys
from azureml.core import Workspace
print("opened", Workspace.from_config().name)
"""


@pytest.mark.parametrize(("answer", "is_trusted"), [("y", True), ("n", False), ("", False)])
def test_code_at_a_terminal_is_asked_once_and_the_answer_counts(
    foreign: WorkspaceFolder, answer: str, is_trusted: bool
) -> None:
    below = foreign.root / "notebooks"
    below.mkdir()
    (below / "ask.py").write_text(ASKING)
    ours, theirs = pty.openpty()
    variables = {**os.environ, "PYTHONPATH": str(SITE), "DESKTOP_AML_PYTHON": sys.executable}
    started = subprocess.Popen(
        [sys.executable, "ask.py"], cwd=below, env=variables, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    seen = _read_until(ours, b"[y/N]: ")
    assert b"was not made by you on this computer" in seen
    os.write(ours, f"{answer}\n".encode())
    seen = _read_until(ours, b"opened stick")
    assert started.wait(60) == 0
    os.close(ours)
    assert trust.verdict(foreign).is_trusted is is_trusted
    if is_trusted:
        again = subprocess.run(
            [sys.executable, "ask.py"], cwd=below, env=variables, capture_output=True, text=True, timeout=60, check=True
        )
        assert "not made by you" not in again.stdout + again.stderr


def _read_until(terminal: int, words: bytes) -> bytes:
    seen = b""
    while words not in seen:
        ready, _, _ = select.select([terminal], [], [], 60)
        assert ready, seen
        try:
            seen += os.read(terminal, 4096)
        except OSError:
            pytest.fail(f"The program ended before it said {words!r}: {seen!r}")
    return seen


SHOWN_BY = {
    "that you made on this computer": (test_what_was_made_here_may_run_also_after_it_moved,),
    "that you moved on its disk": (
        test_what_was_made_here_may_run_also_after_it_moved,
        test_a_copy_is_another_workspace,
    ),
    "that you used before there was this rule": (test_what_was_used_before_there_was_a_list_is_trusted_once,),
    "any other one of yours": (test_a_foreign_workspace_can_be_read_and_runs_nothing,),
    "whose folder, configuration, database or work belongs to another user": (
        test_a_folder_of_another_user_is_refused_even_when_it_was_trusted,
    ),
    "whose owner changed after you trusted it": (test_root_in_a_container_is_asked_again_when_the_owner_changed,),
}


def test_every_rule_of_the_page_is_shown_here() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "trust.md"
    rows = [line.split(" | ")[0].strip("| ") for line in page.read_text("utf-8").splitlines() if line.startswith("| ")]
    assert rows.pop(0) == "a workspace"
    unknown = [row for row in rows if not row.startswith(tuple(SHOWN_BY))]
    assert (unknown, len(rows)) == ([], len(SHOWN_BY))
