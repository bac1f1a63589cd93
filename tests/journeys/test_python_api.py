"""The public Python API: what its page and its docstrings show is done here, by a real engine."""

from __future__ import annotations

import doctest
import importlib
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import desktop_aml
from desktop_aml.domain.errors import NotFound, UntrustedWorkspace
from desktop_aml.domain.runs import RunState
from desktop_aml.workspace import Workspace, forget
from desktop_aml.workspace.service import Service

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = CHECKOUT / "docs" / "reference" / "python-api.md"
SHOWN = ("runs", "experiments", "models", "environments", "endpoints", "datasets", "computes", "secrets")
NOUNS = (*SHOWN, "sweeps", "attachments", "queries")
MODULES = (*SHOWN, "run.files", "run.code", "finding.queries")

SCRIPT = """
import os, sys
from azureml.core.run import Run

steps = int(sys.argv[1]) if len(sys.argv) > 1 else 3
for step in range(steps):
    Run.get_context().log("loss", 1 / 2**step)
print(steps, "steps")
os.makedirs("outputs", exist_ok=True)
with open("outputs/model.txt", "w") as file:
    file.write(str(steps))
"""
SCORING = """
import json

def init():
    pass

def run(body):
    return [2 * number for number in json.loads(body)["data"]]
"""


def checked(text: str, names: dict[str, Any], name: str) -> doctest.TestResults:
    """Do the examples of a text, and compare what they print."""
    test = doctest.DocTestParser().get_doctest(text, names, name, None, 0)
    assert test.examples
    said: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(test, out=said.append)
    assert result.failed == 0, "".join(said)
    return result


def services(workspace: Workspace) -> list[tuple[str, Service]]:
    """Return the services of a workspace and theirs, each by what it is called."""
    found = [(noun, getattr(workspace, noun)) for noun in NOUNS]
    for noun, service in tuple(found):
        found += [(f"{noun}.{key}", getattr(service, key)) for key in dir(service) if not key.startswith("_")]
    return [(name, one) for name, one in found if isinstance(one, Service)]


@pytest.mark.parametrize("module", MODULES)
def test_what_a_docstring_shows_is_so(
    workspace: Workspace, write_script: Callable[..., Path], tmp_path: Path, module: str
) -> None:
    loaded = importlib.import_module(f"desktop_aml.workspace.{module}")
    (service,) = (
        kind
        for _, kind in inspect.getmembers(loaded, inspect.isclass)
        if issubclass(kind, Service) and kind.__module__ == loaded.__name__
    )
    folder = tmp_path / "copies"
    folder.mkdir()
    names = {
        "workspace": workspace,
        "script": write_script(SCRIPT),
        "scoring_script": write_script(SCORING, "score.py", folder="scoring"),
        "folder": folder,
        "Path": Path,
    }
    checked(inspect.getdoc(service) or "", names, module)


def test_the_page_s_journey_is_what_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = PAGE.read_text()
    blocks = re.findall(r"```(\w+)\n(.*?)```", page, re.DOTALL)
    script = next(text for kind, text in blocks if kind == "python" and text.startswith("# train.py"))
    monkeypatch.chdir(tmp_path)
    Path("train.py").write_text(script)
    # In one process with its engine, which the page's program leaves to another process: quicker, and nothing is left.
    create = Workspace.create

    def with_engine(path: str) -> Workspace:
        made = create(path)
        made.start_engine()
        return made

    monkeypatch.setattr(Workspace, "create", with_engine)
    checked("\n".join(text for kind, text in blocks if kind == "pycon"), {}, PAGE.name)
    with Workspace.from_config(tmp_path / "my-workspace" / "runs") as again:
        assert [model.label for model in again.models.list()] == ["steps:1"]


def test_a_plain_program_needs_no_engine_of_its_own(
    tmp_path: Path, write_script: Callable[..., Path], marked_processes: Callable[[], list[object]]
) -> None:
    program = (
        "import sys, desktop_aml\n"
        "with desktop_aml.Workspace.create(sys.argv[1]) as workspace:\n"
        "    run = workspace.runs.submit(sys.argv[2])\n"
        "    print(workspace.runs.wait(run, timeout_s=60).summary.state)\n"
        "assert 'PySide6' not in sys.modules\n"
    )
    words = [sys.executable, "-c", program, str(tmp_path / "made"), str(write_script(SCRIPT))]
    surroundings = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path, env=surroundings)
    assert (done.stdout, done.returncode) == ("Completed\n", 0), done.stderr


def test_importing_the_package_loads_nothing_of_it() -> None:
    program = "import sys, desktop_aml; print([name for name in sys.modules if name.startswith('desktop_aml.')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=CHECKOUT)
    assert done.stdout == "[]\n"


def test_every_public_name_is_there_and_no_other() -> None:
    assert {name: getattr(desktop_aml, name).__name__ for name in desktop_aml.__all__} == {
        name: name for name in desktop_aml.__all__
    }
    assert set(desktop_aml.__all__) <= set(dir(desktop_aml))
    with pytest.raises(AttributeError, match="no attribute 'Work'"):
        _ = desktop_aml.Work  # type: ignore[attr-defined]
    assert (CHECKOUT / "desktop_aml" / "py.typed").is_file()
    told = re.findall(r"^from (\S+) import (\w+) as \2$", (CHECKOUT / "desktop_aml" / "__init__.pyi").read_text(), re.M)
    assert {name: getattr(importlib.import_module(module), name) for module, name in told} == {
        name: getattr(desktop_aml, name) for name in desktop_aml.__all__
    }


def test_the_page_names_every_act_of_every_service(workspace: Workspace) -> None:
    page = PAGE.read_text()
    rows = dict(re.findall(r"^\| `workspace\.([\w.]+)` \| (.*) \|$", page, re.MULTILINE))
    for name, service in services(workspace):
        acts = {key for key, _ in inspect.getmembers(service, inspect.ismethod) if not key.startswith("_")}
        assert acts == set(re.findall(r"`(\w+)`", rows.pop(name))), name
    assert rows == {}


def test_waiting_ends_with_the_time_that_was_given(workspace: Workspace, write_script: Callable[..., Path]) -> None:
    run = workspace.runs.submit(write_script("import time\ntime.sleep(60)\n"))
    assert not workspace.runs.wait(run, timeout_s=0.1).summary.state.is_terminal()
    workspace.runs.cancel(run)
    assert workspace.runs.wait(run).summary.state is RunState.CANCELED


def test_waiting_where_nothing_may_run_is_refused(tmp_path: Path, write_script: Callable[..., Path]) -> None:
    with Workspace.create(tmp_path / "made") as made:
        made.start_engine()
        made.leave_work()
        run = made.runs.submit(write_script("import time\ntime.sleep(60)\n"))
    forget(made.path)
    with Workspace.open(made.path) as stranger:
        with pytest.raises(UntrustedWorkspace):
            stranger.runs.wait(run)
        stranger.trust()
        stranger.start_engine()
        stranger.runs.cancel(run)
        assert stranger.runs.wait(run).summary.state is RunState.CANCELED


def test_a_place_without_a_workspace_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no workspace yet"):
        Workspace.from_config(tmp_path)


def test_the_page_s_sweep_is_made_of_public_names() -> None:
    (text,) = [
        block for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL) if "SweepSpec" in block
    ]
    made: dict[str, object] = {}
    exec(text.partition("sweep = ")[0], made)
    spec = made["spec"]
    assert isinstance(spec, desktop_aml.SweepSpec)
    assert (spec.goal, spec.search) == (desktop_aml.Goal.MAXIMIZE, desktop_aml.Search.RANDOM)
    assert {line for line in text.splitlines() if "import" in line and "from desktop_aml import" not in line} == set()
