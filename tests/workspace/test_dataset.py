"""Data is registered from files, its columns are known, and versions are compared."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.cli import main
from desktop_aml.domain.errors import InvalidInput, NotFound
from desktop_aml.sdk import answers_of
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.dataset.profiling import ColumnProfile
from tests.conftest import wait_until

ROWS = """id,price,when,sold,color,empty
1,1.5,2026-01-01,true,red,
2,NA,2026-01-02,false,blue,
3,2.5,2026-01-03,true,red,
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "lab") as made:
        made.start_engine(answer=answers_of(made))
        yield made


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text(ROWS)
    return path


def columns_of(workspace: Workspace, path: Path) -> dict[str, ColumnProfile]:
    made = workspace.datasets.register_files([path], name="t")
    return {one.name: one for one in workspace.datasets.profile(made).columns}


def test_a_csv_file_is_a_table_with_known_columns(workspace: Workspace, rows: Path) -> None:
    found = columns_of(workspace, rows)
    assert {name: one.kind for name, one in found.items()} == {
        "id": "whole",
        "price": "number",
        "when": "date",
        "sold": "truth",
        "color": "text",
        "empty": "empty",
    }
    assert (found["price"].missing, found["price"].least, found["price"].greatest) == (1, 1.5, 2.5)
    assert found["price"].mean == 2.0
    assert found["color"].top == (("red", 2),)
    assert found["empty"].missing == 3
    assert sum(found["id"].histogram) == 3


def test_a_table_of_a_spreadsheet_in_utf_16_has_its_columns(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text("größe,name\r\n1.5,é\r\n2.5,ü\r\n", encoding="utf-16")
    assert {name: one.kind for name, one in columns_of(workspace, path).items()} == {"größe": "number", "name": "text"}


@pytest.mark.parametrize("text", ["a;b\n1;2,5\n", "a|b\n1|2,5\n", '"a";b\n"1";"2,5"\n'])
def test_a_table_of_a_spreadsheet_has_the_columns_that_its_first_line_tells(
    workspace: Workspace, tmp_path: Path, text: str
) -> None:
    (tmp_path / "rows.csv").write_text(text)
    made = workspace.datasets.register_files([tmp_path / "rows.csv"], name="t")
    assert workspace.datasets.rows(made) == ({"a": "1", "b": "2,5"},)
    assert [one.name for one in workspace.datasets.profile(made).columns] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("x\n1\n2\n", "whole"),
        ("x\n1\n2.0\n", "number"),
        ("x\n1e308\n-1e308\n", "number"),
        ("x\n1_000\n2\n", "text"),
        ("x\n1\ntwo\n", "text"),
        ("x\ninf\n1\n", "number"),
        ("x\ntrue\n1\n", "text"),
        ("x\n2026-11-29T10:00:00Z\n", "date"),
        ("\ufeffx\n1\n", "whole"),
    ],
)
def test_the_kind_of_a_column_is_that_of_all_its_values(
    workspace: Workspace, tmp_path: Path, text: str, kind: str
) -> None:
    path = tmp_path / "one.csv"
    path.write_text(text)
    found = columns_of(workspace, path)
    assert {name: one.kind for name, one in found.items()} == {"x": kind}


def test_rows_that_are_shorter_or_have_other_keys_count_as_missing(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "short.csv").write_text("a,b\n1\n2,3\n")
    assert columns_of(workspace, tmp_path / "short.csv")["b"].missing == 1
    (tmp_path / "rows.jsonl").write_text('{"a": 1}\n{"a": 2, "b": null}\n{"b": 7}\n')
    found = columns_of(workspace, tmp_path / "rows.jsonl")
    assert (found["a"].missing, found["b"].missing, found["b"].count) == (1, 2, 3)


def test_azure_code_reads_what_was_registered_by_path(workspace: Workspace, rows: Path, tmp_path: Path) -> None:
    workspace.datasets.register_files([rows], name="rows")
    script = tmp_path / "train/script.py"
    script.parent.mkdir()
    script.write_text(
        "from azureml.core import Dataset, Run\n"
        "ws = Run.get_context().experiment.workspace\n"
        "print(Dataset.get_by_name(ws, 'rows')._files()[0].path)\n"
    )
    run = workspace.runs.submit(script)
    assert workspace.runs.wait(run, timeout_s=120).summary.error == ""
    assert str(rows).encode() in workspace.runs.files.read_log(run).data


def test_a_folder_is_files_and_the_same_bytes_are_the_same_version(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures/a.png").write_bytes(b"a")
    first = workspace.datasets.register_files([tmp_path / "pictures"], name="pictures")
    again = workspace.datasets.register_files([tmp_path / "pictures"], name="pictures")
    assert (first.kind, first.version, again.version) == ("file", 1, 1)
    (tmp_path / "pictures/b.png").write_bytes(b"b")
    second = workspace.datasets.register_files([tmp_path / "pictures"], name="pictures")
    assert second.version == 2
    found = workspace.datasets.diff(first, second)
    assert (found.added, found.removed, found.changed) == (("b.png",), (), ())
    with pytest.raises(InvalidInput, match="files, no table"):
        workspace.datasets.profile(second)


def test_versions_in_files_of_their_own_are_compared_by_column(workspace: Workspace, tmp_path: Path) -> None:
    for month, text in (("one", "a,b\n1,x\n2,y\n"), ("two", "a,c\n1,x\n9,y\n5,\n")):
        (tmp_path / month).mkdir()
        (tmp_path / month / "rows.csv").write_text(text)
    old = workspace.datasets.register_files([tmp_path / "one/rows.csv"], name="rows")
    new = workspace.datasets.register_files([tmp_path / "two/rows.csv"], name="rows")
    found = workspace.datasets.diff(old, new)
    assert found.changed == ("rows.csv",)
    assert found.rows == (2, 3)
    changes = {one.name: one for one in found.columns}
    assert changes["b"].after is None
    assert changes["c"].before is None
    assert changes["a"].before is not None
    assert changes["a"].before.greatest == 2.0
    assert changes["a"].after is not None
    assert changes["a"].after.greatest == 9.0


def test_bytes_that_are_gone_are_not_compared_as_if_they_were_there(workspace: Workspace, rows: Path) -> None:
    old = workspace.datasets.register_files([rows], name="rows")
    rows.write_text(ROWS + "4,1,2026-01-04,true,red,\n")
    new = workspace.datasets.register_files([rows], name="rows")
    found = workspace.datasets.diff(old, new)
    assert found.changed == ("rows.csv",)
    assert found.columns == ()
    assert "other bytes" in found.why_no_columns


def test_the_runs_that_read_it_are_known(workspace: Workspace, rows: Path, tmp_path: Path) -> None:
    made = workspace.datasets.register_files([rows], name="rows")
    assert workspace.datasets.used_by(made) == ()
    script = tmp_path / "train/script.py"
    script.parent.mkdir()
    script.write_text(f"open({str(rows)!r}).read()\n")
    run = workspace.runs.submit(script)
    workspace.runs.wait(run, timeout_s=120)
    # What was read is hashed beside the run, perhaps after its end.
    wait_until(lambda: workspace.datasets.used_by(made) == (run,), "the run to be known")


def test_what_is_not_there_is_named(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no file"):
        workspace.datasets.register_files([tmp_path / "gone.csv"], name="x")
    (tmp_path / "bare").mkdir()
    with pytest.raises(NotFound, match="no file in the folder"):
        workspace.datasets.register_files([tmp_path / "bare"], name="x")
    with pytest.raises(InvalidInput, match="at least one"):
        workspace.datasets.register_files([], name="x")


def test_the_first_rows_of_a_table_are_shown_in_words_and_as_json(
    workspace: Workspace,
    rows: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(workspace.path)
    workspace.datasets.register_files([rows], name="t")
    assert main(["dataset", "preview", "t", "--rows", "2"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert (head.split()[:2], len(lines)) == (["ID", "PRICE"], 2)
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n{"b": [2, null]}\n')
    workspace.datasets.register_files([tmp_path / "a.jsonl"], name="j")
    assert main(["dataset", "preview", "j", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"a": 1}, {"b": [2, None]}]
    assert main(["dataset", "preview", "j"]) == 0
    assert capsys.readouterr().out.split("\n")[0].split() == ["A", "B"]
    (tmp_path / "b.jsonl").write_text('{"a": 1}\nno\n')
    workspace.datasets.register_files([tmp_path / "b.jsonl"], name="b")
    assert main(["dataset", "preview", "b"]) != 0
    assert "Line 2 of" in capsys.readouterr().err
    assert main(["dataset", "preview", "b:7"]) != 0
    assert "Its only version is 1." in capsys.readouterr().err
    (tmp_path / "a.txt").write_text("words")
    workspace.datasets.register_files([tmp_path / "a.txt"], name="f")
    assert main(["dataset", "preview", "f"]) != 0
    assert "cannot be read here: it is files, no table" in capsys.readouterr().err
