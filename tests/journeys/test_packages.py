"""Sources of several folders run as their authors start them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop_aml.cli import main
from desktop_aml.domain.runs import RunState
from desktop_aml.workspace import Workspace

DATA = "def rows(): return [1, 2]\n"
ABSOLUTE = "from {}.data import rows\nprint('rows', sum(rows()))\n"
RELATIVE = ABSOLUTE.format("")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {
        "pkg/__init__.py": "",
        "pkg/data.py": DATA,
        "pkg/train.py": RELATIVE,
        "pkg/__main__.py": "from . import train\n",
        "src/tool/__init__.py": "",
        "src/tool/data.py": DATA,
        "src/tool/train.py": ABSOLUTE.format("tool"),
        "scripts/train.py": ABSOLUTE.format("pkg"),
        # Starts a process of its own, and a copy of itself as multiprocessing does where it cannot fork.
        "scripts/parallel.py": (
            "import multiprocessing, subprocess, sys\nfrom pkg.data import rows\n"
            "if __name__ == '__main__':\n"
            "    subprocess.run([sys.executable, 'scripts/train.py'], check=True)\n"
            "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
            "        print('rows', sum(pool.apply(rows)))\n"
        ),
    }
    for name, text in files.items():
        path = tmp_path / "proj" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "proj"


def test_every_layout_finds_its_packages(engine_workspace: Workspace, ended, project: Path) -> None:
    ways = {
        "a script below the top": engine_workspace.runs.submit("scripts/train.py", source_directory=project),
        "other processes": engine_workspace.runs.submit("scripts/parallel.py", source_directory=project),
        "src": engine_workspace.runs.submit("src/tool/train.py", source_directory=project),
        "a file of a package": engine_workspace.runs.submit("pkg/train.py", source_directory=project),
        "a file of a package alone": engine_workspace.runs.submit(project / "pkg/train.py"),
        "a module": engine_workspace.runs.submit("pkg.train", source_directory=project, as_module=True),
        "a module in src": engine_workspace.runs.submit("tool.train", source_directory=project, as_module=True),
        "a package": engine_workspace.runs.submit("pkg", source_directory=project, as_module=True),
    }
    for way, run_id in ways.items():
        run = ended(engine_workspace, run_id)
        log = engine_workspace.runs.files.read_log(run_id).data.decode()
        assert run.summary.state is RunState.COMPLETED, (way, log)
        assert log.endswith("rows 3\n"), (way, log)
    module = engine_workspace.runs.get(ways["a module"])
    assert module.summary.script == "pkg/train.py"
    assert module.command[1:] == ("-m", "pkg.train")
    again = ended(engine_workspace, engine_workspace.runs.rerun(ways["a module"]))
    assert (again.summary.state, again.command[1:]) == (RunState.COMPLETED, ("-m", "pkg.train"))


def test_the_command_line_starts_a_module_of_the_folder_it_stands_in(
    engine_workspace: Workspace,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    monkeypatch.chdir(project)
    words = ("-w", str(engine_workspace.path), "--json", "--", "--rate", "0.1")
    assert main(["submit", "-m", "pkg.train", *words]) == 0
    told = json.loads(capfdbinary.readouterr().out)
    assert (told["experiment"], told["script"], told["state"]) == ("proj", "pkg/train.py", "Completed")
    assert main(["submit", "-m", "pkg.nosuch", *words]) != 0
    assert b"There is no module" in b"".join(capfdbinary.readouterr())
