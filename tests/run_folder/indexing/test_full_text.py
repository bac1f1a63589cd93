"""Words in logs and source are found through an index of their own, which holds a bounded part of each run."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.errors import StorageError
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.runs import RunQuery
from desktop_aml.run_folder import snapshot
from desktop_aml.run_folder.indexing import full_text
from desktop_aml.store import runs
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.full_text import index
from desktop_aml.store.run_table.view import RunView


class Ended:
    """A workspace's folder with runs that ended, without an engine."""

    def __init__(self, root: Path) -> None:
        root.mkdir()
        self.folder = WorkspaceFolder(root)
        self.db = Database(self.folder.database, read_only=False)

    def add(self, run_id: str, log: str = "", source: dict[str, str] | None = None) -> None:
        request = SubmitRun(
            run_id=run_id, experiment="e", script="s.py", environment="v", display_name=f"name {run_id}"
        )
        with self.db.transaction():
            runs.insert(self.db, request, environment="v", version=None, seed=0, at=1.0)
            self.db.run("UPDATE run SET state = 'Completed', ended_at = 2.0 WHERE id = ?", (run_id,))
        directory = self.folder.run(run_id)
        (directory / "logs").mkdir(parents=True)
        (directory / "logs" / "std_log.txt").write_text(log)
        code = self.folder.root.parent / f"code-{run_id}"
        code.mkdir()
        for name, text in (source or {"s.py": "pass\n"}).items():
            (code / name).write_text(text)
        snapshot.take(code, directory, self.folder.blobs)

    def found(self, words: str, *kinds: str) -> set[str]:
        return set(index.found(self.folder.full_text, kinds or ("log", "source"), words))

    def searched(self, text: str) -> tuple[set[str], int]:
        view = RunView(self.folder.database)
        try:
            shown = view.apply(RunQuery(search=text))
            return {run.id for run in view.page(shown.token, 0, 100) if run is not None}, shown.behind
        finally:
            view.close()


@pytest.fixture
def ended(tmp_path: Path) -> Iterator[Ended]:
    made = Ended(tmp_path / "ws")
    yield made
    made.db.close()


def test_words_are_found_in_logs_and_source_and_anywhere(ended: Ended) -> None:
    ended.add("a", "Epoch 1\nRuntimeError: CUDA out of memory.\n", {"s.py": "from x import train_test_split\n"})
    ended.add("b", "memory of being out\nÜber-Größe\n", {"s.py": "x = 1\n", "notes.md": "CUDA is used\n"})
    assert ended.searched('log ~ "out of memory"') == (set(), 2)
    assert full_text.catch_up(ended.folder, 10) == 0
    assert ended.searched('log ~ "out of memory"') == ({"a"}, 0)
    assert ended.searched("log ~ 'cuda out of mem'") == ({"a"}, 0)
    assert ended.searched("source ~ train_test_split") == ({"a"}, 0)
    assert ended.searched("source ~ cuda") == ({"b"}, 0)
    assert ended.searched("text ~ cuda") == ({"a", "b"}, 0)
    assert ended.searched('text ~ "name b" or log ~ epoch') == ({"a", "b"}, 0)
    assert ended.searched("not log ~ uber") == ({"a"}, 0)
    assert ended.searched("log ~ grosse") == (set(), 0)
    assert ended.searched("log ~ große and state = completed") == ({"b"}, 0)


@pytest.mark.parametrize(
    "words", ['"', "a OR b", "NEAR(a b)", "log:x", "*", "", "a\0b", "-a", "^x", "x" * 5000, "a' OR 1=1 --"]
)
def test_no_words_are_read_as_a_query(ended: Ended, words: str) -> None:
    ended.add("a", "nothing of it\n")
    full_text.catch_up(ended.folder, 10)
    assert ended.found(words) == set()


def test_a_long_log_is_indexed_at_its_begin_and_its_end(ended: Ended) -> None:
    filler = "".join(f"line {number} goes on\n" for number in range(30_000))
    ended.add(
        "a", f"firstword\n{filler}middleword\n{filler}lastword\n", {"a.bin": "x", "s.py": "#" * 300_000 + "\ntoofar"}
    )
    full_text.catch_up(ended.folder, 10)
    assert [ended.found(word) for word in ("firstword", "lastword", "middleword", "toofar")] == [
        {"a"},
        {"a"},
        set(),
        set(),
    ]


def test_what_runs_share_is_kept_once_and_goes_with_the_last_of_them(ended: Ended) -> None:
    for run_id in ("a", "b"):
        ended.add(run_id, f"log of {run_id}", {"s.py": "shared = True\n"})
    full_text.catch_up(ended.folder, 10)
    kept = lambda: sqlite3.connect(ended.folder.full_text).execute("SELECT count(*) FROM word").fetchone()[0]  # noqa: E731
    assert kept() == 3
    for gone, left in (("a", {"b"}), ("b", set())):
        with ended.db.transaction():
            ended.db.run("DELETE FROM run WHERE id = ?", (gone,))
        full_text.catch_up(ended.folder, 10)
        assert ended.found("shared") == left
    assert kept() == 0


def test_a_run_that_ends_again_is_read_again(ended: Ended) -> None:
    ended.add("a", "first attempt failed")
    full_text.catch_up(ended.folder, 10)
    (ended.folder.run("a") / "logs" / "std_log.txt").write_text("second went well")
    with ended.db.transaction():
        ended.db.run("UPDATE run SET attempt = 2, ended_at = 9.0 WHERE id = 'a'")
    full_text.catch_up(ended.folder, 10, only=["a"])
    assert (ended.found("failed"), ended.found("second")) == (set(), {"a"})


def test_a_short_time_indexes_a_part_and_says_what_is_left(ended: Ended) -> None:
    for number in range(25):
        ended.add(f"r{number}", "words\n")
    times = iter([0.0, 0.5, 2.0])
    assert full_text.catch_up(ended.folder, 1.0, clock=lambda: next(times)) == 5
    assert len(ended.found("words")) == 20
    assert ended.searched("log ~ words")[1] == 5
    assert "r24" in ended.found("words"), "the newest first"


@pytest.mark.parametrize("data", [b"no database", b"SQLite format 3\0" + bytes(4000)])
def test_a_damaged_index_is_made_again(ended: Ended, data: bytes) -> None:
    ended.add("a", "words\n")
    ended.folder.full_text.write_bytes(data)
    assert ended.found("words") == set()
    assert full_text.catch_up(ended.folder, 10) == 0
    assert ended.found("words") == {"a"}
    assert ended.folder.full_text.stat().st_mode & 0o077 == 0 or os.name == "nt"


def test_an_index_that_another_process_holds_stays(ended: Ended, monkeypatch: pytest.MonkeyPatch) -> None:
    ended.add("a", "words\n")
    full_text.catch_up(ended.folder, 10)
    ended.add("b", "words\n")
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *given, **named: connect(*given, **{**named, "timeout": 0.0}))
    other = connect(ended.folder.full_text, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="locked"):
        full_text.catch_up(ended.folder, 10)
    other.execute("ROLLBACK")
    other.close()
    assert ended.found("words") == {"a"}
    assert full_text.catch_up(ended.folder, 10) == 0
    assert ended.found("words") == {"a", "b"}


def test_what_stands_in_the_place_of_the_index_is_not_opened(ended: Ended) -> None:
    ended.add("a", "words\n")
    os.mkfifo(ended.folder.full_text)
    with pytest.raises(StorageError, match="no plain file"):
        full_text.catch_up(ended.folder, 10)
    assert ended.searched("log ~ words") == (set(), 1)


def test_odd_folders_of_runs_hold_up_nothing(ended: Ended) -> None:
    for run_id in ("a", "b", "c"):
        ended.add(run_id, "words\n")
    log = ended.folder.run("a") / "logs" / "std_log.txt"
    log.unlink()
    os.mkfifo(log)
    (ended.folder.run("b") / "snapshot.json").write_text('[{"path": 1}]')
    assert full_text.catch_up(ended.folder, 10) == 0
    assert ended.found("words") == {"b", "c"}
