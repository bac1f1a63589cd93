"""The wheel: what it installs into an empty environment works, and is no larger than it was promised to be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
UV = str(Path(sys.executable).with_name("uv"))
LARGEST_BYTES = 750 << 20

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program of a wheel that was built from this checkout, in an environment that had nothing before."""
    place = tmp_path_factory.mktemp("wheel")
    # The versions of the lock: they lie in uv's cache already.
    locked = run([UV, "export", "--quiet", "--locked", "--no-dev", "--no-hashes", "--no-emit-project"], CHECKOUT)
    (place / "locked.txt").write_text(locked)
    run([UV, "build", "--quiet", "--wheel", "--out-dir", str(place), str(CHECKOUT)], place)
    [wheel] = place.glob("*.whl")
    assert wheel.name.startswith(f"desktop_aml-{version_that_is_built()}-py3-")
    run([UV, "venv", "--quiet", "--python", sys.executable, str(place / "empty")], place)
    python = place / "empty" / "bin" / "python"
    run([UV, "pip", "install", "--quiet", "--python", str(python), "-c", "locked.txt", str(wheel)], place)
    return python.with_name("desktop-aml")


def version_that_is_built() -> str:
    """The version of Git's last tag, or the one that is written down."""
    return run(
        [sys.executable, "-c", "import built_version; print(built_version.version())"], CHECKOUT / "packaging"
    ).strip()


def run(command: list[str], folder: Path, **env_vars: str) -> str:
    """Run a program and return what it printed; skip where no index can be reached."""
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **env_vars}, capture_output=True, text=True, timeout=300, check=False
    )
    if done.returncode and command[0] == UV and "error sending request" in done.stderr:
        pytest.skip(f"no package index can be reached: {done.stderr[-300:]}")
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def test_the_demo_runs_from_a_wheel_alone_and_what_is_submitted_next_goes_elsewhere(
    program: Path, tmp_path: Path, marked_processes: object
) -> None:
    home = {"HOME": str(tmp_path), "PYTHONPATH": "", "TMPDIR": str(tmp_path)}
    assert run([str(program), "--version"], tmp_path, **home) == f"desktop-aml, version {version_that_is_built()}\n"
    said = run([str(program), "demo"], tmp_path, **home)
    assert 'Prediction: ["setosa", "virginica"]' in said
    [demo] = tmp_path.glob("desktop-aml-demo-*/workspace")
    assert str(demo) in said
    (tmp_path / "own.py").write_text("print(1)\n")
    submitted = json.loads(run([str(program), "submit", "own.py", "--json"], tmp_path, **home))
    assert submitted["workspace"]["name"] == "default"
    listed = json.loads(run([str(program), "run", "list", "--json", "--workspace", str(demo)], tmp_path, **home))
    assert [one["experiment"] for one in listed] == ["train-sklearn"]
    run([str(program), "endpoint", "delete", "iris-service", "--workspace", str(demo)], tmp_path, **home)


def test_the_window_of_a_wheel_can_be_loaded_and_its_files_are_there(program: Path, tmp_path: Path) -> None:
    code = (
        "import desktop_aml.ui.start.app, desktop_aml.ui.shell.main_window\n"
        "from desktop_aml import resources\nprint(resources.path('icons', 'info.svg').is_file(), resources.__file__)"
    )
    said = run([str(program.with_name("python")), "-I", "-c", code], tmp_path)
    assert said.startswith("True")
    assert str(program.parents[1]) in said


def test_what_a_wheel_installs_is_no_larger_than_promised_and_brings_no_addons(program: Path) -> None:
    installed = program.parents[1]
    files = [path.stat() for path in installed.rglob("*") if path.is_file() and not path.is_symlink()]
    assert sum(file.st_size for file in files) <= LARGEST_BYTES
    names = {path.name.split("-")[0].lower() for path in installed.glob("lib/python*/site-packages/*.dist-info")}
    assert "pyside6_essentials" in names
    assert not {"pyside6", "pyside6_addons"} & names
