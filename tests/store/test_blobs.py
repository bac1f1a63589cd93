"""Content-addressed files: complete or absent, verified on use."""

from __future__ import annotations

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from desktop_aml.domain.errors import DiskFull, NotFound, StorageError
from desktop_aml.store import blobs as blobs_module
from desktop_aml.store.blobs import BlobStore, digest_of
from desktop_aml.system import copying
from desktop_aml.system.files import write_durably


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "blobs")


def test_a_file_is_named_by_its_content_and_stored_once(blobs: BlobStore, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text("same")
    assert blobs.add(tmp_path / "a") == blobs.add(tmp_path / "b")
    blobs.flush()
    assert len([path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]) == 1


def test_a_changed_byte_is_found_before_use(blobs: BlobStore, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("data")
    stored = kept(blobs, tmp_path / "a")
    stored.chmod(0o600)
    stored.write_text("dada")
    with pytest.raises(StorageError, match="no longer has the bytes"):
        blobs.verified(stored.name)


def test_a_file_that_is_gone_is_named(blobs: BlobStore) -> None:
    with pytest.raises(NotFound, match="is gone"):
        blobs.verified("0" * 64)


@pytest.mark.parametrize("digest", ["", "../" * 21 + "a", "g" * 64, "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_only_a_digest_becomes_a_path(blobs: BlobStore, digest: str) -> None:
    with pytest.raises(NotFound):
        blobs.path_of(digest)


def test_many_files_are_flushed_in_one_go(blobs: BlobStore, tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / str(number)).write_text(str(number))
        blobs.add(tmp_path / str(number))
    blobs.flush()
    assert blobs.verified(digest_of(tmp_path / "7")).read_text() == "7"


def test_a_copy_out_is_whole(blobs: BlobStore, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("data")
    blobs.copy_out(kept(blobs, tmp_path / "a").name, tmp_path / "deep/er/copy")
    assert (tmp_path / "deep/er/copy").read_text() == "data"


def test_a_durable_write_replaces_the_old_file_or_leaves_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "state.json"
    write_durably(target, b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_durably(target, b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def kept(blobs: BlobStore, source: Path) -> Path:
    digest, _ = blobs.add(source)
    blobs.flush()
    return blobs.path_of(digest)


def files_in(blobs: BlobStore) -> list[str]:
    return sorted(path.name for path in blobs._root.rglob("*") if path.is_file())


@pytest.mark.parametrize("damage", [b"dada", b"", b"da", b"data and more", None])
@pytest.mark.parametrize("same_process", [True, False])
def test_a_good_copy_takes_the_place_of_a_damaged_one(
    blobs: BlobStore, tmp_path: Path, damage: bytes | None, same_process: bool
) -> None:
    (tmp_path / "a").write_text("data")
    stored = kept(blobs, tmp_path / "a")
    stored.chmod(0o600)
    if damage is None:
        stored.unlink()
        stored.symlink_to("/dev/null")
    else:
        stored.write_bytes(damage)
    again = blobs if same_process else BlobStore(blobs._root)
    assert kept(again, tmp_path / "a") == stored
    assert again.verified(stored.name).read_text() == "data"
    assert not stored.is_symlink()
    assert stored.stat().st_mode & 0o777 == 0o400


def test_a_copy_has_no_name_before_it_is_on_the_disk(
    blobs: BlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_text("data")
    digest, _ = blobs.add(tmp_path / "a")
    assert not blobs.path_of(digest).exists()
    flushed: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        name = Path(f"/proc/self/fd/{handle}").readlink().name
        flushed.append("copy" if name.startswith(".incoming-") else "folder")
        assert blobs.path_of(digest).exists() == (flushed[-1] == "folder")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    blobs.flush()
    assert flushed == ["copy", "folder", "folder"]


def test_a_file_that_is_there_and_did_not_change_is_read_once(
    blobs: BlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_text("data")
    stored = kept(blobs, tmp_path / "a")
    read: list[Path] = []
    real = blobs_module.open_regular
    monkeypatch.setattr(blobs_module, "open_regular", lambda path: read.append(path) or real(path))
    assert kept(blobs, tmp_path / "a") == stored
    assert read == [tmp_path / "a"]


def test_threads_that_add_at_once_each_find_their_files_after_their_flush(blobs: BlobStore, tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / str(number)).write_text(f"{number % 10}" * 1000)

    def work(number: int) -> bool:
        return kept(blobs, tmp_path / str(number)).stat().st_size == 1000

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(30)))
    assert len(files_in(blobs)) == 10


@pytest.mark.parametrize("where", ["write", "fsync"])
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_says_so_and_leaves_nothing(
    blobs: BlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, error: int
) -> None:
    (tmp_path / "a").write_text("data")

    def full(*_: object) -> None:
        raise OSError(error, os.strerror(error))

    with monkeypatch.context() as patch:
        patch.setattr(copying, "write_sparsely", full) if where == "write" else patch.setattr(os, "fsync", full)
        with pytest.raises(DiskFull, match="is full"):
            kept(blobs, tmp_path / "a")
    assert files_in(blobs) == []
    assert kept(blobs, tmp_path / "a").read_text() == "data"


def test_a_source_that_cannot_be_read_is_an_error_of_its_own(blobs: BlobStore, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name in ("fifo", "none"):
        with pytest.raises(OSError, match=r"\[Errno"):
            blobs.add(tmp_path / name)
    blobs.flush()
    assert not blobs._root.exists() or files_in(blobs) == []


def test_a_sparse_file_stays_sparse_on_its_way_in_and_out(blobs: BlobStore, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    with source.open("wb") as stream:
        stream.write(b"head")
        stream.seek(16 << 20)
        stream.write(b"middle")
        stream.truncate(32 << 20)
    digest, size = blobs.add(source)
    blobs.flush()
    blobs.copy_out(digest, target)
    assert size == 32 << 20
    for path in (blobs.path_of(digest), target):
        assert path.read_bytes() == source.read_bytes()
        assert path.stat().st_blocks * 512 < 1 << 20


def test_a_copy_is_never_the_file_of_the_store_itself(blobs: BlobStore, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"as it was")
    digest, _ = blobs.add(source)
    blobs.flush()
    target = tmp_path / "target"
    blobs.copy_out(digest, target)
    for path in (source, target):
        with path.open("r+b") as stream:
            stream.write(b"written")
            stream.truncate(3)
    assert blobs.verified(digest).read_bytes() == b"as it was"
    assert target.stat().st_nlink == source.stat().st_nlink == 1
