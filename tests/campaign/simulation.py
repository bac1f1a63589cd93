"""Histories of the engine in a played world, one seed after the other; see `tests.simulation`."""

from __future__ import annotations

import logging

from tests.campaign.ground import Ground
from tests.simulation.history import play, template


def run(ground: Ground) -> None:
    """Play as many histories as there is time for."""
    made = template(ground.folder)
    first = ground.dice.randrange(1 << 32)
    goes_on = ground.rounds(at_least=20)
    logging.disable(logging.CRITICAL)
    try:
        for seed in iter(lambda: first + int(ground.counts.get("histories", 0)), None):
            if not goes_on():
                break
            found, _ = play(seed, made, ground.folder / "history")
            ground.count("histories")
            if found:
                ground.find(f"{' '.join(found)} Play it again: python -m tests.simulation {seed}")
    finally:
        logging.disable(logging.NOTSET)
