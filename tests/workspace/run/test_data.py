"""A run and those that repeat it: where the data that they read differs is said."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from desktop_aml.cli import cli
from desktop_aml.domain.compare.runs import Section
from desktop_aml.domain.files_read import Content, FileNow, FileRead, ReadHow
from desktop_aml.domain.runs import RunState
from desktop_aml.executors.attempt_files import AttemptFiles
from desktop_aml.executors.claims import Claim
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.rebuilding import rebuild
from tests.conftest import wait_until


def submit(workspace: Workspace, tmp_path: Path, code: str, *arguments: str) -> str:
    """Run code that lies in a folder of its own, to its end."""
    source = tmp_path / "source"
    source.mkdir(exist_ok=True)
    (source / "train.py").write_text(code)
    return to_end(workspace, workspace.runs.submit(source / "train.py", arguments=arguments))


def to_end(workspace: Workspace, run_id: str) -> str:
    wait_until(lambda: workspace.runs.get(run_id).summary.state.is_terminal(), "the end of the run")
    assert workspace.runs.get(run_id).summary.state is RunState.COMPLETED, workspace.runs.files.read_log(run_id).data
    # What a run read is hashed in the background, also after its end.
    wait_until(
        lambda: all(one.content is not Content.PENDING for one in workspace.runs.data.list(run_id)),
        "all data to be hashed",
    )
    return run_id


def only(files: tuple[FileRead, ...]) -> FileRead:
    assert len(files) == 1, files
    return files[0]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "rows.csv"
    path.write_text("x,y\n1,2\n")
    return path


def test_changed_data_is_said_before_a_rerun_and_on_both_runs_and_compared(
    workspace: Workspace, tmp_path: Path, data: Path
) -> None:
    first = submit(workspace, tmp_path, f"print(len(open({str(data)!r}).read()))")
    was = hashlib.sha256(data.read_bytes()).hexdigest()
    assert (only(workspace.runs.data.list(first)).sha256, workspace.runs.data.changed(first)) == (was, ())
    assert workspace.runs.data.differences(first) == ()
    with data.open("a") as rows:
        rows.write("3,4\n")
    here = ["-w", str(workspace.path)]
    again = CliRunner().invoke(cli, ["run", "rerun", first, *here])
    assert f"{data} changed since: it was 8 bytes" in again.stderr.split("Run ")[0], "said before the run is made"
    second = workspace.runs.find("latest")
    to_end(workspace, second)
    assert workspace.runs.get(second).properties["desktop_aml.data_changed"] == str(data)
    for run_id, other, sizes in ((first, second, ("8 bytes", "12 bytes")), (second, first, ("12 bytes", "8 bytes"))):
        (found,) = workspace.runs.data.differences(run_id)
        assert (found.other_run, found.path) == (other, str(data))
        assert (found.here.startswith(sizes[0]), found.there.startswith(sizes[1])) == (True, True)
        assert "Data differs" in CliRunner().invoke(cli, ["run", "show", run_id, *here]).output
    rows = [row for row in workspace.runs.compare((first, second)).rows if row.section is Section.DATA]
    assert [(row.name, row.differs()) for row in rows] == [(str(data), True)]
    assert str(data) in CliRunner().invoke(cli, ["run", "compare", first, second, *here]).output


def test_the_same_bytes_written_again_are_the_same_data(workspace: Workspace, tmp_path: Path, data: Path) -> None:
    first = submit(workspace, tmp_path, f"open({str(data)!r}).read()")
    content = data.read_bytes()
    data.unlink()
    data.write_bytes(content)
    assert only(workspace.runs.data.list(first)).now is FileNow.SAME
    second = to_end(workspace, workspace.runs.rerun(first))
    assert workspace.runs.data.differences(second) == ()
    assert "desktop_aml.data_changed" not in workspace.runs.get(second).properties
    assert not any(row.differs() for row in workspace.runs.compare((first, second)).rows if row.name == str(data))


def test_other_bytes_of_the_same_size_and_time_are_seen(workspace: Workspace, tmp_path: Path, data: Path) -> None:
    first = submit(workspace, tmp_path, f"open({str(data)!r}).read()")
    before = data.stat()
    data.write_text("x,y\n1,3\n")
    os.utime(data, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert only(workspace.runs.data.changed(first)).now is FileNow.CHANGED
    second = to_end(workspace, workspace.runs.rerun(first))
    assert [one.path for one in workspace.runs.data.differences(first)] == [str(data)]
    assert [one.other_run for one in workspace.runs.data.differences(second)] == [first]


def test_a_file_that_its_own_run_changed_before_it_was_hashed_is_said_to_have(
    workspace: Workspace, tmp_path: Path, data: Path
) -> None:
    code = f"import os\nopen({str(data)!r}).read()\nopen({str(data)!r}, 'a').write('3,4')"
    found = only(workspace.runs.data.list(submit(workspace, tmp_path, code)))
    assert (found.content, found.sha256, found.now) == (Content.CHANGED, "", FileNow.CHANGED)
    assert (
        "it changed before it was hashed"
        in CliRunner().invoke(cli, ["run", "show", "latest", "-w", str(workspace.path)]).output
    )


def test_a_file_more_in_a_folder_is_other_data(workspace: Workspace, tmp_path: Path, data: Path) -> None:
    code = f"import glob\nprint(sum(len(open(name).read()) for name in glob.glob({str(data.parent / '*')!r})))"
    first = submit(workspace, tmp_path, code)
    assert {(one.path, one.how) for one in workspace.runs.data.list(first)} == {
        (str(data), ReadHow.OPENED),
        (str(data.parent), ReadHow.LISTED),
    }
    (data.parent / "more.csv").write_text("5,6\n")
    assert [one.path for one in workspace.runs.data.changed(first)] == [str(data.parent)]
    second = to_end(workspace, workspace.runs.rerun(first))
    assert {one.path for one in workspace.runs.data.differences(second)} == {
        str(data.parent),
        str(data.parent / "more.csv"),
    }


def test_files_that_no_python_opens_are_known_by_their_names_in_arguments_and_code(
    workspace: Workspace, tmp_path: Path, data: Path
) -> None:
    other = tmp_path / "other.bin"
    other.write_bytes(b"1")
    # As a library in C does, unseen by Python.
    code = f"import subprocess, sys\nsubprocess.run(['cat', sys.argv[1][7:] + '/rows.csv', {str(other)!r}], check=True)"
    first = submit(workspace, tmp_path, code, f"--data={data.parent}")
    found = {one.path: one.how for one in workspace.runs.data.list(first)}
    assert found == {
        str(data.parent): ReadHow.LISTED,
        str(data): ReadHow.ARGUMENT,
        str(other): ReadHow.CODE,
    }
    other.write_bytes(b"2")
    assert [one.path for one in workspace.runs.data.changed(first)] == [str(other)]


def test_a_file_that_a_run_found_on_a_machine_of_its_own_has_not_changed_here(
    workspace: Workspace, tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = AttemptFiles.claim

    def elsewhere(files: AttemptFiles) -> Claim | None:
        return replace(found, machine="me@lab1") if (found := claim(files)) is not None else None

    monkeypatch.setattr(AttemptFiles, "claim", elsewhere)
    line = json.dumps({"path": str(data), "size": 99, "ns": 1, "id": "1-2-3", "how": "opened"}) + "\n"
    code = f"import os\nopen(os.environ['DESKTOP_AML_RUN_DIR'] + '/logs/files_read.jsonl', 'a').write({line!r})"
    found = only(workspace.runs.data.list(submit(workspace, tmp_path, code)))
    assert (found.now, found.content, found.has_changed()) == (FileNow.ELSEWHERE, Content.ELSEWHERE, False)
    shown = CliRunner().invoke(cli, ["run", "show", "latest", "-w", str(workspace.path)]).output
    assert f"{data} (not on this computer)" in shown


def test_what_a_run_writes_is_not_its_data(workspace: Workspace, tmp_path: Path, data: Path) -> None:
    code = "import sys\nopen(sys.argv[1] + '/result.csv', 'w').write('1')\nopen(sys.argv[2], 'w').write('2')"
    first = submit(workspace, tmp_path, code, str(tmp_path / "data"), str(data))
    assert workspace.runs.data.changed(first) == ()


def test_odd_names_and_forged_lines_disturb_nobody(workspace: Workspace, tmp_path: Path, data: Path) -> None:
    odd = os.fsdecode(os.fsencode(data.parent) + b"/\xff\n.csv")
    Path(odd).write_text("1")
    lines = [
        "[]",
        "1",
        "no JSON",
        '{"path": "relative", "size": 1, "at": 1}',
        '{"path": "/\\ud800", "size": 1, "at": 1}',
        '{"path": "/x", "size": 1e400, "at": 1}',
        '{"path": "/x", "size": 99999999999999999999, "ns": 1}',
        '{"path": "/x", "size": 1, "at": NaN}',
        '{"path": "/x", "size": 1, "ns": 1, "how": "magic"}',
        '{"path": "/' + "x" * 5000 + '", "size": 1, "ns": 1}',
        "[" * 5000,
    ]
    code = (
        f"import os\nopen(os.fsencode({os.fsencode(odd)!r})).read()\n"
        f"lines = {chr(10).join([*lines, ''])!r}\n"
        "open(os.environ['DESKTOP_AML_RUN_DIR'] + '/logs/files_read.jsonl', 'a').write(lines)"
    )
    first = submit(workspace, tmp_path, code)
    found = only(workspace.runs.data.list(first))
    assert (found.path, found.content) == (odd, Content.HASHED)
    for command in ("show", "rerun"):
        done = CliRunner().invoke(cli, ["run", command, first, "-w", str(workspace.path)])
        assert done.exit_code == 0, done.output


def test_what_was_read_comes_back_when_the_database_is_rebuilt(
    workspace: Workspace, tmp_path: Path, data: Path
) -> None:
    first = submit(workspace, tmp_path, f"open({str(data)!r}).read()")
    before = workspace.runs.data.list(first)
    workspace.close()
    assert rebuild(workspace.path).problems == []
    opened = Workspace.open(workspace.path)
    try:
        assert opened.runs.data.list(first) == before
        assert before[0].content is Content.HASHED
    finally:
        opened.close()
