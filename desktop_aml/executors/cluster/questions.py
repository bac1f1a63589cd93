"""Have a process of its own ask a scheduler that others started how it stands. Knows nothing of Dask."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

import msgspec

from desktop_aml.domain.targets import ClusterSpec, Machine

_PROGRAM: Final = "desktop_aml.executors.cluster.asking"
_ALL_S: Final = 40.0


def ask(spec: ClusterSpec) -> Machine:
    """Return how a scheduler stands, asked by a process of its own; takes seconds."""
    words = [sys.executable, "-m", _PROGRAM, msgspec.json.encode(spec).decode()]
    try:
        done = subprocess.run(words, capture_output=True, timeout=_ALL_S, check=False, stdin=subprocess.DEVNULL)
        return msgspec.json.decode(done.stdout.splitlines()[-1] if done.stdout else b"", type=Machine)
    except subprocess.TimeoutExpired:
        return Machine(spec.address, f"there was no answer for {_ALL_S:g} s", is_usable=False)
    except msgspec.MsgspecError:
        last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        return Machine(spec.address, f"it could not be asked: {last or 'nothing was said'}", is_usable=False)
