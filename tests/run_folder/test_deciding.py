"""What decides the numbers of a run is said with it: libraries, threads, processor, memory, hash seed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from desktop_aml.domain.environments import LockedPackage
from desktop_aml.domain.runs import Artifact
from desktop_aml.run_folder import deciding, snapshot
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


def test_seeds_that_the_code_sets_are_said_with_their_places_those_of_the_script_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = tmp_path / "snapshot"
    code.mkdir()
    (code / "a.py").write_text("import torch\ntorch.manual_seed(5)\n")
    (code / "train.py").write_text("import random\nrandom.seed(3)\n")
    os.mkfifo(code / "pipe.py")
    files = tuple(Artifact(name, 10, "") for name in ("a.py", "gone.py", "pipe.py", "train.py", "notes.txt"))
    monkeypatch.setattr(snapshot, "manifest", lambda _: files)
    assert deciding.seeds_of(tmp_path, "train.py") == {
        deciding.SEEDS: "random.seed(3) train.py:2, torch.manual_seed(5) a.py:2"
    }
    (code / "train.py").write_text("pass")
    (code / "a.py").unlink()
    assert deciding.seeds_of(tmp_path, "train.py") == {}


def test_a_run_whose_code_cannot_be_listed_says_no_seeds(tmp_path: Path) -> None:
    assert deciding.seeds_of(tmp_path, "train.py") == {}
