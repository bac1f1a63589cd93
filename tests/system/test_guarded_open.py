"""The guarded open: plain files only, and never a wait."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop_aml.system.files import append_to_regular, make_own, open_regular, own_folder


def test_a_plain_file_is_read_and_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "a"
    for _ in range(2):
        with append_to_regular(path) as stream:
            stream.write(b"x")
    with open_regular(path) as stream:
        assert stream.read() == b"xx"


@pytest.mark.parametrize("kind", ["fifo", "folder", "device", "link", "socket"])
@pytest.mark.parametrize("opened", [open_regular, append_to_regular])
def test_anything_else_is_refused_at_once(tmp_path: Path, kind: str, opened, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    (tmp_path / "plain").write_text("x")
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path = Path("/dev/zero")
    elif kind == "link":
        path.symlink_to(tmp_path / "plain")
    else:
        import socket

        monkeypatch.chdir(tmp_path)
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind("a")
    with pytest.raises(OSError, match=r"\[Errno"):
        opened(path)


def test_a_link_is_followed_where_the_user_named_it(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "plain")
    with open_regular(tmp_path / "link", follow_links=True) as stream:
        assert stream.read() == b"x"
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "to-fifo").symlink_to(tmp_path / "fifo")
    with pytest.raises(OSError, match="not a plain file"):
        open_regular(tmp_path / "to-fifo", follow_links=True)


def test_a_folder_is_the_one_that_was_held_and_never_a_link(tmp_path: Path) -> None:
    run, elsewhere = tmp_path / "run", tmp_path / "elsewhere"
    (elsewhere / "1").mkdir(parents=True)
    make_own(run / "attempts/1", within=tmp_path)
    with own_folder(run / "attempts/1", within=run) as place:
        (run / "attempts").rename(run / "was")
        (run / "attempts").symlink_to(elsewhere)
        (place / "exit.json").write_text("mine")
    assert (run / "was/1/exit.json").read_text() == "mine"
    for folder in (run / "attempts/1", run / "attempts", run / "attempts/2"):
        with pytest.raises(NotADirectoryError):
            make_own(folder, within=run)
    with pytest.raises(FileNotFoundError), own_folder(run / "gone", within=run):
        pass
    assert not (elsewhere / "1/exit.json").exists()
