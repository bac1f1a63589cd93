"""How long an environment with scikit-learn takes: Desktop AML's builder against ``python -m venv`` and pip.

    python benchmarks/environment_build.py [--rounds 3] [--cold]

Warm: both sides have the wheels in their caches. Cold: both start with empty caches and download. Desktop AML also
resolves, locks and checks hashes; pip resolves on the way. Neither side compiles bytecode in the measured time: Desktop
AML does that in the background, pip is told not to. The sides take turns, so that a busy computer slows both.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.environments.resolve.interpreters import choose
from desktop_aml.environments.service import BuilderService

PACKAGE = "scikit-learn"


def build_ours(root: Path, caches: Path) -> str:
    os.environ["UV_CACHE_DIR"] = str(caches / "uv")
    built = BuilderService(root / "builds").make_ready(
        EnvironmentKind.PIP,
        f"{PACKAGE}\n",
        report=lambda _: None,
        cancel=threading.Event(),
        log_path=root / "build.log",
    )
    return built.python


def build_with_pip(root: Path, caches: Path) -> str:
    python = root / "venv" / "bin" / "python"
    environment = {**os.environ, "PIP_CACHE_DIR": str(caches / "pip"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    base, _ = choose(None)
    subprocess.run([base.path, "-m", "venv", str(root / "venv")], check=True, env=environment)
    subprocess.run([str(python), "-m", "pip", "install", "-q", "--no-compile", PACKAGE], check=True, env=environment)
    return str(python)


def timed(build: Callable[[Path, Path], str], root: Path, caches: Path) -> float:
    root.mkdir()
    started = time.perf_counter()
    python = build(root, caches)
    spent = time.perf_counter() - started
    subprocess.run([python, "-c", "import sklearn"], check=True)
    return spent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cold", action="store_true", help="empty the caches before each round")
    arguments = parser.parse_args()
    sides = {"Desktop AML": build_ours, "venv + pip": build_with_pip}
    spent: dict[str, list[float]] = {name: [] for name in sides}
    with tempfile.TemporaryDirectory(prefix="environment-build-") as name:
        base = Path(name)
        caches = base / "caches"
        if not arguments.cold:
            for number, build in enumerate(sides.values()):
                timed(build, base / f"warm-up-{number}", caches)
        for round_number in range(arguments.rounds):
            for side, build in sides.items():
                if arguments.cold:
                    shutil.rmtree(caches, ignore_errors=True)
                root = base / f"{round_number}-{side.split()[0]}"
                spent[side].append(timed(build, root, caches))
                shutil.rmtree(root, ignore_errors=True)
    medians = {side: statistics.median(times) for side, times in spent.items()}
    state = "cold" if arguments.cold else "warm"
    for side, times in spent.items():
        print(f"{side:12} {state}: median {medians[side]:6.2f} s  ({', '.join(f'{one:.2f}' for one in times)})")
    print(f"ratio {medians['venv + pip'] / medians['Desktop AML']:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
