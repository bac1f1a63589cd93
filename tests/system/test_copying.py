"""Copies share blocks where the disk can, keep holes, and are files of their own in any case."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from desktop_aml.store.blobs import BlobStore
from desktop_aml.system import copying


class SharingDisk:
    """Stands for a disk that can share blocks: it answers the request for it, and counts."""

    def __init__(self) -> None:
        self.shared = 0

    def ioctl(self, target: int, request: int, source: int) -> int:
        assert request == copying._FICLONE
        os.pwrite(target, os.pread(source, os.fstat(source).st_size, 0), 0)
        self.shared += 1
        return 0


@pytest.mark.parametrize("can_share", [True, False])
def test_a_copy_is_laid_out_by_sharing_where_the_disk_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_share: bool
) -> None:
    content = b"model" * 30_000
    (tmp_path / "model.bin").write_bytes(content)
    blobs, disk = BlobStore(tmp_path / "blobs"), SharingDisk()
    if can_share:
        monkeypatch.setattr(fcntl, "ioctl", disk.ioctl)
    digest, size = blobs.add(tmp_path / "model.bin")
    blobs.flush()
    blobs.copy_out(digest, tmp_path / "copy.bin")
    assert (size, disk.shared) == (len(content), 2 * can_share)
    assert (tmp_path / "copy.bin").read_bytes() == content
    # A file of its own in any case: what is written into it is seen nowhere else.
    assert (tmp_path / "copy.bin").stat().st_nlink == 1
    (tmp_path / "copy.bin").chmod(0o600)
    (tmp_path / "copy.bin").write_bytes(b"other")
    assert blobs.verified(digest).read_bytes() == (tmp_path / "model.bin").read_bytes() == content
