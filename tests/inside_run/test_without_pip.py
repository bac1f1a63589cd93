"""`pip` in a run means the environment's own, or a word on what to do; never another Python's."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from desktop_aml.environments.resolve.interpreters import find_all
from desktop_aml.run_folder import script_env
from desktop_aml.store.folder import WorkspaceIdentity

HERE = find_all()


@pytest.fixture(params=[HERE[0], HERE[-1]], ids=lambda one: one.version_text)
def run(request: pytest.FixtureRequest, tmp_path: Path):
    """Return what runs a command line as a script of a run would, in an environment without pip."""
    folder = tmp_path / "environment"
    subprocess.run([request.param.path, "-m", "venv", "--without-pip", str(folder)], check=True)
    users = tmp_path / "users"
    users.mkdir()
    (users / "pip").write_text("#!/bin/sh\necho the user\n")
    (users / "pip").chmod(0o755)
    block = script_env.variables(
        run_id="iris_1_ab",
        experiment="iris",
        workspace=WorkspaceIdentity("shop", "sub", "group"),
        run_directory=tmp_path,
        nonce="n",
        python=str(folder / "bin" / "python"),
        extra={},
        inherited={"PATH": f"{users}:/usr/bin:/bin"},
    )

    def command(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["/bin/sh", "-c", line], env=block, cwd=tmp_path, capture_output=True, text=True)

    command.folder = folder  # type: ignore[attr-defined]
    return command


@pytest.mark.parametrize(
    "line",
    [
        "pip install -q xgboost",
        "pip3 install xgboost",
        "pip3.9 install xgboost",
        "easy_install xgboost",
        "python -m pip install xgboost",
        "python -mpip install xgboost",
    ],
)
def test_pip_says_what_to_do_where_the_environment_has_none(run, line: str):
    done = run(line)
    assert done.returncode == 1
    assert "Add xgboost to the environment" in done.stderr
    assert not done.stdout


def test_a_script_that_looks_for_pip_still_finds_none(run):
    done = run("python -c \"import importlib.util as u; print(u.find_spec('pip'))\"; python -c 'import pip'")
    assert done.stdout == "None\n"
    assert "No module named 'pip'" in done.stderr


def test_the_environments_own_pip_comes_first(run):
    site = next((run.folder / "lib").glob("python*/site-packages"))
    (site / "pip").mkdir()
    (site / "pip" / "__init__.py").write_text("")
    (site / "pip" / "__main__.py").write_text("print('its own')\n")
    assert [run(line).stdout for line in ("pip --version", "python -m pip --version")] == ["its own\n", "its own\n"]
