"""The names of files that are written durably are flushed at once, or once for several."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from desktop_aml.system import name_flushes
from desktop_aml.system.files import write_durably


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """Return what was flushed so far: the name of the folder, and the names that were in it then."""
    found: list[tuple[str, list[str]]] = []

    def flush(folder: Path) -> None:
        found.append((folder.name, sorted(one.name for one in folder.iterdir() if one.is_file())))

    monkeypatch.setattr(name_flushes.own, "flush_folder", flush)
    return found


def test_each_folder_is_flushed_once_when_all_of_it_is_written(
    tmp_path: Path, flushed: list[tuple[str, list[str]]]
) -> None:
    (tmp_path / "in").mkdir()
    with name_flushes.together():
        write_durably(tmp_path / "a", b"1")
        with name_flushes.together():
            write_durably(tmp_path / "in" / "b", b"2")
        write_durably(tmp_path / "c", b"3")
        assert flushed == []
    assert flushed == [(tmp_path.name, ["a", "c"]), ("in", ["b"])]
    write_durably(tmp_path / "d", b"4")
    assert flushed[2:] == [(tmp_path.name, ["a", "c", "d"])]


def test_what_fails_and_other_threads_leave_nothing_waiting(
    tmp_path: Path, flushed: list[tuple[str, list[str]]]
) -> None:
    (tmp_path / "folder").mkdir()

    def write() -> None:
        with name_flushes.together():
            thread = threading.Thread(target=write_durably, args=(tmp_path / "a", b"1"))
            thread.start()
            thread.join()
            assert len(flushed) == 1
            write_durably(tmp_path / "folder", b"2")

    with pytest.raises(IsADirectoryError):
        write()
    write_durably(tmp_path / "c", b"3")
    assert flushed[1:] == [(tmp_path.name, ["a", "c"])]
