"""Histories of the engine in a played world, one seed after the other on each processor; see `tests.simulation`."""

from __future__ import annotations

import logging
import multiprocessing
import os
import shutil
import tempfile
from functools import partial
from pathlib import Path

from tests.campaign.ground import Ground
from tests.simulation.history import play, template

_MEMORY = Path("/dev/shm")
_PORTION = 25
"""Seeds that a process is given at a time: few enough that none still plays long after the end."""


def run(ground: Ground) -> None:
    """Play as many histories as there is time for."""
    first = ground.dice.randrange(1 << 32)
    goes_on = ground.rounds()
    # Nothing here is about a real disk: in memory a history takes a tenth of the time.
    place = Path(tempfile.mkdtemp(dir=_MEMORY)) if _MEMORY.is_dir() else ground.folder
    count = os.cpu_count() or 1
    try:
        made = template(place)
        with multiprocessing.get_context("spawn").Pool(count) as pool:
            while goes_on():
                portions = range(first, first + _PORTION * 2 * count, _PORTION)
                for played in pool.imap_unordered(partial(_play_some, made, place), portions):
                    ground.count("histories", len(played))
                    for seed, words in played.items():
                        if words:
                            ground.find(f"{' '.join(words)} Play it again: python -m tests.simulation {seed}")
                first = portions.stop
    finally:
        if place != ground.folder:
            shutil.rmtree(place)


def _play_some(made: Path, place: Path, first: int) -> dict[int, list[str]]:
    """Play the seeds from `first` on; return what was found of each."""
    logging.disable(logging.CRITICAL)
    return {seed: play(seed, made, place / f"history-{seed}")[0] for seed in range(first, first + _PORTION)}
