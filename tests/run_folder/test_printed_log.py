"""What a script printed becomes a journal of its run, once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop_aml.domain.journal import decode
from desktop_aml.run_folder.printed_log import JOURNAL, note_printed


@pytest.fixture
def run(tmp_path: Path) -> Path:
    for name in ("journal", "logs"):
        (tmp_path / name).mkdir()
    return tmp_path


def values(run: Path) -> list[tuple[str, object]]:
    batch = decode((run / "journal" / JOURNAL).read_bytes())
    assert batch.damaged == 0
    return [(point[0], point[3]) for _, point in batch.captured.points]


def test_values_are_read_in_order_and_only_once(run: Path) -> None:
    log = run / "logs" / "std_log.txt"
    log.write_bytes(b"hello\nloss: 2\r\nprogress 1 %\rprogress: 3\nloss: 1\n\xff\xfe: 3\nlast: 9")
    note_printed(run)
    assert values(run) == [("loss", 2.0), ("progress", 3.0), ("loss", 1.0), ("last", 9.0)]
    log.write_bytes(b"other: 1\n")
    note_printed(run)
    assert len(values(run)) == 4


def test_of_a_long_log_the_end_is_read(run: Path) -> None:
    filling = b"nothing of it is a result\n" * 400_000
    (run / "logs" / "std_log.txt").write_bytes(b"first: 1\n" + filling + b"final: 2\n")
    note_printed(run)
    assert values(run) == [("final", 2.0)]


@pytest.mark.parametrize("kind", ["nothing", "no log", "no file"])
def test_a_log_without_values_leaves_no_journal(run: Path, kind: str) -> None:
    log = run / "logs" / "std_log.txt"
    if kind == "nothing":
        log.write_text("hello\n")
    elif kind == "no file":
        os.mkfifo(log)
    note_printed(run)
    assert list((run / "journal").iterdir()) == []
