"""GPUs of this computer and the processes that use them, as NVIDIA's management library tells; no other kind is known.

Every question may take long: a driver can stand still. Ask on a thread for which nobody waits.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

_LIBRARY: Final = "nvml.dll" if sys.platform == "win32" else "libnvidia-ml.so.1"
_PERCENT: Final = 100.0


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU, now.

    Parameters
    ----------
    busy : float or None
        Share of the last moment in which it did something, 0 to 1, whoever it was for; None where that is not told.
    memory : mapping of int to int or None
        Bytes of its memory by the processes that compute on it; None where that is not told.
    """

    busy: float | None
    memory: Mapping[int, int | None]


class Gpus(Protocol):
    """What can be asked for the GPUs of this computer."""

    def look(self) -> tuple[Gpu, ...]:
        """Return how they all stand; one that cannot be asked now is left out."""


def may_be_here() -> bool:
    """Whether this computer has the library of NVIDIA's driver; takes a tenth of a millisecond."""
    try:
        ctypes.CDLL(_LIBRARY)
    except OSError:
        return False
    return True


def found() -> Gpus | None:
    """Return the GPUs of this computer, or None where there are none that can be asked."""
    try:
        # Imported here: most computers have no library that it could speak to.
        import pynvml
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
        devices = [pynvml.nvmlDeviceGetHandleByIndex(number) for number in range(pynvml.nvmlDeviceGetCount())]
    except pynvml.NVMLError:
        return None
    return _Nvml(pynvml, devices) if devices else None


class _Nvml:
    def __init__(self, library: Any, devices: list[Any]) -> None:
        self._library, self._devices = library, devices

    def look(self) -> tuple[Gpu, ...]:
        seen = (self._look_at(device) for device in self._devices)
        return tuple(one for one in seen if one is not None)

    def _look_at(self, device: Any) -> Gpu | None:
        processes = self._answer(self._library.nvmlDeviceGetComputeRunningProcesses_v3, device)
        if processes is None:
            # A driver before 510 knows the older question only.
            processes = self._answer(self._library.nvmlDeviceGetComputeRunningProcesses_v2, device)
        if processes is None:
            return None
        # Where nobody computes, nobody wants to know how busy it is.
        rates = self._answer(self._library.nvmlDeviceGetUtilizationRates, device) if processes else None
        busy = None if rates is None else rates.gpu / _PERCENT
        return Gpu(busy, {one.pid: one.usedGpuMemory for one in processes})

    def _answer(self, question: Callable[[Any], Any], device: Any) -> Any:
        try:
            return question(device)
        except self._library.NVMLError:
            return None
