"""What a snapshot copies, what it leaves out, and what it says about it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from desktop_aml.domain.errors import DesktopAMLError, InvalidInput, NotFound, StorageError
from desktop_aml.run_folder import snapshot, source_rules
from desktop_aml.store.blobs import BlobStore
from desktop_aml.store.folder import WorkspaceFolder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    root = tmp_path / "source code é 🚀"
    for name in (
        "train.py",
        "data/rows.csv",
        "data/big.bin",
        ".git/config",
        "__pycache__/train.pyc",
        "outputs/old.pkl",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    return root


def names(found: snapshot.SnapshotPreview) -> list[str]:
    return [path for path, _ in found.files]


def test_without_an_ignore_file_only_what_can_never_be_meant_is_left_out(source: Path) -> None:
    found = snapshot.preview(source)
    assert names(found) == ["data/big.bin", "data/rows.csv", "train.py"]
    assert set(found.ignored) == {".git/", "__pycache__/", "outputs/"}
    assert (found.file_count, found.ignore_file) == (3, "")


def test_the_git_file_of_a_worktree_or_submodule_is_version_control_too(source: Path) -> None:
    for name in ("lib/.git", "lib/code.py", "notes/.github/x.yml", "notes/.gitattributes"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("gitdir: ../repository/.git/worktrees/code")
    travels = names(snapshot.preview(source))
    assert "lib/.git" not in travels
    assert {"lib/code.py", "notes/.github/x.yml", "notes/.gitattributes"} <= set(travels)


def test_the_amlignore_file_wins_over_gitignore(source: Path) -> None:
    (source / ".gitignore").write_text("*.csv\n")
    assert "data/rows.csv" in snapshot.preview(source).ignored
    (source / ".amlignore").write_text("*.bin\n!data/keep.bin\n")
    (source / "data/keep.bin").touch()
    found = snapshot.preview(source)
    assert found.ignore_file == ".amlignore"
    assert {"data/rows.csv", "data/keep.bin"} <= set(names(found))
    assert "data/big.bin" in found.ignored


SECRETS = (
    *(".env", ".env.local", "key.pem", "id_rsa", "id_ecdsa_sk", ".ssh/known_hosts", "credentials.json", "site.key"),
    *(".git-credentials", ".pypirc", "store.p12", "kaggle.json", "sub/.netrc"),
    *("prod.env", "CA.PEM", "Store.JKS", "aws/credentials", "credentials.csv", "terraform.tfstate", ".dockercfg"),
    *(".bash_history", "my-firebase-adminsdk-1.json", "passwords.txt", "local.settings.json", "kubeconfig"),
)


@pytest.mark.parametrize("secret", SECRETS)
def test_files_that_look_like_secrets_stay_at_home_and_it_is_said(source: Path, secret: str) -> None:
    (source / secret).parent.mkdir(exist_ok=True)
    (source / secret).write_text("secret")
    found = snapshot.preview(source)
    assert secret not in names(found)
    left_out = ".ssh/" if secret.startswith(".ssh") else secret
    assert any(f"look like secrets: {left_out}." in warning for warning in found.warnings)
    (source / ".amlignore").write_text(f"!{left_out}\n")
    asked = snapshot.preview(source)
    assert secret in names(asked)
    assert asked.warnings == ()


@pytest.mark.parametrize(
    "name",
    [
        ".env.example",
        "id_map.csv",
        "id_utils.py",
        "id_cards/a.png",
        "keys.py",
        "monkey.py",
        "credentials/__init__.py",
        "my.env/a.py",
    ],
)
def test_ordinary_files_are_no_secrets(source: Path, name: str) -> None:
    (source / name).parent.mkdir(exist_ok=True)
    (source / name).write_text("ordinary")
    assert name in names(snapshot.preview(source))


def test_a_virtual_environment_is_known_by_what_it_holds(source: Path) -> None:
    for name in (
        "env/__init__.py",
        "venv/maze.py",
        "tools/pyvenv.cfg",
        "old/bin/activate",
        ".conda/conda-meta/history",
    ):
        (source / name).parent.mkdir(parents=True)
        (source / name).touch()
    found = snapshot.preview(source)
    assert {"env/__init__.py", "venv/maze.py"} <= set(names(found))
    assert {"tools/", "old/", ".conda/"} <= set(found.ignored)


def test_odd_files_are_named_and_never_opened(source: Path) -> None:
    os.mkfifo(source / "pipe")
    (source / "dangling").symlink_to("nowhere")
    assert any("pipe" in warning and "dangling" in warning for warning in snapshot.preview(source).warnings)


def test_a_workspace_inside_the_source_is_not_copied_into_itself(source: Path) -> None:
    (source / "ws/runs").mkdir(parents=True)
    (source / "ws/runs/x").touch()
    assert "ws/" in snapshot.preview(source, workspace=source / "ws").ignored


def test_a_source_that_is_the_workspace_is_copied_without_what_the_workspace_holds(tmp_path: Path) -> None:
    folder = WorkspaceFolder(tmp_path / "both")
    folder.make("both")
    for name in (
        "train.py",
        "runs/old/train.py",
        "blobs/x",
        "lib/models/y",
        "desktop_aml.db",
        "desktop_aml.db-journal",
        "azureml/computes/c.json",
    ):
        (folder.root / name).parent.mkdir(parents=True, exist_ok=True)
        (folder.root / name).write_text(name)
    assert names(snapshot.preview(folder.root, workspace=folder.root)) == ["config.json", "lib/models/y", "train.py"]


def test_too_many_or_too_large_is_said_not_refused_and_names_the_setting(source: Path) -> None:
    assert snapshot.preview(source).warnings == ()
    size, count = snapshot.preview(source, limits=snapshot.Limits(size_bytes=5, files=2)).warnings
    assert "raise snapshot_warning_bytes in settings.json" in size
    assert "raise snapshot_warning_files in settings.json" in count


def test_a_folder_that_cannot_be_read_is_named(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Root may read everything, so the refusal is played.
    real = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "data":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(StorageError, match=r"data.*Permission denied"):
        snapshot.preview(source)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nothing-here"):
        snapshot.preview(tmp_path / "nothing-here")


def test_the_working_copy_equals_the_source_and_changes_of_it_stay_apart(source: Path, tmp_path: Path) -> None:
    blobs, run = BlobStore(tmp_path / "blobs"), tmp_path / "run"
    told: list[tuple[int, int]] = []
    kept = snapshot.take(source, run, blobs, progress=lambda done, total: told.append((done, total)))
    working = snapshot.lay_out(run, blobs)
    assert (working / "data/rows.csv").read_text() == "data/rows.csv"
    assert (working / "outputs").is_dir()
    (working / "train.py").write_text("changed by the script")
    assert blobs.verified(kept[-1].sha256).read_text() == "train.py"
    assert told[-1][0] == told[-1][1]


def test_a_folder_of_which_nothing_is_copied_is_there_to_be_written_into(source: Path, tmp_path: Path) -> None:
    (source / ".gitignore").write_text("models/\n*.ckpt\nraw/\n")
    for name in ("models", "results/plots", "weights", "raw/big", "ws/runs"):
        (source / name).mkdir(parents=True)
    (source / "weights/a.ckpt").touch()
    blobs, run, again = BlobStore(tmp_path / "blobs"), tmp_path / "run", tmp_path / "again"
    snapshot.take(source, run, blobs, workspace=source / "ws")
    snapshot.copy_manifest(run, again, blobs)
    for place in (run, again):
        working = snapshot.lay_out(place, blobs)
        assert [path.relative_to(working).as_posix() for path in sorted(working.rglob("*")) if path.is_dir()] == [
            *("data", "logs", "models", "outputs", "results", "results/plots", "weights")
        ]


def test_what_names_bare_folders_leads_nowhere_else(source: Path, tmp_path: Path) -> None:
    blobs, run = BlobStore(tmp_path / "blobs"), tmp_path / "run"
    snapshot.take(source, run, blobs)
    for text in ('["../away"]', '{"a": 1}', "[", '["/away"]'):
        (run / "bare_folders.json").write_text(text)
        try:
            snapshot.lay_out(run, blobs)
        except DesktopAMLError:
            assert "away" in text
        assert not (tmp_path / "away").exists()


def test_half_a_file_of_an_earlier_attempt_is_laid_out_again(source: Path, tmp_path: Path) -> None:
    blobs, run = BlobStore(tmp_path / "blobs"), tmp_path / "run"
    snapshot.take(source, run, blobs)
    (snapshot.lay_out(run, blobs) / "train.py").write_bytes(b"")
    assert (snapshot.lay_out(run, blobs) / "train.py").read_text() == "train.py"


@pytest.mark.parametrize("name", ["snapshot", "snapshot/data", "snapshot/outputs"])
def test_nothing_is_laid_out_behind_a_link_that_an_earlier_attempt_left(
    source: Path, tmp_path: Path, name: str
) -> None:
    blobs, run, elsewhere = BlobStore(tmp_path / "blobs"), tmp_path / "run", tmp_path / "elsewhere"
    snapshot.take(source, run, blobs)
    snapshot.lay_out(run, blobs)
    elsewhere.mkdir()
    shutil.rmtree(run / name)
    (run / name).symlink_to(elsewhere)
    with pytest.raises(NotADirectoryError):
        snapshot.lay_out(run, blobs)
    assert list(elsewhere.iterdir()) == []


def test_a_file_that_another_program_removes_meanwhile_is_left_out_and_named(source: Path, tmp_path: Path) -> None:
    def remove_the_last(*_: int) -> None:
        (source / "train.py").unlink(missing_ok=True)

    said: list[str] = []
    kept = snapshot.take(
        source, tmp_path / "run", BlobStore(tmp_path / "blobs"), progress=remove_the_last, warn=said.append
    )
    assert [file.path for file in kept] == ["data/big.bin", "data/rows.csv"]
    assert said == ["Not copied, because another program removed them meanwhile: train.py"]


@pytest.mark.parametrize("becomes_a_file", [False, True])
def test_a_folder_that_another_program_removes_while_it_is_looked_at_is_left_out_and_named(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, becomes_a_file: bool
) -> None:
    real = os.scandir

    def scan(path: Path) -> object:
        if Path(path).name == "data":
            Path(path).rename(tmp_path / "moved away")
            if becomes_a_file:
                Path(path).touch()
        return real(path)

    monkeypatch.setattr(os, "scandir", scan)
    said: list[str] = []
    kept = snapshot.take(source, tmp_path / "run", BlobStore(tmp_path / "blobs"), warn=said.append)
    assert [file.path for file in kept] == ["train.py"]
    assert said == ["Not copied, because another program removed them meanwhile: data/"]


def test_a_source_folder_that_vanishes_during_the_copy_is_refused(source: Path, tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path / "blobs")
    with pytest.raises(NotFound, match="source code"):
        snapshot.take(source, tmp_path / "run", blobs, progress=lambda *_: shutil.rmtree(source, ignore_errors=True))


def test_a_single_file_that_is_gone_is_named(source: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"gone\.py"):
        snapshot.take_file(source / "gone.py", tmp_path / "run", BlobStore(tmp_path / "blobs"))


def test_a_later_run_starts_from_the_earlier_runs_own_code(source: Path, tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path / "blobs")
    snapshot.take(source, tmp_path / "first", blobs)
    (source / "train.py").write_text("edited since")
    snapshot.copy_manifest(tmp_path / "first", tmp_path / "second", blobs)
    assert (snapshot.lay_out(tmp_path / "second", blobs) / "train.py").read_text() == "train.py"


def test_a_run_without_a_snapshot_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no snapshot"):
        snapshot.manifest(tmp_path)


@pytest.mark.parametrize("pattern", ["!", "[z-a]"])
def test_a_line_of_an_ignore_file_that_is_no_pattern_is_named(source: Path, pattern: str) -> None:
    (source / ".amlignore").write_text(f"*.bin\n{pattern}\n")
    with pytest.raises(InvalidInput, match=r"Line 2 of .*\.amlignore"):
        snapshot.preview(source)


def test_an_ignore_file_that_cannot_be_read_is_named(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    (source / ".amlignore").touch()
    monkeypatch.setattr(source_rules, "open_regular", refuse)
    with pytest.raises(StorageError, match=r"\.amlignore.*Permission denied"):
        snapshot.preview(source)


def test_a_folder_is_gone_whose_manifest_was_being_written_while_it_was_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / ".run.json.new").touch()
    rmdir = os.rmdir

    def late(path: str, **options: Any) -> None:
        monkeypatch.setattr("os.rmdir", rmdir)
        (folder / "run.json").touch()
        rmdir(path, **options)

    monkeypatch.setattr("os.rmdir", late)
    snapshot.remove_folder(folder)
    assert not folder.exists()
