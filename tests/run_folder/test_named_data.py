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
