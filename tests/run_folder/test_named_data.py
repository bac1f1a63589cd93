"""Data that a run names in its code."""

from __future__ import annotations

import json
import os
from pathlib import Path

from desktop_aml.domain.runs import Artifact
from desktop_aml.run_folder import named_data


def test_what_an_attempt_before_left_in_the_place_of_the_code_holds_up_nobody(tmp_path: Path) -> None:
    data, run = tmp_path / "rows.csv", tmp_path / "space" / "runs" / "1"
    data.write_text("1\n")
    (run / "snapshot").mkdir(parents=True)
    (run / "logs").mkdir()
    os.mkfifo(run / "snapshot" / "a.py")
    (run / "snapshot" / "b.py").symlink_to("/dev/zero")
    (run / "snapshot" / "d.py").write_text(f"open({str(data)!r})\n")
    code = [Artifact(f"{name}.py", 10, "0" * 64) for name in "abcd"]
    named_data.note(run, (), code, {})
    [line] = (run / "logs" / "files_read.jsonl").read_text().splitlines()
    assert json.loads(line)["path"] == str(data)


def test_what_the_workspace_keeps_for_itself_is_no_data_of_a_run_that_names_its_folder(tmp_path: Path) -> None:
    space = tmp_path / "space"
    run = space / "runs" / "1"
    (run / "logs").mkdir(parents=True)
    for name in ("desktop_aml.db", "desktop_aml.db-wal", "engine.lock", "blobs/ab/c", "datastores/d/x.csv", "own.csv"):
        (space / name).parent.mkdir(parents=True, exist_ok=True)
        (space / name).write_text("1")
    named_data.note(run, (f"--data={space}",), (), {})
    lines = (run / "logs" / "files_read.jsonl").read_text().splitlines()
    found = {json.loads(line)["path"].rpartition("/")[2] for line in lines}
    assert {"x.csv", "own.csv"} <= found
    assert found.isdisjoint({"desktop_aml.db", "desktop_aml.db-wal", "engine.lock", "c"})
