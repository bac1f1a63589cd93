"""Files: complete or absent, opened only when they are plain."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from desktop_aml.system import files


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for content in (b"one", b"", b"three" * 10_000):
        files.write_durably(path, content)
        assert path.read_bytes() == content
    assert [one.name for one in tmp_path.iterdir()] == ["a.json"]


def test_a_new_file_is_private_unless_a_wider_mode_is_asked_for(tmp_path: Path) -> None:
    files.write_durably(tmp_path / "a", b"")
    files.write_durably(tmp_path / "b", b"", mode=0o644)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o644


def test_what_vanishes_while_a_folder_is_counted_is_passed_over(tmp_path: Path) -> None:
    for name in ("first", "sub/file", "sub/deeper/file"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"abc")
    assert sum(look.st_size for look in files.looks_below(tmp_path) if stat.S_ISREG(look.st_mode)) == 9
    looking = files.looks_below(tmp_path)
    assert stat.S_ISDIR(next(looking).st_mode)
    (tmp_path / "first").unlink()
    (tmp_path / "sub").rename(tmp_path / "elsewhere")
    assert list(looking) == []


def test_a_full_disk_leaves_the_old_content_and_no_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    files.write_durably(path, b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.own, "flush_descriptor", full)
    with pytest.raises(OSError, match="No space"):
        files.write_durably(path, b"new")
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_bytes_are_flushed_before_the_name_and_the_name_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    seen = []
    monkeypatch.setattr(files.own, "flush_descriptor", lambda _: seen.append(("bytes", path.exists())))
    monkeypatch.setattr(files.own, "flush_folder", lambda folder: seen.append((folder, path.exists())))
    files.write_durably(path, b"new")
    assert seen == [("bytes", False), (tmp_path, True)]


def test_what_need_not_last_is_whole_and_waits_for_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.own, "flush_descriptor", lambda _: pytest.fail("flushed"))
    monkeypatch.setattr(files.own, "flush_folder", lambda _: pytest.fail("flushed"))
    path = tmp_path / "a"
    for content in (b"one", b"two" * 1000):
        files.write_whole(path, content)
        assert path.read_bytes() == content
    monkeypatch.setattr(files.os, "replace", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    with pytest.raises(OSError, match="full"):
        files.write_whole(path, b"three")
    assert path.read_bytes() == b"two" * 1000
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_a_new_file_takes_no_others_place(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert files.write_where_free(path, b"one")
    assert not files.write_where_free(path, b"two")
    assert path.read_bytes() == b"one"
    assert path.stat().st_mode & 0o777 == files.PRIVATE
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"stays")
    (tmp_path / "a").symlink_to(other)
    files.write_durably(tmp_path / "a", b"new")
    assert other.read_bytes() == b"stays"
    assert not (tmp_path / "a").is_symlink()


def test_a_name_of_the_greatest_length_is_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    files.write_durably(path, b"x")
    assert path.read_bytes() == b"x"


@pytest.mark.parametrize("kind", ["fifo", "folder", "link", "device"])
def test_what_is_no_plain_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "link":
        (tmp_path / "b").write_bytes(b"")
        path.symlink_to(tmp_path / "b")
    else:
        path = Path("/dev/null")
    with pytest.raises(OSError):
        files.open_regular(path)


def test_a_plain_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"content")
    with files.open_regular(tmp_path / "a") as stream:
        assert stream.read() == b"content"


def test_files_and_folders_are_flushed_and_what_is_gone_says_so(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"content")
    files.flush(tmp_path / "a")
    files.flush(tmp_path)
    with pytest.raises(FileNotFoundError):
        files.flush(tmp_path / "b")


def test_missing_folders_are_made_private_but_not_the_ground_they_lie_on(tmp_path: Path) -> None:
    ground = tmp_path / "workspace"
    with pytest.raises(FileNotFoundError):
        files.make_missing(ground / "runs/a/logs", within=ground)
    assert not ground.exists()
    ground.mkdir()
    for _ in range(2):
        files.make_missing(ground / "runs/a/logs", within=ground)
    assert stat.S_IMODE((ground / "runs/a").stat().st_mode) == 0o700


def test_a_new_file_takes_the_place_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").symlink_to(tmp_path / "target")
    with pytest.raises(FileExistsError):
        files.create_new(tmp_path / "elsewhere")
    assert not (tmp_path / "target").exists()
    descriptor = files.create_new(tmp_path / "new", appending=True)
    try:
        assert not os.get_inheritable(descriptor)
        assert stat.S_IMODE(os.fstat(descriptor).st_mode) == 0o600
        os.write(descriptor, b"one")
        (tmp_path / "new").write_bytes(b"two")
        os.write(descriptor, b"three")
        files.set_mode(descriptor, 0o640)
    finally:
        os.close(descriptor)
    assert (tmp_path / "new").read_bytes() == b"twothree"
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


def test_what_is_written_new_replaces_a_link_and_not_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"mine")
    (tmp_path / "record").symlink_to(tmp_path / "target")
    files.write_new(tmp_path / "record", b"new")
    assert (tmp_path / "target").read_bytes() == b"mine"
    assert (tmp_path / "record").read_bytes() == b"new"
    assert not (tmp_path / "record").is_symlink()


def test_a_file_is_rewritten_only_where_it_is_plain(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"long before")
    with files.rewrite_regular(tmp_path / "log") as stream:
        stream.write(b"new")
    assert (tmp_path / "log").read_bytes() == b"new"
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "log")
    for name in ("pipe", "link"):
        with pytest.raises(OSError, match=name):
            files.rewrite_regular(tmp_path / name)


def test_a_hole_is_found_and_takes_no_room(tmp_path: Path) -> None:
    with (tmp_path / "hollow").open("wb") as stream:
        stream.write(b"x" * 8192)
        stream.truncate(64 << 20)
    with (tmp_path / "hollow").open("rb") as stream:
        assert 8192 <= files.first_hole(stream.fileno()) < 1 << 20
    assert files.used_bytes((tmp_path / "hollow").stat()) < 1 << 20
    (tmp_path / "full").write_bytes(b"x" * 100)
    with (tmp_path / "full").open("rb") as stream:
        assert files.first_hole(stream.fileno()) == 100


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("count", [3, 60])
def test_many_files_are_flushed_by_one_call_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, *, at_once: bool
) -> None:
    paths = [tmp_path / str(number) for number in range(count)]
    for path in paths:
        path.write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    flushed: list[Path] = []
    monkeypatch.setattr(files.own, "flush_everything", lambda: at_once)
    monkeypatch.setattr(files, "flush", flushed.append)
    files.flush_many(paths)
    assert flushed == ([] if at_once and count == 60 else paths)
    flushed.clear()
    files.flush_below(tmp_path)
    assert set(flushed) == (set() if at_once else {*paths, tmp_path})
