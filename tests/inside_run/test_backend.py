"""Both ways from Azure ML code to the workspace: a process of Desktop AML outside a run, files inside one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from desktop_aml import settings
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until
from tests.inside_run.conftest import SITE
from tests.inside_run.run_folder import RunFolder

DETAILS = """
import json, sys
from desktop_aml_run import backend
print(json.dumps(backend.call("workspace.details", workspace=sys.argv[1])))
"""


class Client:
    """Runs code as a user does who put `sdk-path` on PYTHONPATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env_vars = {**os.environ, "PYTHONPATH": str(SITE), "DESKTOP_AML_PYTHON": sys.executable}

    def start(self, python: str, code: str, *words: str, **env_vars: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [python, "-c", code, *words],
            cwd=self.folder,
            env={**self.env_vars, **env_vars},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, python: str, code: str, *words: str, **env_vars: str) -> subprocess.CompletedProcess[str]:
        process = self.start(python, code, *words, **env_vars)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@pytest.fixture
def client(tmp_path: Path, marked_processes: object) -> Client:
    folder = tmp_path / "client"
    folder.mkdir()
    return Client(folder)


@pytest.fixture
def closed_workspace(tmp_path: Path) -> Path:
    made = Workspace.create(tmp_path / "workspace", "shop")
    made.close()
    return made.path


def test_outside_a_run_any_python_reaches_the_workspace(client: Client, closed_workspace: Path, python: str) -> None:
    done = client.run(python, DETAILS, str(closed_workspace))
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert (answer["name"], answer["path"]) == ("shop", str(closed_workspace))


def test_nothing_is_left_when_the_code_ends(
    client: Client, closed_workspace: Path, marked_processes: Callable[[], list[psutil.Process]]
) -> None:
    client.run(sys.executable, DETAILS, str(closed_workspace))
    assert marked_processes() == []


def test_killing_the_code_ends_the_other_side(
    client: Client, closed_workspace: Path, marked_processes: Callable[[], list[psutil.Process]]
) -> None:
    code = DETAILS + "sys.stdout.flush(); input()"
    process = client.start(sys.executable, code, str(closed_workspace))
    assert process.stdout
    process.stdout.readline()
    assert len(marked_processes()) == 2
    process.kill()
    process.communicate()
    wait_until(lambda: marked_processes() == [], "the other side to end")


def test_ctrl_c_reaches_the_code_alone(client: Client, closed_workspace: Path) -> None:
    code = DETAILS + (
        # A shell that starts the tests in the background has Ctrl+C ignored; this is about code in a terminal.
        "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "try:\n    print('waits', flush=True)\n    input()\nexcept KeyboardInterrupt:\n    pass\n"
        "print(backend.call('workspace.details', workspace=sys.argv[1])['name'])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(closed_workspace)],
        env=client.env_vars,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout
    process.stdout.readline()
    assert process.stdout.readline() == "waits\n"
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=60)[0] == "shop\n"


def test_a_fork_gets_an_other_side_of_its_own(client: Client, closed_workspace: Path) -> None:
    code = DETAILS + (
        "import os\n"
        "pid = os.fork()\n"
        "name = backend.call('workspace.details', workspace=sys.argv[1])['name']\n"
        "if pid:\n    assert os.waitpid(pid, 0)[1] == 0\n    print('parent', name)"
    )
    done = client.run(sys.executable, code, str(closed_workspace))
    assert done.stdout.splitlines()[-1] == "parent shop", done.stderr


def test_a_refusal_names_its_kind(client: Client, tmp_path: Path) -> None:
    code = DETAILS.replace("print", "try:\n    print").replace(
        ")))", ")))\nexcept backend.Refused as error:\n    print(error.error, '-', error)"
    )
    done = client.run(sys.executable, code, str(tmp_path))
    assert done.stdout.startswith(f"NotFound - “{tmp_path}” is not a workspace"), done.stderr


def test_the_interpreter_is_the_one_that_desktop_aml_wrote_down(client: Client, closed_workspace: Path) -> None:
    settings.remember_interpreter()
    del client.env_vars["DESKTOP_AML_PYTHON"]
    done = client.run(sys.executable, DETAILS, str(closed_workspace), PATH=os.defpath)
    assert json.loads(done.stdout)["name"] == "shop"


@pytest.mark.parametrize("named", ["", "absent/python"])
def test_without_an_installation_the_words_say_what_to_do(client: Client, closed_workspace: Path, named: str) -> None:
    done = client.run(sys.executable, DETAILS, str(closed_workspace), DESKTOP_AML_PYTHON=named, PATH=str(client.folder))
    assert done.returncode == 1
    assert "DESKTOP_AML_PYTHON" in done.stderr.splitlines()[-1]


def test_a_module_of_the_folder_does_not_replace_ours(client: Client, closed_workspace: Path) -> None:
    (client.folder / "msgspec.py").write_text("raise SystemExit('wrong module')")
    assert client.run(sys.executable, DETAILS, str(closed_workspace)).returncode == 0


def test_inside_a_run_the_question_goes_through_its_folder(
    run_folder: RunFolder, answered: Callable[..., None], edge_python: str
) -> None:
    process = subprocess.Popen(
        [edge_python, "-c", DETAILS, "/elsewhere"], env=run_folder.env_vars, text=True, stdout=subprocess.PIPE
    )
    asked: list[dict[str, object]] = []

    def look() -> bool:
        request = answered({"ok": True, "body": {"name": "own"}})
        asked.extend([request] if request else [])  # type: ignore[list-item]
        return bool(asked)

    wait_until(look, "the question of the script")
    assert process.communicate(timeout=60)[0] == '{"name": "own"}\n'
    assert (asked[0]["kind"], asked[0]["body"]) == ("call", {"method": "workspace.details", "body": {}})


@pytest.fixture
def running_script(workspace: Workspace, write_script: Callable[..., Path]) -> Iterator[Callable[[str], str]]:
    def run(code: str) -> str:
        run_id = workspace.runs.submit(write_script(code), experiment="inside")
        wait_until(lambda: workspace.runs.get(run_id).summary.state.is_terminal(), "the end of the run")
        return workspace.runs.files.read_log(run_id).data.decode()

    return run


def test_a_running_script_is_answered_by_the_engine(workspace: Workspace, running_script: Callable[[str], str]) -> None:
    said = running_script("from desktop_aml_run import backend\nprint(backend.call('workspace.details')['path'])")
    assert said == f"{workspace.path}\n"


def test_a_running_script_learns_why_it_was_refused(running_script: Callable[[str], str]) -> None:
    said = running_script(
        "from desktop_aml_run import backend\n"
        "try:\n    backend.call('no.such')\nexcept backend.Refused as error:\n    print(error.error, error.message)"
    )
    assert said.startswith("InvalidInput This version of Desktop AML does not know the call “no.such”")


EMPTIES = """
import os
os.environ.clear()
from azureml.core import Run
run = Run.get_context()
assert run is Run.get_context(allow_offline=False)
run.log("loss", 0.5)
os.environ = {}
print(run.id, run.experiment.name)
assert Run.get_context() is run
import multiprocessing
worker = multiprocessing.get_context("fork").Process(target=lambda: Run.get_context().log("forked", 1))
worker.start()
worker.join()
raise ValueError("at its end")
"""


def test_a_script_that_empties_its_variables_stays_in_its_run(run_folder: RunFolder, edge_python: str) -> None:
    done = run_folder.script(edge_python, EMPTIES)
    assert run_folder.env_vars["AZUREML_RUN_ID"] in done.stdout, done.stderr
    assert run_folder.env_vars["AZUREML_ARM_PROJECT_NAME"] in done.stdout
    assert run_folder.metrics("loss") == [0.5]
    assert run_folder.metrics("forked") == [1]


def test_who_takes_the_id_of_the_run_away_is_offline(run_folder: RunFolder, edge_python: str) -> None:
    done = run_folder.script(
        edge_python,
        "import os; del os.environ['AZUREML_RUN_ID']; from azureml.core import Run; print(Run.get_context().id)",
    )
    assert done.stdout.startswith("OfflineRun_"), done.stderr


def test_what_keeps_a_file_says_where_it_is(run_folder: RunFolder, edge_python: str) -> None:
    done = run_folder.script(
        edge_python,
        """
import io, os
from azureml.core import Run
run = Run.get_context()
kept = run.upload_file("a/b.txt", io.BytesIO(b"1"))
assert kept.artifacts["a/b.txt"].path == "a/b.txt"
assert kept.serialize() == {"artifacts": {"a/b.txt": {
    "artifactId": "ExperimentRun/dcid.{}/a/b.txt".format(run.id), "origin": "ExperimentRun",
    "container": "dcid." + run.id, "path": "a/b.txt"}}}, kept.serialize()
os.mkdir("folder")
for name in "xy":
    open("folder/" + name, "w").close()
assert sorted(run.upload_folder("f", "folder").artifacts) == ["f/x", "f/y"]
assert list(run.upload_files(["g"], ["folder/x"]).artifacts) == ["g"]
""",
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_modules_of_the_package_are_there_unasked(run_folder: RunFolder, edge_python: str) -> None:
    done = run_folder.script(
        edge_python,
        "import azureml.core\n"
        "assert azureml.data.__version__ == azureml.core.VERSION\n"
        "print(azureml.core.model.Model.__name__, azureml.exceptions.UserErrorException.__name__)\n"
        "assert not hasattr(azureml, 'pipeline') and not hasattr(azureml, '_x')\n"
        "assert not hasattr(azureml.core, 'nosuch')",
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "Model UserErrorException\n", "")
