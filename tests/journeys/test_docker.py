"""The journey in Docker, on the command line: train in a container, serve in a container, and survive kills."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.docker_engine import OWN_BASE
from tests.journeys.test_command_line import TRAIN, Terminal
from tests.journeys.test_docker_kills import use_base_image
from tests.ordinary_user import UID, as_user

TINY = "dependencies:\n  - python=3.11\n"


class UsersTerminal(Terminal):
    """Commands of an ordinary user, who may enter the folders that the tests' Python and Docker engine lie in."""

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            as_user([sys.executable, "-m", "desktop_aml", *words]),
            cwd=self.folder,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )


@pytest.fixture
def terminal(
    tmp_path: Path,
    docker_host: str,
    marked_processes: object,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Terminal]:
    use_base_image()
    made = Terminal(tmp_path)
    (tmp_path / "project").mkdir()
    (tmp_path / "tiny.yml").write_text(TINY)
    made.run("workspace", "create", "space", "--name", "test")
    made.folder = tmp_path / "space"
    made.run("environment", "register", str(tmp_path / "tiny.yml"))
    yield made
    left = containers(tmp_path)
    for container in left:
        client = docker.from_env()
        client.api.remove_container(container, force=True)
        client.close()
    assert left == []


def containers(root: Path) -> list[str]:
    """The containers of runs below `root` that Docker knows, running or not."""
    client = docker.from_env()
    try:
        found = client.api.containers(all=True, filters={"label": "desktop-aml=run"})
        return [one["Id"] for one in found if one["Labels"]["desktop-aml.attempt"].startswith(str(root))]
    finally:
        client.close()


def script(terminal: Terminal, text: str) -> str:
    path = terminal.folder.parent / "project/train.py"
    path.write_text(text)
    return str(path)


def test_train_and_serve_in_docker(terminal: Terminal, tmp_path: Path) -> None:
    train = script(terminal, TRAIN + "\nprint(os.path.isdir('/opt/environment'))\n")
    assert "True" in terminal.run("submit", train, "--target", "docker", "--experiment", "iris")
    run = terminal.json("run", "show", "latest")
    assert (run["state"], run["target"]) == ("Completed", "docker")
    assert run["metrics"]["accuracy"] > 0.9
    assert all(path.stat().st_uid == os.getuid() for path in terminal.folder.rglob("*"))
    terminal.run("model", "register", "--run", "latest", "--path", "outputs/model.joblib", "--name", "iris")
    endpoint = terminal.json("deploy", "iris", "--name", "iris-service", "--target", "docker")
    assert (endpoint["state"], endpoint["target"]) == ("Healthy", "docker")
    rows = json.dumps({"data": [[5.1, 3.5, 1.4, 0.2]], "method": "predict"})
    assert json.loads(terminal.run("score", "iris-service", "--data", rows)) == [0]
    terminal.run("endpoint", "stop", "iris-service")
    terminal.run("endpoint", "start", "iris-service")
    assert json.loads(terminal.run("score", "iris-service", "--data", rows)) == [0]
    terminal.run("endpoint", "delete", "iris-service")


WHO = """
import getpass, os, pwd
print(getpass.getuser() == pwd.getpwuid(os.getuid()).pw_name, os.getuid(), getpass.getuser())
open("outputs/mine.txt", "w").write("mine")
open(os.path.expanduser("~/mine"), "w").close()
"""


@pytest.fixture
def users_terminal(docker_host: str, marked_processes: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """A terminal of an ordinary user, in a folder that the user may enter."""
    with tempfile.TemporaryDirectory(prefix="desktop-aml-user-") as folder:
        monkeypatch.setenv("DESKTOP_AML_HOME", f"{folder}/home")
        use_base_image()
        (Path(folder) / "tiny.yml").write_text(TINY)
        (Path(folder) / "project").mkdir()
        for path in (Path(folder), *Path(folder).rglob("*")):
            os.chown(path, UID, UID)
        made = UsersTerminal(Path(folder))
        made.run("workspace", "create", "space", "--name", "test")
        made.folder = Path(folder) / "space"
        made.run("environment", "register", f"{folder}/tiny.yml")
        yield made


def test_an_ordinary_user_trains_and_serves_in_docker(users_terminal: Terminal) -> None:
    terminal = users_terminal
    train = script(terminal, WHO)
    docker_and_tiny = ("--target", "docker", "--environment", "tiny")
    is_known, uid, name = terminal.run("submit", train, *docker_and_tiny, "--experiment", "who").split()
    assert (is_known, uid) == ("True", str(UID))
    assert terminal.json("run", "show", "latest")["state"] == "Completed"
    assert terminal.json("environment", "show", "tiny")["state"] == "Built as image", "the run has made or found it"
    assert "outputs/mine.txt" in {one["path"] for one in terminal.json("run", "outputs", "latest")}
    assert {path.stat().st_uid for path in terminal.folder.rglob("*")} == {UID}
    score = terminal.folder.parent / "project/score.py"
    score.write_text("import getpass\n\ndef init():\n    pass\n\ndef run(data):\n    return getpass.getuser()\n")
    endpoint = terminal.json("deploy", "--name", "who", "--entry-script", str(score), *docker_and_tiny)
    assert (endpoint["state"], endpoint["target"]) == ("Healthy", "docker")
    assert json.loads(terminal.run("score", "who", "--data", '{"data": []}')) == name
    terminal.run("endpoint", "delete", "who")


def test_the_exit_code_of_a_script_in_a_container_is_the_runs(users_terminal: Terminal) -> None:
    terminal = users_terminal
    # A module of a package, which imports relatively and says why it ends before it says goodbye.
    package = terminal.folder.parent / "project/pkg"
    package.mkdir()
    (package / "__init__.py").write_text("CODE = 7\n")
    text = "import atexit, sys\nfrom . import CODE\natexit.register(print, 'bye')\n"
    (package / "train.py").write_text(f"{text}if len(sys.argv) > 1:\n    raise ValueError('no rows')\nsys.exit(CODE)\n")
    words = (
        "submit",
        "-m",
        "pkg.train",
        "--source",
        str(package.parent),
        "--target",
        "docker",
        "--environment",
        "tiny",
    )
    terminal.run(*words, code=1)
    run = terminal.json("run", "show", "latest")
    assert (run["state"], run["outcome"]["exit_code"]) == ("Failed", 7)
    terminal.run(*words, "--", "fail", code=1)
    assert terminal.json("run", "show", "latest")["error"].startswith("ValueError: no rows (")


def test_without_a_docker_engine_the_run_says_what_to_do(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
        terminal.run("submit", script(terminal, "pass"), "--target", "docker", "--environment", "tiny", code=1)
    assert "No Docker engine answers on this computer" in terminal.err
    assert "systemctl start docker" in terminal.err


def test_a_dockerfile_is_an_environment_that_runs_where_it_belongs(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(f"FROM {OWN_BASE}\nENV COLOUR=blue\n")
    terminal.run("environment", "register", str(tmp_path / "Dockerfile"), "--name", "blue")
    assert terminal.run("environment", "build", "blue") == "blue:1 is ready (Python 3.11.2).\n"
    train = script(terminal, "import os; print(os.environ['COLOUR'])")
    assert terminal.run("submit", train, "--target", "docker", "--environment", "blue") == "blue\n"
    runs = len(terminal.json("run", "list"))
    terminal.run("submit", train, "--environment", "blue", code=2)
    assert "blue:1: This environment is made for Docker" in terminal.err
    assert "Choose Docker as the target" in terminal.err
    assert len(terminal.json("run", "list")) == runs, "it is refused before there is a run"


def test_an_environment_is_built_as_an_image_without_a_run(terminal: Terminal) -> None:
    assert terminal.run("environment", "build", "tiny", "--builder", "image") == "tiny:1 is ready.\n"
    assert terminal.json("environment", "show", "tiny")["state"] == "Built as image"


def test_a_dockerfile_that_fails_names_its_line(users_terminal: Terminal) -> None:
    terminal, folder = users_terminal, users_terminal.folder.parent
    (folder / "Dockerfile").write_text(f"FROM {OWN_BASE}\nRUN exit 9\n")
    terminal.run("environment", "register", str(folder / "Dockerfile"), "--name", "broken")
    terminal.run("environment", "build", "broken", code=1)
    assert "Line 2: it ended with exit code 9" in terminal.err
    assert terminal.json("environment", "show", "broken")["state"] == "Failed"
    # The build that a run waits for ends with it, too.
    (folder / "Dockerfile").write_text(f"FROM {OWN_BASE}\nRUN exit 8\n")
    terminal.run("environment", "register", str(folder / "Dockerfile"), "--name", "worse")
    train = script(terminal, "pass")
    terminal.run("submit", train, "--target", "docker", "--environment", "worse", code=1)
    assert "Line 2: it ended with exit code 8" in terminal.err
    assert terminal.json("environment", "show", "worse")["state"] == "Failed"
