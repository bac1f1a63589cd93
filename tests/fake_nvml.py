"""The library that `pynvml` calls, for computers without a GPU: structures are filled as by the real one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pynvml
import pytest

SUCCESS, NOT_SUPPORTED, TOO_SMALL = 0, 3, 7
NOT_TOLD = pynvml.NVML_VALUE_NOT_AVAILABLE_ulonglong.value


class FakeLibrary:
    """Devices by number; each has a share that is busy (percent, None is not told) and processes with their bytes."""

    def __init__(self) -> None:
        self.busy: list[int | None] = []
        self.processes: list[dict[int, int]] = []
        self.is_old = False

    def set(self, *devices: tuple[int | None, Mapping[int, int]]) -> None:
        """Have so many GPUs."""
        self.busy = [busy for busy, _ in devices]
        self.processes = [dict(processes) for _, processes in devices]

    def nvmlInitWithFlags(self, _flags: int) -> int:
        return SUCCESS

    def nvmlDeviceGetCount_v2(self, count: Any) -> int:
        count._obj.value = len(self.busy)
        return SUCCESS

    def nvmlDeviceGetHandleByIndex_v2(self, number: Any, device: Any) -> int:
        # A handle is an address; that of the first device may not be none.
        pynvml.cast(pynvml.byref(device._obj), pynvml.POINTER(pynvml.c_void_p))[0] = number.value + 1
        return SUCCESS

    def nvmlDeviceGetUtilizationRates(self, device: Any, rates: Any) -> int:
        busy = self.busy[_number(device)]
        if busy is None:
            return NOT_SUPPORTED
        rates._obj.gpu = busy
        return SUCCESS

    def nvmlDeviceGetComputeRunningProcesses_v2(self, device: Any, count: Any, found: Any) -> int:
        known = self.processes[_number(device)]
        if len(known) > (count._obj.value if found is not None else 0):
            count._obj.value = len(known)
            return TOO_SMALL
        count._obj.value = len(known)
        for place, (pid, size) in enumerate(known.items()):
            found[place].pid, found[place].usedGpuMemory = pid, size
        return SUCCESS

    def __getattr__(self, name: str) -> Any:
        if name == "nvmlDeviceGetComputeRunningProcesses_v3" and not self.is_old:
            return self.nvmlDeviceGetComputeRunningProcesses_v2
        raise AttributeError(name)


def _number(device: Any) -> int:
    return int(pynvml.cast(device, pynvml.c_void_p).value or 0) - 1


def install(monkeypatch: pytest.MonkeyPatch) -> FakeLibrary:
    """Have `pynvml` speak to a library of ours."""
    library = FakeLibrary()
    monkeypatch.setattr(pynvml, "nvmlLib", library)
    monkeypatch.setattr(pynvml, "_nvmlGetFunctionPointer_cache", {})
    return library
