"""Word of files that come into a folder, without looking."""

from __future__ import annotations

import os
import queue
import sys
import threading
from pathlib import Path

import pytest

from desktop_aml.system.files import write_durably
from desktop_aml.system.folder_watch import arrivals
from tests.conftest import DEADLINE_S


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_each_file_that_is_made_or_moved_there_is_told_by_its_name(tmp_path: Path) -> None:
    told = queue.SimpleQueue[str]()
    folder = tmp_path / "watched"
    folder.mkdir()
    (folder / "before").touch()
    with arrivals(folder, told.put):
        (folder / "é\udcff made").touch()
        (folder / "before").unlink()
        write_durably(folder / "moved.json", b"x")
        names = set[str]()
        while "moved.json" not in names:
            names.add(told.get(timeout=DEADLINE_S))
    assert "é\udcff made" in names
    assert "before" not in names


def test_where_nothing_can_be_watched_nothing_is_told_and_nothing_fails(tmp_path: Path) -> None:
    with arrivals(tmp_path / "none", lambda _: None):
        pass


def test_nobody_listens_any_more_at_the_end(tmp_path: Path) -> None:
    with arrivals(tmp_path, lambda _: None):
        pass
    assert not [one for one in threading.enumerate() if one.name == "folder-watch"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_without_a_thread_for_it_nothing_is_told_and_nothing_stays_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_files() -> list[str]:
        return sorted(os.listdir("/proc/self/fd"))  # noqa: PTH208 - its own descriptor has the same number each time

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    before = open_files()
    monkeypatch.setattr(threading.Thread, "start", refuse)
    with arrivals(tmp_path, lambda _: None):
        assert open_files() == before
