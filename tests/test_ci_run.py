"""What CI runs: it ends as the tests end, and leaves nothing behind that it began."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import psutil
import pytest

from tests.conftest import wait_until

CHECKOUT = Path(__file__).parents[1]
SAY = '#!/bin/bash\necho "$(basename "$0") $*" >> said\n'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout in which each step only says that it was called, and no Docker engine is there before."""
    programs = {
        "packaging/setup.sh": "",
        "packaging/debian-packages.sh": "",
        "packaging/base-image/build.sh": "[ ! -e slow ] || { touch preparing; sleep 600; }\n",
        "packaging/docker-engine.sh": "[ $1 != status ]\n",
        "programs/make": '[ ! -e slow ] || while [ ! -e preparing ]; do sleep 0.01; done\n[[ " $* " != *" $RED "* ]]\n',
        ".venv/bin/python": "",
    }
    for name, text in programs.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(SAY + text)
        (tmp_path / name).chmod(0o755)
    (tmp_path / ".ci").mkdir()
    shutil.copy(CHECKOUT / ".ci" / "run", tmp_path / ".ci")
    return tmp_path


def run(checkout: Path, red: str = "nothing") -> tuple[int, str]:
    """Return the exit code and the last step."""
    env_vars = {**os.environ, "PATH": f"{checkout / 'programs'}:{os.environ['PATH']}", "RED": red}
    ended = subprocess.run([checkout / ".ci" / "run"], env=env_vars, capture_output=True, check=False)
    return ended.returncode, (checkout / "said").read_text().splitlines()[-1]


def test_what_passes_passes_and_the_engine_that_was_started_is_stopped(checkout: Path) -> None:
    assert run(checkout) == (0, "docker-engine.sh stop")


def test_tests_that_stay_red_are_red(checkout: Path) -> None:
    code, last = run(checkout, "test")
    assert (code != 0, last) == (True, "docker-engine.sh stop")


def test_a_check_that_is_red_ends_what_is_prepared_beside_it(checkout: Path) -> None:
    (checkout / "slow").touch()
    code, last = run(checkout, "check")
    assert (code != 0, last) == (True, "docker-engine.sh stop")

    def beside() -> list[psutil.Process]:
        return [one for one in psutil.process_iter(["cwd"]) if one.info["cwd"] == str(checkout)]

    wait_until(lambda: not beside(), "the end of what is prepared")
