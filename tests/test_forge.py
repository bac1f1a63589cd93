"""What a public forge is told: its jobs ask for what there is here, on every Python that the program promises."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

CHECKOUT = Path(__file__).parents[1]
FORGE = CHECKOUT / ".github"


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
