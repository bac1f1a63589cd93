"""What beside code and data decides what a run computes, as properties: libraries, threads, the computer, seeds.

The lock of a run has every package; these few are what numbers depend on, so that a comparison shows them.
"""

from __future__ import annotations

import functools
import os
import platform
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from desktop_aml.domain.environments import LockedPackage
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.names import storable
from desktop_aml.domain.scripts.seeds import seeds
from desktop_aml.run_folder import snapshot
from desktop_aml.run_folder.properties import HASH_SEED
from desktop_aml.system.files import read_regular
from desktop_aml.system.hardware.capacity import memory_bytes

LIBRARIES: Final = "desktop_aml.libraries"
THREADS: Final = "desktop_aml.threads"
PROCESSOR: Final = "desktop_aml.processor"
MEMORY: Final = "desktop_aml.memory"
SEEDS: Final = "desktop_aml.seeds"
"""As the code sets them: ``np.random.seed(12) train.py:3, random_state=7 train.py:9``."""

_NAMES: Final = (
    "numpy",
    "scipy",
    "pandas",
    "scikit-learn",
    "torch",
    "tensorflow",
    "jax",
    "jaxlib",
    "xgboost",
    "lightgbm",
    "catboost",
    "statsmodels",
    "mkl",
    "libopenblas",
    "threadpoolctl",
)
_VARIABLES: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
    "MKL_CBWR",
    "CUBLAS_WORKSPACE_CONFIG",
    "CUDA_VISIBLE_DEVICES",
)
_SEED: Final = "PYTHONHASHSEED"
_LONGEST, _HEAD_BYTES = 500, 1 << 16
_CODE_FILES, _CODE_BYTES = 20, 100_000


def properties(env_vars: Mapping[str, str], packages: Iterable[LockedPackage], *, is_here: bool) -> dict[str, str]:
    """Return the properties of a run that is about to start; what is not known is left out.

    Parameters
    ----------
    env_vars : mapping of str
        The variables of its script.
    packages : iterable of LockedPackage
        Of its environment.
    is_here : bool
        Whether it executes with the processor and memory of this computer and nothing between them.
    """
    versions = {one.name.lower().replace("_", "-"): one.version for one in packages}
    libraries = ", ".join(f"{name} {versions[name]}" for name in _NAMES if versions.get(name))
    limited = " ".join(f"{name}={env_vars[name]}" for name in _VARIABLES if env_vars.get(name))
    found = {
        LIBRARIES: libraries,
        THREADS: limited or "as many as cores",
        HASH_SEED: env_vars.get(_SEED, ""),
        PROCESSOR: _processor() if is_here else "",
        MEMORY: _memory() if is_here else "",
    }
    return {key: storable(text)[:_LONGEST] for key, text in found.items() if text}


def seeds_of(run_directory: Path, script: str) -> dict[str, str]:
    """Return the property of the seeds that a run's code sets, its script's first; empty where none is known.

    Parameters
    ----------
    run_directory : pathlib.Path
        Where its code lies: a few files that are not very long are looked into.
    script : str
        The one that is started, within the code.
    """
    found: list[str] = []
    # An attempt before this one may have put anything in place of a file, or of the list of them.
    with suppress(DesktopAMLError, OSError):
        files = [
            one.path
            for one in snapshot.manifest(run_directory)
            if one.path.endswith(".py") and one.size_bytes <= _CODE_BYTES
        ]
        for path in sorted(files, key=lambda path: (path != script, path.count("/"), path))[:_CODE_FILES]:
            with suppress(OSError):
                text = read_regular(run_directory / "snapshot" / path, _CODE_BYTES).decode("utf-8", "replace")
                found += (f"{words} {path}:{line}" for words, line in seeds(text))
    return {SEEDS: storable(", ".join(found))[:_LONGEST]} if found else {}


@functools.cache
def _processor() -> str:
    """Return model and number of cores of this computer."""
    return f"{_model()}, {os.cpu_count() or 1} cores"


@functools.cache
def _memory() -> str:
    """Return the memory of this computer: rounded, as a kernel keeps a little of it, each release another little."""
    return f"{max(1, round(memory_bytes() / (1 << 30)))} GiB"


def _model() -> str:
    try:
        with Path("/proc/cpuinfo").open("rb") as stream:
            lines = stream.read(_HEAD_BYTES).decode("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()
