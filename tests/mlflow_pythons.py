"""Environments with MLflow's own clients, each made once for this computer."""

from __future__ import annotations

import fcntl
import os
import subprocess
from pathlib import Path

import uv

RELEASES = {"3": "mlflow-skinny>=3.17,<4", "2": "mlflow-skinny>=2.22,<3"}
BESIDE = ("scikit-learn", "pandas", "matplotlib", "skops")


def python_with(release: str, *more: str) -> Path:
    """Return the interpreter of an environment with a release of MLflow and more, made once for this computer."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "desktop-aml-tests" / "mlflow"
    cache.mkdir(parents=True, exist_ok=True)
    name = "-".join((release, *more))
    folder = cache / name
    with (cache / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            command = uv.find_uv_bin()
            subprocess.run([command, "venv", "-q", "--clear", "--python", "3.11", folder], check=True)
            words = [
                command,
                "pip",
                "install",
                "-q",
                "--python",
                folder / "bin/python",
                RELEASES[release],
                *(more or BESIDE),
            ]
            subprocess.run(words, check=True)
            (folder / "done").touch()
    return folder / "bin" / "python"


def packages_of(release: str) -> Path:
    """Return where the packages of such an environment lie, for a Python of the same version."""
    return next((python_with(release).parents[1] / "lib").glob("python*/site-packages"))
