"""Files that a run reads and that do not travel with it are remembered."""

from __future__ import annotations

import json
from pathlib import Path

from tests.inside_run.run_folder import RunFolder


def entries_of(run_folder: RunFolder) -> list[dict[str, object]]:
    """Return the entries with whole paths: the workspace's folder stands as a mark in them."""
    text = (run_folder.path / "logs" / "files_read.jsonl").read_text()
    return [json.loads(line) for line in text.replace("$(workspace)", str(run_folder.path.parents[1])).splitlines()]


READS = """
import multiprocessing, os, sys, sqlite3, tempfile, urllib.parse
elsewhere = {elsewhere!r}
open(os.path.join(elsewhere, "rows.csv")).read()
open(os.path.join(elsewhere, "rows.csv"), "rb").read()
os.close(os.open(os.path.join(elsewhere, "raw.bin"), os.O_RDONLY))
sqlite3.connect(os.path.join(elsewhere, "some.db")).execute("SELECT 1").fetchone()
uri = "file:" + urllib.parse.quote(os.path.join(elsewhere, "by uri.db"))
for named in (uri + "?mode=ro", uri.replace("file:", "file://") + "?mode=ro#part", "file::memory:?cache=shared"):
    sqlite3.connect(named, uri=True).execute("SELECT 1").fetchone()
open("beside.txt").read()
with open(os.path.join(elsewhere, "made.txt"), "w") as file:
    file.write("by the script itself")
open(os.path.join(elsewhere, "made.txt")).read()
os.chdir(elsewhere)
open("rows.csv").read()
for odd in ("nosuch.csv", "\\0", elsewhere):
    try:
        open(odd)
    except (OSError, ValueError):
        pass
print("done")
"""


def test_each_file_from_elsewhere_is_written_down_once_and_nothing_else(
    run_folder: RunFolder, python: str, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "data, elsewhere"
    elsewhere.mkdir()
    names = ("rows.csv", "raw.bin", "some.db", "by uri.db", "by uri.db-wal")
    for name in names:
        (elsewhere / name).write_bytes(b"")
    (elsewhere / "rows.csv").write_text("1,2\n")
    (run_folder.path / "snapshot" / "beside.txt").write_text("travels")
    done = run_folder.script(python, READS.format(elsewhere=str(elsewhere)))
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
    log = run_folder.path / "logs" / "files_read.jsonl"
    if not log.exists():
        assert "3.6" in python or "3.7" in python, "older Pythons do not tell"
        return
    entries = entries_of(run_folder)
    assert [entry["path"] for entry in entries if entry.get("written")] == [str(elsewhere)]
    found = {entry["path"]: entry for entry in entries if not entry.get("written")}
    assert set(found) == {str(elsewhere / name) for name in names}
    assert found[str(elsewhere / "rows.csv")]["size"] == 4
    assert len(entries) == len(names) + 1, "one by another name is the same file"
    at = (elsewhere / "rows.csv").stat()
    assert found[str(elsewhere / "rows.csv")]["ns"] == at.st_mtime_ns
    assert found[str(elsewhere / "rows.csv")]["id"] == f"{at.st_dev}-{at.st_ino}-{at.st_ctime_ns}"


LISTS = """
import glob, os, sys
glob.glob(sys.argv[1] + "/*")
list(os.scandir(sys.argv[2]))
open(sys.argv[2] + "/result.txt", "w").close()
open(sys.argv[3], "w").close()
"""


def test_a_folder_that_is_listed_is_written_down_and_one_for_results_taken_back(
    run_folder: RunFolder, edge_python: str, tmp_path: Path
) -> None:
    for name in ("data", "results"):
        (tmp_path / name).mkdir()
    (tmp_path / "data" / "a.csv").touch()
    old = tmp_path / "old.txt"
    old.write_text("an earlier result")
    script = f"import sys\nsys.argv = ['', {str(tmp_path / 'data')!r}, {str(tmp_path / 'results')!r}, {str(old)!r}]\n"
    done = run_folder.script(edge_python, script + LISTS)
    assert done.returncode == 0, done.stderr
    log = run_folder.path / "logs" / "files_read.jsonl"
    if not log.exists():
        return  # an older Python does not tell
    entries = entries_of(run_folder)
    assert {(e["path"], e["size"], e["how"]) for e in entries if "how" in e} == {
        (str(tmp_path / "data"), 1, "listed"),
        (str(tmp_path / "results"), 0, "listed"),
    }
    written = [entry["path"] for entry in entries if entry.get("written")]
    assert written == [str(tmp_path / "results"), str(old), str(tmp_path)]


def test_the_folders_of_packages_are_no_data(run_folder: RunFolder, edge_python: str, tmp_path: Path) -> None:
    package = tmp_path / "elsewhere" / "package" / "below"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").write_text("")
    (tmp_path / "data").mkdir()
    script = (
        f"import os, sys\nsys.path.append({str(package.parents[1])!r})\nimport package.below, azureml.core\n"
        f"from azureml.core import Run\nRun.get_context()\nprint(os.listdir({str(tmp_path / 'data')!r}))\n"
    )
    done = run_folder.script(edge_python, script)
    assert done.stdout == "[]\n", done.stderr
    if (run_folder.path / "logs" / "files_read.jsonl").exists():
        assert [entry["path"] for entry in entries_of(run_folder)] == [str(tmp_path / "data")]


def test_that_there_were_more_files_is_said_once(run_folder: RunFolder, edge_python: str, tmp_path: Path) -> None:
    for number in range(1010):
        (tmp_path / f"{number}.csv").touch()
    script = f"for n in range(1010): open({str(tmp_path)!r} + f'/{{n}}.csv').close()"
    assert run_folder.script(edge_python, script).returncode == 0
    log = run_folder.path / "logs" / "files_read.jsonl"
    if log.exists():
        lines = log.read_text().splitlines()
        assert len(lines) == 1001
        assert json.loads(lines[-1]) == {"more": 1000}


def test_a_script_goes_on_when_nothing_can_be_written_down(run_folder: RunFolder, tmp_path: Path, python: str) -> None:
    (tmp_path / "rows.csv").write_text("1")
    (run_folder.path / "logs" / "files_read.jsonl").mkdir()
    done = run_folder.script(python, f"print(open({str(tmp_path / 'rows.csv')!r}).read())")
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")


def test_it_can_be_switched_off(run_folder: RunFolder, tmp_path: Path, edge_python: str) -> None:
    (tmp_path / "rows.csv").write_text("1")
    run_folder.env_vars["DESKTOP_AML_FILES_READ"] = "off"
    run_folder.script(edge_python, f"open({str(tmp_path / 'rows.csv')!r})")
    assert not (run_folder.path / "logs" / "files_read.jsonl").exists()
