"""Start the campaign: ``python -m tests.campaign --seed 1 --minutes 90``; see ``make campaign``."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.campaign import (
    full_disk,
    fuzz,
    kills,
    machines,
    poison,
    power_loss,
    process_trees,
    serving_fuzz,
    simulation,
    soak,
    tracked_kills,
)
from tests.campaign.ground import Ground

SHARES: dict[str, tuple[float, Callable[[Ground], None]]] = {
    "kills": (0.14, kills.run),
    "tracked kills": (0.06, tracked_kills.run),
    "simulation": (0.08, simulation.run),
    "poison": (0.08, poison.run),
    "full disk": (0.10, full_disk.run),
    "power loss": (0.12, power_loss.run),
    "process trees": (0.10, process_trees.run),
    "fuzz": (0.04, fuzz.run),
    "serving fuzz": (0.04, serving_fuzz.run),
    "machines": (0.10, machines.run),
    "soak": (0.14, soak.run),
}
"""Each part, with its share of the time; the soak takes as long as its runs do."""
WHOLE_MINUTES = 90.0


def main() -> int:
    """Run the parts one after the other; return 1 when something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--minutes", type=float, default=WHOLE_MINUTES)
    parser.add_argument("--only", action="append", choices=SHARES, default=[])
    parser.add_argument("--keep", action="store_true", help="keep the folders")
    given = parser.parse_args()
    chosen = {name: SHARES[name] for name in given.only or SHARES}
    root = Path(tempfile.mkdtemp(prefix="campaign-"))
    os.environ["DESKTOP_AML_HOME"] = str(root / "home")
    print(f"Seed {given.seed}, {given.minutes:g} minutes, in {root}", flush=True)
    whole = sum(share for share, _ in chosen.values())
    grounds = []
    for name, (share, act) in chosen.items():
        ground = Ground(name, given.seed, root / name.replace(" ", "-"), given.minutes * share / whole)
        grounds.append(ground)
        if name == "soak":
            act = partial(soak.run, runs=max(10, round(soak.RUNS * min(1.0, given.minutes / WHOLE_MINUTES))))
        _carry_out(ground, act)
    return _sum_up(grounds, root, keep=given.keep)


def _carry_out(ground: Ground, act: Callable[[Ground], None]) -> None:
    began = time.monotonic()
    try:
        act(ground)
    except Exception:
        ground.find(f"The part itself failed:\n{traceback.format_exc()}")
    counts = ", ".join(f"{what} {amount:,g}" for what, amount in ground.counts.items())
    said = f"skipped, as {ground.skipped}" if ground.skipped else counts or "nothing done"
    print(f"{ground.name}: {said} ({time.monotonic() - began:.0f} s)", flush=True)


def _sum_up(grounds: list[Ground], root: Path, *, keep: bool) -> int:
    findings = [f"{ground.name}: {words}" for ground in grounds for words in ground.findings]
    points = sum(ground.counts.get("acknowledged points", 0) for ground in grounds)
    print(f"{points:,.0f} acknowledged points compared; {len(findings)} findings.")
    for words in findings:
        print(f"- {words}")
    if not keep and not findings:
        shutil.rmtree(root, ignore_errors=True)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
