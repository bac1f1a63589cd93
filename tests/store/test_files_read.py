"""What runs read, in the database."""

from __future__ import annotations

from pathlib import Path

from desktop_aml.domain.files_read import Content, FileRecord, ReadHow
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.store import files_read, runs
from desktop_aml.store.database import Database


def test_a_hash_of_what_was_named_is_not_taken_for_one_of_what_was_opened_meanwhile(tmp_path: Path) -> None:
    named = FileRecord("/d.csv", 8, 1, "1-2-3", ReadHow.CODE, "", Content.PENDING)
    opened = FileRecord("/d.csv", 9, 2, "1-2-4", ReadHow.OPENED, "", Content.PENDING)
    request = SubmitRun(run_id="r", experiment="e", script="s.py", environment="x")
    with Database(tmp_path / "desktop_aml.db", read_only=False) as db, db.transaction():
        runs.insert(db, request, environment="x", version=None, seed=0, at=1.0)
        for record in (named, opened):
            files_read.add(db, "r", [record], position=0, more=False)
        files_read.set_content(db, "r", named, Content.HASHED, "ab" * 32)
        assert files_read.of_run(db, "r") == (opened,)
        files_read.set_content(db, "r", opened, Content.HASHED, "cd" * 32)
        assert [one.content for one in files_read.of_run(db, "r")] == [Content.HASHED]
