"""Content-addressed files: complete or absent, verified on use."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_aml.domain.errors import NotFound, StorageError
from desktop_aml.store.blobs import BlobStore, digest_of, write_durably


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
    digest, _ = blobs.add(tmp_path / "a")
    stored = blobs.path_of(digest)
    stored.chmod(0o600)
    stored.write_text("dada")
    with pytest.raises(StorageError, match="no longer has the bytes"):
        blobs.verified(digest)


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
    digest, _ = blobs.add(tmp_path / "a")
    blobs.copy_out(digest, tmp_path / "deep/er/copy")
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
