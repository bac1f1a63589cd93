"""The guarded open: plain files only, and never a wait."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop_aml.system.files import append_to_regular, open_regular


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
