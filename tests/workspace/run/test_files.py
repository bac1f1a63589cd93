"""What a run read from elsewhere, and how it stands now."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from desktop_aml.cli import cli
from desktop_aml.domain.errors import StorageError
from desktop_aml.domain.files_read import FileNow
from desktop_aml.run_folder import collect
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until
from tests.workspace.conftest import index, workspace  # noqa: F401 - fixtures


def test_files_from_elsewhere_are_told_with_what_became_of_them(workspace: Workspace, tmp_path: Path) -> None:  # noqa: F811
    data, source = tmp_path / "data", tmp_path / "source"
    data.mkdir()
    source.mkdir()
    for name in ("same.csv", "changed.csv", "gone.csv"):
        (data / name).write_text("1\n")
    (source / "train.py").write_text(
        f"for name in ('same', 'changed', 'gone'):\n    open({str(data)!r} + '/' + name + '.csv').read()\n"
    )
    run_id = workspace.runs.submit(source / "train.py")
    wait_until(lambda: workspace.runs.get(run_id).summary.state.is_terminal(), "the end of the run")
    (data / "changed.csv").write_text("1\n2\n")
    (data / "gone.csv").unlink()
    with (workspace.path / "runs" / run_id / "logs" / "files_read.jsonl").open("a") as log:
        log.write('no JSON\n{"path": 1}\n[]\n{"path": "\\u0000", "size": 1, "at": 1}\n')
    found = workspace.runs.data.list(run_id)
    assert [(Path(one.path).name, one.size_bytes, one.now) for one in found if one.path.startswith("/")] == [
        ("same.csv", 2, FileNow.SAME),
        ("changed.csv", 2, FileNow.CHANGED),
        ("gone.csv", 2, FileNow.GONE),
    ]
    shown = CliRunner().invoke(cli, ["run", "show", run_id, "-w", str(workspace.path)]).output
    assert f"{data / 'changed.csv'} (changed since)" in shown
    as_json = json.loads(CliRunner().invoke(cli, ["run", "show", run_id, "-w", str(workspace.path), "--json"]).output)
    assert [one["now"] for one in as_json["files_read"]][:2] == ["as it was read", "changed since"]


def test_a_run_that_read_nothing_from_elsewhere_has_none(workspace: Workspace, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "rows.csv").write_text("1\n")
    (tmp_path / "source" / "train.py").write_text("open('rows.csv').read()\n")
    run_id = workspace.runs.submit(tmp_path / "source" / "train.py")
    wait_until(lambda: workspace.runs.get(run_id).summary.state.is_terminal(), "the end of the run")
    assert workspace.runs.data.list(run_id) == ()


def test_what_a_living_run_puts_in_the_place_of_its_output_is_not_copied(
    workspace: Workspace,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "private").write_text("a key")
    (tmp_path / "link").symlink_to(tmp_path / "private")
    (tmp_path / "t.py").write_text("")
    workspace.runs.queue.pause()
    run_id = workspace.runs.submit(tmp_path / "t.py")
    # Between the look and the copy.
    monkeypatch.setattr(collect, "candidates", lambda _: {"outputs/a": tmp_path / "link"})
    for copied in (workspace.runs.files.download, workspace.runs.files.copy):
        with pytest.raises(StorageError):
            copied(run_id, "outputs/a", tmp_path / "to")
    assert not [path for path in tmp_path.glob("to/**/*") if path.is_file()]
