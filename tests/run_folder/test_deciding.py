"""What decides the numbers of a run is said with it: libraries, threads, processor, memory, hash seed."""

from __future__ import annotations

import os

from desktop_aml.domain.environments import LockedPackage
from desktop_aml.run_folder import deciding
from desktop_aml.run_folder.properties import HASH_SEED
from desktop_aml.system.hardware.capacity import memory_bytes

PACKAGES = (
    LockedPackage("scikit_learn", "1.5.2"),
    LockedPackage("numpy", "2.1.0"),
    LockedPackage("requests", "2.32"),
)


def test_libraries_threads_and_hash_seed_are_said() -> None:
    variables = {"OMP_NUM_THREADS": "2", "MKL_CBWR": "AVX2", "PYTHONHASHSEED": "7", "TOKEN": "hidden"}
    found = deciding.properties(variables, PACKAGES, is_here=True)
    assert found[deciding.LIBRARIES] == "numpy 2.1.0, scikit-learn 1.5.2"
    assert found[deciding.THREADS] == "OMP_NUM_THREADS=2 MKL_CBWR=AVX2"
    assert found[HASH_SEED] == "7"
    assert found[deciding.PROCESSOR].endswith(f", {os.cpu_count()} cores")
    size, unit = found[deciding.MEMORY].split()
    assert abs(int(size) * 2**30 - memory_bytes()) <= 2**30
    assert unit == "GiB"


def test_what_is_not_known_is_left_out() -> None:
    assert deciding.properties({}, (), is_here=False) == {deciding.THREADS: "as many as cores"}
