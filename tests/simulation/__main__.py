"""Play histories: ``python -m tests.simulation SEED [--count N]``. Exit code 1 where something was found."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.simulation.faults import FAULTS
from tests.simulation.history import play, template


def main() -> int:
    """Play the wanted histories and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("seed", type=int)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--prove", action="store_true", help="put each known fault back, and say when it is found")
    wanted = parser.parse_args()
    logging.disable(logging.CRITICAL)
    memory = Path("/dev/shm")
    failed = []
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as place:
        os.environ["DESKTOP_AML_HOME"] = f"{place}/home"
        made = template(Path(place))
        began = time.monotonic()
        if wanted.prove:
            return prove(made, wanted.seed, wanted.count)
        for seed in range(wanted.seed, wanted.seed + wanted.count):
            found, told = play(seed, made, Path(place) / f"history-{seed}")
            if found:
                failed.append(seed)
                print(f"Seed {seed}: {' '.join(found)}", flush=True)
                if wanted.count == 1:
                    print("\n".join(told))
        taken = time.monotonic() - began
    print(f"{wanted.count} histories in {taken:.1f} s; found something in {len(failed)}: {failed[:20]}")
    return 1 if failed else 0


def prove(made: Path, first: int, count: int) -> int:
    """Put each fault back; return 1 where one is not found within `count` histories."""
    unseen = 0
    for name, fault in FAULTS.items():
        with pytest.MonkeyPatch.context() as patch:
            fault(patch)
            seed = next((seed for seed in range(first, first + count) if play(seed, made, made / f"f-{seed}")[0]), None)
        unseen += seed is None
        print(f"{name}: {f'found by seed {seed}' if seed is not None else 'NOT FOUND'}", flush=True)
    return int(unseen > 0)


if __name__ == "__main__":
    sys.exit(main())
