"""The curves of what a run used of the computer, as its folder has them: its script can write there, too."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from desktop_aml.domain.summaries import gpu_use, machine_use
from desktop_aml.domain.summaries.gpu_use import GpuPoint
from desktop_aml.domain.summaries.machine_use import UsePoint
from desktop_aml.system.files import read_regular

_LARGEST: Final = 1 << 20


def of_machine(run_folder: Path) -> tuple[UsePoint, ...]:
    """Return the curve that the supervisor wrote; empty where there is none."""
    return machine_use.curve_of(_lines(run_folder, machine_use.CURVE))


def of_gpus(run_folder: Path) -> tuple[GpuPoint, ...]:
    """Return the curve that the engine wrote; empty where there is none."""
    return gpu_use.curve_of(_lines(run_folder, gpu_use.CURVE))


def _lines(run_folder: Path, name: str) -> list[bytes]:
    try:
        return read_regular(run_folder / "logs" / name, _LARGEST).splitlines()
    except OSError:
        return []
