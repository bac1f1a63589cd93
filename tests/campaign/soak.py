"""A soak: hundreds of short runs by one engine; its memory, its descriptors and the disk a run takes stay flat."""

from __future__ import annotations

from pathlib import Path

import psutil

from tests.campaign.ground import Finding, Ground, Site

RUNS = 300
MOST_KIB_A_RUN = 256
MOST_MORE_DESCRIPTORS = 20
MOST_DISK_KIB_A_RUN = 512

SCRIPT = """
from azureml.core import Run
run = Run.get_context()
for number in range(100): run.log("number", number)
run.tag("a", "b")
open("outputs/model", "w").write("the same for all of them" * 100)
"""


def run(ground: Ground, runs: int = RUNS) -> None:
    """Run the same script again and again, two at a time."""
    site = Site(ground.folder / "workspace", SCRIPT)
    site.start_engine()
    try:
        assert site.engine is not None
        engine = psutil.Process(site.engine.pid)
        warm = max(4, runs // 10)
        _burst(ground, site, warm)
        before = _look(engine, site.workspace.path)
        _burst(ground, site, runs)
        after = _look(engine, site.workspace.path)
        _judge(ground, before, after, runs)
    except Finding as finding:
        ground.find(str(finding))
    finally:
        site.close()


def _burst(ground: Ground, site: Site, runs: int) -> None:
    done = 0
    while done < runs:
        for run_id in [site.submit() for _ in range(min(4, runs - done))]:
            found = site.end_of(run_id)
            if str(found.summary.state) != "Completed":
                raise Finding(f"{run_id} is {found.summary.state}: {found.summary.error}")
            if len(site.workspace.runs.metrics(run_id).curves[0].points) != 100:
                raise Finding(f"{run_id} does not have its 100 points.")
            done += 1
            ground.count("runs")


def _look(engine: psutil.Process, path: Path) -> tuple[int, int, int]:
    disk = sum(file.lstat().st_blocks * 512 for file in path.rglob("*") if not file.is_symlink())
    return engine.memory_info().rss, engine.num_fds(), disk


def _judge(ground: Ground, before: tuple[int, int, int], after: tuple[int, int, int], runs: int) -> None:
    memory_kib = (after[0] - before[0]) / 1024 / runs
    descriptors, disk_kib = after[1] - before[1], (after[2] - before[2]) / 1024 / runs
    ground.counts.update(
        {
            "memory of the engine, MiB": round(after[0] / 2**20, 1),
            "KiB of memory a run": round(memory_kib, 1),
            "more descriptors": descriptors,
            "KiB of disk a run": round(disk_kib, 1),
        }
    )
    if memory_kib > MOST_KIB_A_RUN and runs >= RUNS:
        ground.find(f"The engine grew by {memory_kib:.0f} KiB a run.")
    if descriptors > MOST_MORE_DESCRIPTORS:
        ground.find(f"The engine holds {descriptors} descriptors more than before.")
    if disk_kib > MOST_DISK_KIB_A_RUN:
        ground.find(f"A run takes {disk_kib:.0f} KiB of disk.")
