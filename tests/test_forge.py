"""What CI runs, and what a public forge is told: its jobs ask for what there is here, on every promised Python."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psutil
import pytest
from ruamel.yaml import YAML

from tests.conftest import wait_until

CHECKOUT = Path(__file__).parents[1]
FORGE = CHECKOUT / ".github"
SAY = '#!/bin/bash\necho "$(basename "$0") $*" >> said\n'


def read(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text())


def commands() -> list[str]:
    jobs = read(FORGE / "workflows" / "ci.yml")["jobs"].values()
    return [line for job in jobs for step in job["steps"] for line in step.get("run", "").splitlines()]


def test_every_python_that_is_promised_is_tried_on_two_distributions():
    matrix = read(FORGE / "workflows" / "ci.yml")["jobs"]["quick"]["strategy"]["matrix"]
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert len({image.split(":")[0] for image in matrix["image"]}) == 2
    assert f'requires-python = ">={matrix["python"][0]}"' in (CHECKOUT / "pyproject.toml").read_text()


def test_jobs_call_targets_and_files_that_are_there():
    targets = set(re.findall(r"^([a-z-]+):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
    asked = re.findall(r"(?<!-y git )\bmake ([a-z-]+)", "\n".join(commands()).replace("git make", "git"))
    assert asked
    assert set(asked) <= targets
    assert any(".ci/run" in line for line in commands())


@pytest.mark.parametrize("name", ["fault.yml", "wish.yml"])
def test_forms_of_issues_have_fields_with_names(name: str):
    body = read(FORGE / "ISSUE_TEMPLATE" / name)["body"]
    assert len({field["id"] for field in body}) == len(body)
    assert all(field["attributes"]["label"] for field in body)


def test_the_page_on_security_names_pages_that_are_there():
    text = (CHECKOUT / "SECURITY.md").read_text()
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert (CHECKOUT / target).is_file(), target


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
