"""What NVIDIA's library says of GPUs is read through the real `pynvml`; the library is a fake one."""

from __future__ import annotations

import ctypes
import sys

import pynvml
import pytest

from desktop_aml.system.hardware import gpus
from desktop_aml.system.hardware.gpus import Gpu
from tests import fake_nvml


def test_processes_and_how_busy_a_gpu_is_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    library = fake_nvml.install(monkeypatch)
    library.set((75, {11: 1000, 12: fake_nvml.NOT_TOLD}), (None, {11: 5}), (90, {}))
    found = gpus.found()
    assert found is not None
    assert found.look() == (Gpu(0.75, {11: 1000, 12: None}), Gpu(None, {11: 5}), Gpu(None, {}))


def test_a_driver_that_knows_the_older_question_alone_is_asked_that(monkeypatch: pytest.MonkeyPatch) -> None:
    library = fake_nvml.install(monkeypatch)
    library.is_old = True
    library.set((10, {7: 70}))
    found = gpus.found()
    assert found is not None
    assert found.look() == (Gpu(0.1, {7: 70}),)


def test_a_gpu_that_falls_off_the_bus_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    library = fake_nvml.install(monkeypatch)
    library.set((10, {7: 70}), (20, {8: 80}))
    found = gpus.found()
    assert found is not None
    ask = library.nvmlDeviceGetComputeRunningProcesses_v2
    gone = pynvml.NVML_ERROR_GPU_IS_LOST
    monkeypatch.setattr(pynvml, "_nvmlGetFunctionPointer_cache", {})
    library.nvmlDeviceGetComputeRunningProcesses_v2 = lambda device, *rest: (  # type: ignore[method-assign]
        gone if fake_nvml._number(device) == 0 else ask(device, *rest)
    )
    assert found.look() == (Gpu(0.2, {8: 80}),)


def test_without_a_gpu_a_library_or_the_package_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    library = fake_nvml.install(monkeypatch)
    library.set()
    assert gpus.found() is None
    monkeypatch.setattr(gpus, "_LIBRARY", "libnothing-of-this-name.so.1")
    assert not gpus.may_be_here()
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert gpus.found() is None


def test_a_library_that_is_there_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    assert gpus.may_be_here()
