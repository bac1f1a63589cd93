"""Files that a run reads and that do not travel with it are remembered."""

from __future__ import annotations

import json
from pathlib import Path

from tests.inside_run.run_folder import RunFolder

READS = """
import multiprocessing, os, sys, sqlite3, tempfile
elsewhere = {elsewhere!r}
open(os.path.join(elsewhere, "rows.csv")).read()
open(os.path.join(elsewhere, "rows.csv"), "rb").read()
os.close(os.open(os.path.join(elsewhere, "raw.bin"), os.O_RDONLY))
sqlite3.connect(os.path.join(elsewhere, "some.db")).execute("SELECT 1").fetchone()
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
    for name in ("rows.csv", "raw.bin", "some.db"):
        (elsewhere / name).write_bytes(b"")
    (elsewhere / "rows.csv").write_text("1,2\n")
    (run_folder.path / "snapshot" / "beside.txt").write_text("travels")
    done = run_folder.script(python, READS.format(elsewhere=str(elsewhere)))
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
    log = run_folder.path / "logs" / "files_read.jsonl"
    if not log.exists():
        assert "3.6" in python or "3.7" in python, "older Pythons do not tell"
        return
    found = {entry["path"]: entry for entry in map(json.loads, log.read_text().splitlines())}
    assert set(found) == {str(elsewhere / name) for name in ("rows.csv", "raw.bin", "some.db")}
    assert found[str(elsewhere / "rows.csv")]["size"] == 4
    assert len(log.read_text().splitlines()) <= 4, "the same file by another name may come twice"


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
