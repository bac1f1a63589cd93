"""Runs small scripts as a run does, with what it hangs on the libraries."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

from tests.inside_run.conftest import SITE
from tests.one_thread import ONE_THREAD

TOLD = "Desktop AML restored what newer libraries removed"


class Bench:
    """Runs scripts as a run does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "run").mkdir()

    def run(self, source: str, python: str = sys.executable, **env_vars: str) -> subprocess.CompletedProcess[str]:
        script = self.folder / "train.py"
        script.write_text(textwrap.dedent(source))
        given = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SITE), "DESKTOP_AML_RUN_DIR": str(self.folder / "run")}
        given |= ONE_THREAD
        return subprocess.run(
            [python, "-W", "ignore", script], env={**given, **env_vars}, capture_output=True, text=True, cwd=self.folder
        )

    def good(self, source: str, python: str = sys.executable, **env_vars: str) -> tuple[str, str]:
        ended = self.run(source, python, **env_vars)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout, ended.stderr

    def plainly(self, source: str) -> str:
        """Run source where nothing of ours is, in the folder of the scripts, and return what it prints."""
        words = [sys.executable, "-c", source]
        return subprocess.run(words, check=True, capture_output=True, text=True, cwd=self.folder).stdout
