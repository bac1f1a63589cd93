"""Power cuts: an ext4 file system on a loop device is shut down, as when the power goes, and mounted again.

What a script made durable with ``run.flush()`` is there afterwards, the database is whole, and no name in the store
stands for half of a file.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import struct
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.store.blobs import digest_of
from desktop_aml.store.database import check
from tests.campaign.ground import Finding, Ground, Site, kill, until

SHUTDOWN = 0x8004587D
"""``EXT4_IOC_SHUTDOWN``."""
NO_LOG_FLUSH = 2
"""What is only in memory is lost, the file system's own journal, too."""

SCRIPT = """
import os, sys, time
from azureml.core import Run
run = Run.get_context()
book = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
open("outputs/data", "wb").write(os.urandom(200_000))
for number in range(100_000):
    run.log("number", number)
    if number % 50 == 49:
        run.flush()
        os.write(book, b"%d %.6f\\n" % (number, time.monotonic()))
    if os.path.exists(sys.argv[1] + ".enough"): break
"""


def run(ground: Ground) -> None:
    """Cut the power in every round."""
    if os.geteuid() != 0:
        ground.skipped = "only root can mount a file system"
        return
    image, disk = ground.folder / "image", ground.folder / "disk"
    disk.mkdir()
    with image.open("wb") as stream:
        stream.truncate(384 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True)
    mounted = subprocess.run(["mount", "-o", "loop", str(image), str(disk)], capture_output=True)
    if mounted.returncode:
        ground.skipped = f"no loop device could be mounted: {mounted.stderr.decode().strip()}"
        return
    site: Site | None = None
    try:
        another = ground.rounds(2)
        number = 0
        while another():
            path = disk / f"workspace-{number // 10}"
            if not path.exists():
                if site is not None:
                    # What this process holds open there would keep the dead file system.
                    site.workspace.close()
                    # A full disk is another part's matter.
                    shutil.rmtree(site.workspace.path)
                site = Site(path, SCRIPT, ground.folder)
            assert site is not None
            try:
                _round(ground, site, image, disk, number)
            except Finding as finding:
                ground.find(f"round {number}: {finding}")
            number += 1
    finally:
        if site is not None:
            _end_all(site)
            with suppress(DesktopAMLError):
                site.workspace.close()
        subprocess.run(["umount", "-l", str(disk)], check=False)


def _round(ground: Ground, site: Site, image: Path, disk: Path, number: int) -> None:
    site.start_engine()
    book = ground.folder / f"book-{number}"
    run_id = site.submit(str(book))
    second = site.submit(str(ground.folder / f"book-{number}-b"))
    if number % 2:
        # Half of the rounds end a run first, so that the cut comes while its outputs are taken.
        until(book.exists, "the script")
        Path(f"{book}.enough").touch()
    # Nothing of this process may hold a file there; the engine and the scripts lose theirs with the power.
    site.workspace.close()
    time.sleep(ground.dice.uniform(0.2, 2.5))
    cut_at = cut(disk)
    _end_all(site)
    until(
        lambda: subprocess.run(["umount", str(disk)], capture_output=True).returncode == 0, "the disk to be let go", 30
    )
    until(lambda: _power_is_back(image, disk), "the disk to come back", 60)
    verdict = check(site.workspace.path / "desktop_aml.db")
    if verdict != "ok":
        raise Finding(f"The database is damaged: {verdict}")
    site.workspace = type(site.workspace).open(site.workspace.path)
    Path(f"{book}.enough").touch()
    Path(f"{ground.folder / f'book-{number}-b'}.enough").touch()
    site.start_engine()
    for one, its_book in ((run_id, book), (second, ground.folder / f"book-{number}-b")):
        site.end_of(one)
        _check_flushed(ground, site, one, _durable_before(its_book, cut_at))
    _check_store(ground, site)
    site.kill_engine()
    ground.count("rounds")


def cut(disk: Path) -> float:
    """Shut the file system down, as when the power goes; return when that began, by the monotonic clock in seconds."""
    handle = os.open(disk, os.O_RDONLY)
    try:
        began = time.monotonic()
        fcntl.ioctl(handle, SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
    finally:
        os.close(handle)
    return began


def _power_is_back(image: Path, disk: Path) -> bool:
    """Mount the disk again; False when that gave the dead file system back, as other mount namespaces hold it still."""
    subprocess.run(["mount", "-o", "loop", str(image), str(disk)], check=True)
    try:
        (disk / "alive").write_bytes(b"")
        return True
    except OSError:
        subprocess.run(["umount", "-l", str(disk)], check=True)
        return False


def _end_all(site: Site) -> None:
    if site.engine is not None and site.engine.poll() is None:
        site.kill_engine()
    for processes in site.processes().values():
        for process in processes:
            kill(process)
    with suppress(Finding):
        until(lambda: not any(site.processes().values()), "the end of the processes", 20)


def _durable_before(book: Path, cut_at: float) -> int:
    """Return how many points a script knew to be durable when the cut began.

    Unlike a computer without power, it lives on while its file system goes: what it is told from then on is no promise.
    """
    lines = [line.split() for line in book.read_bytes().splitlines()] if book.exists() else []
    return max((int(number) + 1 for number, at in lines if float(at) < cut_at), default=0)


def _check_flushed(ground: Ground, site: Site, run_id: str, flushed: int) -> None:
    curves = site.workspace.runs.metrics(run_id).curves
    stored = [point.value for point in curves[0].points] if curves else []
    # A run that was queued again after the cut wrote a second series behind the first.
    first = stored[: stored.index(0, 1)] if 0 in stored[1:] else stored
    if first != list(range(len(first))):
        raise Finding(f"{run_id}: a point is missing, doubled or out of order among {len(stored):,}.")
    if len(stored) < flushed and max(stored, default=-1) + 1 < flushed:
        raise Finding(f"{run_id}: {flushed:,} points were made durable, {len(stored):,} are stored.")
    ground.count("points made durable", flushed)


def _check_store(ground: Ground, site: Site) -> None:
    for path in (site.workspace.path / "blobs").rglob("*"):
        if path.is_file() and len(path.name) == 64:
            ground.count("files of the store compared")
            if digest_of(path) != path.name:
                raise Finding(f"{path} does not have the bytes that its name says.")
