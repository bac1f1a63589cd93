"""A full disk, of bytes and of inodes, at a random moment: nothing dies of it, and work goes on when there is room."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from tests.campaign.ground import Finding, Ground, Site, check_books

SCRIPT = """
import os, sys, time
from azureml.core import Run
run = Run.get_context()
book = os.open(os.path.join(sys.argv[1], "number"), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
for number in range(int(sys.argv[2])):
    run.log("number", number)
    os.write(book, b"x\\n")
    time.sleep(0.001)
"""


def run(ground: Ground) -> None:
    """Fill a small disk in every round and free it again."""
    if os.geteuid() != 0:
        ground.skipped = "only root can mount a small disk"
        return
    disk = ground.folder / "disk"
    disk.mkdir()
    options = "size=48m,nr_inodes=4000"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        ground.skipped = f"no small disk could be mounted: {mounted.stderr.decode().strip()}"
        return
    site = None
    try:
        site = Site(disk / "workspace", SCRIPT)
        site.start_engine()
        another = ground.rounds(3)
        number = 0
        while another():
            try:
                _round(ground, site, disk, number)
            except Finding as finding:
                ground.find(f"round {number}: {finding}")
            number += 1
    finally:
        if site is not None:
            site.close()
        subprocess.run(["umount", "-l", str(disk)], check=False)


def _round(ground: Ground, site: Site, disk: Path, number: int) -> None:
    books = ground.folder / f"books-{number}"
    books.mkdir()
    run_id = site.submit(str(books), "2000")
    time.sleep(ground.dice.uniform(0.0, 2.5))
    inodes = number % 2 == 1
    filled = _fill(disk / "filler", inodes=inodes)
    time.sleep(ground.dice.uniform(0.5, 6.0))
    _free(disk / "filler")
    found = site.end_of(run_id)
    if str(found.summary.state) != "Completed":
        raise Finding(f"The run is {found.summary.state}: {found.summary.error} ({'inodes' if inodes else 'bytes'})")
    ground.count("acknowledged points", check_books(site, run_id, books, in_flight=0))
    if "user_logs/std_log.txt" not in {artifact.path for artifact in site.workspace.runs.files.list(run_id)}:
        raise Finding("The log of the run is not kept.")
    if not site.is_engine_alive():
        raise Finding("The engine ended.")
    site.workspace.runs.delete(run_id)
    ground.count("rounds")
    ground.count("bytes or files that filled it", filled)


def _fill(folder: Path, *, inodes: bool) -> int:
    folder.mkdir(exist_ok=True)
    done = 0
    with suppress(OSError):
        if inodes:
            while True:
                (folder / str(done)).touch()
                done += 1
        with (folder / "bytes").open("wb", buffering=0) as stream:
            while True:
                done += stream.write(bytes(4096)) or 0
    return done


def _free(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
