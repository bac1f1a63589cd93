"""An environment whose file lists `pip` has it, in its runs too; a build that a pip changed is made again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from desktop_aml.domain.environments import BuildProgress, BuiltEnvironment, EnvironmentKind
from desktop_aml.environments.resolve.interpreters import Interpreter, find_all
from desktop_aml.run_folder import script_env
from desktop_aml.store.folder import WorkspaceIdentity
from tests.environments.bench import Bench

CONDA = "dependencies:\n- python=3.6\n- pip\n- pip:\n  - app==1.0\n"


def bundled_pip(interpreter: Interpreter) -> Path:
    """Return the wheel of pip that an interpreter brings."""
    asked = "import ensurepip, os; print(os.path.join(os.path.dirname(ensurepip.__file__), '_bundled'))"
    folder = subprocess.run([interpreter.path, "-c", asked], stdout=subprocess.PIPE, text=True, check=True).stdout
    return min(Path(folder.strip()).glob("pip-*.whl"))


def site_packages(built: BuiltEnvironment) -> Path:
    return next(Path(built.python).parents[1].glob("lib/python*/site-packages"))


def in_a_run(python: str, folder: Path, line: str) -> str:
    """Return what a command line prints that a script of a run with this Python calls."""
    block = script_env.variables(
        run_id="iris_1_ab",
        experiment="iris",
        workspace=WorkspaceIdentity("shop", "sub", "group"),
        run_directory=folder,
        nonce="n",
        python=python,
        extra={},
        inherited={"PATH": "/usr/bin:/bin", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
    )
    words = ["/bin/sh", "-c", line]
    return subprocess.run(words, env=block, cwd=folder, capture_output=True, text=True, check=False).stdout


@pytest.fixture
def pips(bench: Bench) -> None:
    """Publish the pip of the oldest Python of this computer and that of the one that is taken by itself."""
    here = find_all(bench.builds / "interpreters.json")
    for one in (here[-1], next(one for one in here if one.version[:2] == (3, 11))):
        bench.index.add_file("pip", bundled_pip(one))


@pytest.mark.usefixtures("pips")
def test_an_environment_that_names_pip_has_its_own(bench: Bench) -> None:
    built = bench.make("pip\napp==1.0\n")
    told = in_a_run(built.python, bench.root, "python -m pip --version && pip --version").splitlines()
    assert len(told) == 2
    assert all(f" from {site_packages(built)}/pip " in line for line in told)


@pytest.mark.usefixtures("pips")
def test_a_build_that_an_isolated_pip_changed_is_made_again_for_the_next_run(
    bench: Bench,
) -> None:
    extra = bench.index.add_wheel("extra", "1.0")
    built = bench.make(CONDA, kind=EnvironmentKind.CONDA)
    assert f" from {site_packages(built)}/pip " in in_a_run(built.python, bench.root, "python -m pip --version")
    before = sorted(path.name for path in site_packages(built).glob("*-info"))
    for act in (f"install --no-index {extra}", "uninstall -y lib"):
        told = in_a_run(built.python, bench.root, f"python -I -m pip {act}")
        assert "Successfully" in told
        steps: list[BuildProgress] = []
        assert bench.make(CONDA, kind=EnvironmentKind.CONDA, report=steps.append) == built
        assert sorted(path.name for path in site_packages(built).glob("*-info")) == before
        assert any("changed after it was built" in step.message for step in steps)
        assert "changed after it was built" in bench.log.read_text()
