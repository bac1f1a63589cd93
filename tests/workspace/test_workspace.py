"""What a deletion frees is said before, and freed."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from desktop_aml.cli import cli
from desktop_aml.workspace import Workspace
from tests.workspace.run.test_data import submit


def test_deleting_a_run_says_what_it_frees_and_frees_it(workspace: Workspace, tmp_path: Path) -> None:
    here = ["-w", str(workspace.path)]
    run_id = submit(workspace, tmp_path, "import os\nopen('outputs/o.bin', 'wb').write(os.urandom(500_000))")
    said = workspace.runs.space([run_id])
    assert said > 500_000
    done = CliRunner().invoke(cli, ["run", "delete", run_id, *here])
    assert (done.exit_code, done.stdout) == (0, "Deleted 1 run.\n")
    assert workspace.unused_space() == 0
    done = CliRunner().invoke(cli, ["run", "delete", "--forever", run_id, *here])
    assert (done.exit_code, done.stdout) == (0, "Removed 1 run.\n")
    assert "of the disk became free" in done.stderr
    assert not [path for path in (workspace.path / "blobs").rglob("*") if path.stat().st_size > 100_000]
    assert workspace.unused_space() == 0


def test_working_copies_of_an_older_version_are_readable_and_go_when_asked(
    workspace: Workspace, tmp_path: Path
) -> None:
    run_id = submit(workspace, tmp_path, "open('outputs/o.txt', 'w').write('o' * 10_000)")
    old = workspace.path / "runs" / run_id / "snapshot"
    (old / "outputs").mkdir(parents=True)
    (old / "train.py").write_bytes(workspace.runs.code.path(run_id, "train.py").read_bytes())
    (old / "outputs/o.txt").write_text("o" * 10_000)
    (old / "own.txt").write_text("kept nowhere else")
    assert [file.path for file in workspace.runs.code.list(run_id)] == ["train.py"]
    assert workspace.runs.files.download(run_id, "outputs/o.txt", tmp_path / "to")[0].read_text() == "o" * 10_000
    assert workspace.unused_space() >= 10_000
    assert workspace.clean_store() >= 10_000
    assert [path.name for path in old.rglob("*")] == ["own.txt"]


def test_leftovers_are_shown_and_removed(workspace: Workspace) -> None:
    here = ["-w", str(workspace.path)]
    leftover = workspace.path / "blobs/sha256/.incoming-old"
    leftover.parent.mkdir(parents=True, exist_ok=True)
    leftover.write_bytes(bytes(range(256)) * 400)
    shown = CliRunner().invoke(cli, ["workspace", "clean", "--dry-run", *here])
    assert "any more" in shown.output
    assert leftover.exists()
    assert CliRunner().invoke(cli, ["workspace", "clean", *here], input="n\n").exit_code != 0
    assert leftover.exists()
    done = CliRunner().invoke(cli, ["workspace", "clean", "--yes", *here])
    assert (done.exit_code, leftover.exists()) == (0, False)
    assert "are free again" in done.output


def test_what_a_workspace_takes_of_the_disk_counts_no_holes_and_no_name_twice(tmp_path: Path) -> None:
    # No engine runs: its database would grow and shrink meanwhile.
    workspace = Workspace.create(tmp_path / "quiet")
    before = workspace.disk_usage()
    sparse = workspace.path / "sparse.bin"
    with sparse.open("wb") as stream:
        stream.truncate(1 << 30)
        stream.write(b"x" * 100_000)
    (workspace.path / "again.bin").hardlink_to(sparse)
    taken = workspace.disk_usage() - before
    workspace.close()
    assert 100_000 <= taken < 1 << 20
