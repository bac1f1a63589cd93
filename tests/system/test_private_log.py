"""The program's log: bounded, its owner's alone, and whole when several processes write it."""

from __future__ import annotations

import logging
import subprocess
import sys
from pathlib import Path

import pytest

from desktop_aml.system import private_log
from desktop_aml.system.private_log import KEPT, PrivateLog

LIMIT = 4000
WRITES = """
import logging, sys
from pathlib import Path
from desktop_aml.system.private_log import PrivateLog
log = PrivateLog(Path(sys.argv[1]), 4000)
print("ready", flush=True)
sys.stdin.readline()
for number in range(150):
    log.emit(logging.LogRecord(sys.argv[2], logging.INFO, "", 1, f"{sys.argv[2]}-{number} {'x' * 40}", None, None))
"""


def record(words: str) -> logging.LogRecord:
    return logging.LogRecord("test", logging.INFO, "", 1, words, None, None)


def files_of(path: Path) -> list[Path]:
    return [one for one in path.parent.iterdir() if not one.name.endswith(".lock")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "engine.log"


def test_a_log_is_bounded_and_its_owners_alone(path: Path) -> None:
    log = PrivateLog(path, LIMIT)
    for number in range(1000):
        log.emit(record(f"{number} {'x' * 40}"))
    log.close()
    assert len(files_of(path)) == KEPT + 1
    assert sum(one.stat().st_size for one in files_of(path)) <= (KEPT + 1) * LIMIT
    assert path.read_text().splitlines()[-1].startswith("999 ")
    assert all(one.stat().st_mode & 0o077 == 0 for one in path.parent.iterdir())


def test_two_processes_lose_no_record_and_keep_the_bound(path: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITES, str(path), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for name in ("a", "b")
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.communicate("go\n")
        assert writer.returncode == 0
    files = sorted(files_of(path), key=lambda one: one.stat().st_mtime_ns)
    lines = [line for one in files for line in one.read_text().splitlines()]
    assert all(one.stat().st_size <= LIMIT + 200 for one in files)
    assert all(len(line.partition(" ")[2]) == 40 for line in lines), "no line is torn"
    for name in ("a", "b"):
        numbers = [int(line.split()[0].partition("-")[2]) for line in lines if line.startswith(f"{name}-")]
        assert sorted(numbers) == list(range(min(numbers), 150)), "of what is kept none is missing, none is twice"


def test_who_held_the_file_when_another_renamed_it_goes_on_in_the_new_one(path: Path) -> None:
    first, second = PrivateLog(path, LIMIT), PrivateLog(path, LIMIT)
    second.emit(record("before"))
    while not path.with_name("engine.log.1").exists():
        first.emit(record("x" * 80))
    second.emit(record("after"))
    assert path.read_text().splitlines()[-1] == "after"
    first.close()
    second.close()


def test_nobody_waits_for_who_renames(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = PrivateLog(path, LIMIT)
    monkeypatch.setattr(private_log, "try_lock", lambda _: False)
    for number in range(100):
        log.emit(record(f"{number} {'x' * 80}"))
    assert len(path.read_text().splitlines()) == 100
    monkeypatch.undo()
    log.emit(record("then"))
    assert path.read_text() == "then\n"
    log.close()


def test_a_log_that_was_removed_is_made_again(path: Path) -> None:
    log = PrivateLog(path, LIMIT)
    log.emit(record("one"))
    path.unlink()
    log.emit(record("two"))
    assert path.read_text() == "two\n"
    log.close()
