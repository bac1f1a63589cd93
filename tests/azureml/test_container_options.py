"""What a `DockerConfiguration` asks of the container reaches the run; what has no effect is told by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from desktop_aml.store import runs
from desktop_aml.store.database import Database


@pytest.fixture
def asked(azure: Any, project: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Any, dict[str, str]]]:
    """Return what submits with a `DockerConfiguration`, and gives back what was asked and the run's own variables."""
    from azureml.core import Experiment, ScriptRunConfig
    from azureml.core.runconfig import DockerConfiguration

    (project / "train.py").write_text("print('trained')\n")

    def submit(**words: Any) -> tuple[Any, dict[str, str]]:
        config = ScriptRunConfig(".", "train.py", docker_runtime_config=DockerConfiguration(**words))
        run = Experiment(azure, "e").submit(config)
        with Database(Path(azure._path) / "desktop_aml.db", read_only=True) as db:
            given = runs.attempt_of(db, run.id)[2]
        run.wait_for_completion()
        return json.loads(given.pop("DESKTOP_AML_CONTAINER", "null")), given

    return submit


MB = 1 << 20


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ({}, None),
        ({"shm_size": "2g"}, None),
        ({"shm_size": None}, None),
        ({"shm_size": "512m"}, {"shm_bytes": 512 * MB}),
        ({"shm_size": "1.5GB"}, {"shm_bytes": 1536 * MB}),
        ({"shm_size": 64 * MB}, {"shm_bytes": 64 * MB}),
        ({"arguments": ["--shm-size", "8g"]}, {"shm_bytes": 8192 * MB}),
        ({"arguments": ["--shm-size=8g"], "shm_size": "1g"}, {"shm_bytes": 8192 * MB}),
        ({"arguments": ["--shm-size 8g"]}, {"shm_bytes": 8192 * MB}),
        ({"arguments": ["-m", "1g", "--cpus=1.5"]}, {"memory_bytes": 1024 * MB, "cpus": 1.5}),
        ({"arguments": ["-m1g", "--rm", "-it"]}, {"memory_bytes": 1024 * MB}),
        ({"arguments": ["--network", "none"]}, {"is_offline": True}),
        ({"arguments": ["--ulimit", "nofile=10:20"]}, {"ulimits": {"nofile": [10, 20]}}),
        ({"arguments": ["--ulimit=core=0"]}, {"ulimits": {"core": [0, 0]}}),
    ],
)
def test_sizes_and_limits_are_asked_for(asked: Any, notes: Callable[[], str], words: Any, wanted: Any) -> None:
    assert asked(**words)[0] == wanted
    assert "DockerConfiguration" not in notes()


def test_variables_are_the_runs(asked: Any, monkeypatch: pytest.MonkeyPatch, project: Path) -> None:
    monkeypatch.setenv("FROM_HERE", "here")
    (project / "more.env").write_text("# of the file\nFILED=1\n")
    arguments = ["-e", "A=two words", "--env=B=x=y", "-e", "FROM_HERE", "-e", "NOT_HERE", "--env-file", "more.env"]
    _, given = asked(arguments=arguments)
    assert {name: given.get(name) for name in ("A", "B", "FROM_HERE", "NOT_HERE", "FILED")} == {
        "A": "two words",
        "B": "x=y",
        "FROM_HERE": "here",
        "NOT_HERE": None,
        "FILED": "1",
    }


def test_what_has_no_effect_is_told_by_name(asked: Any, notes: Callable[[], str]) -> None:
    arguments = ["--privileged", "-v", "/data:/data", "--ipc=host", "--gpus", "all", "--network", "host"]
    assert asked(arguments=arguments)[0] is None
    said = notes()
    assert all(name in said for name in ("--privileged", "-v", "--ipc", "--gpus", "--network"))


@pytest.mark.parametrize(
    "words",
    [
        {"shm_size": "lots"},
        {"shm_size": "0"},
        {"shm_size": "-1g"},
        {"shm_size": True},
        {"arguments": ["--cpus", "many"]},
        {"arguments": ["--memory"]},
        {"arguments": ["image"]},
        {"arguments": "--label 'not closed"},
        {"arguments": ["--label 'not closed"]},
        {"arguments": ["--ulimit", "nofile"]},
        {"arguments": ["--env-file", "not-there.env"]},
    ],
)
def test_what_means_nothing_is_refused_before_the_run(asked: Any, words: Any) -> None:
    from azureml.exceptions import UserErrorException

    with pytest.raises(UserErrorException):
        asked(**words)


def test_the_old_section_of_an_environment_is_heard_too(azure: Any, project: Path) -> None:
    from azureml.core import Environment, ScriptRunConfig
    from azureml.core._submit.container_options import of
    from azureml.core._submit.submission import _docker_of
    from azureml.core.runconfig import RunConfiguration

    (project / "train.py").write_text("pass\n")
    settings = RunConfiguration()
    settings.environment = Environment("mine")
    settings.environment.docker.enabled = True
    settings.environment.docker.shm_size = "3g"
    config = ScriptRunConfig(".", "train.py", run_config=settings)
    assert json.loads(of(_docker_of(config))["DESKTOP_AML_CONTAINER"]) == {"shm_bytes": 3 << 30}


@pytest.mark.parametrize(
    ("words", "shm_size", "arguments"),
    [
        ({}, "2g", []),
        ({"shm_size": "512m"}, "512m", []),
        ({"shm_size": "1.5GB", "arguments": ["--cpus", "1.5", "-m", "3g"]}, "1536m", ["--cpus=1.5", "--memory=3g"]),
        ({"arguments": ["--shm-size=8g", "--network", "none", "--ulimit", "nofile=64"]}, "8g",
         ["--network=none", "--ulimit=nofile=64:64"]),
    ],
)  # fmt: skip
def test_the_details_of_a_run_say_what_was_asked(
    azure: Any, project: Path, words: Any, shm_size: str, arguments: list[str]
) -> None:
    from azureml.core import Experiment, ScriptRunConfig
    from azureml.core.runconfig import DockerConfiguration

    (project / "train.py").write_text("pass\n")
    config = ScriptRunConfig(".", "train.py", docker_runtime_config=DockerConfiguration(**words))
    run = Experiment(azure, "e").submit(config)
    docker = run.get_details()["runDefinition"]["docker"]
    assert (docker["shmSize"], docker["arguments"]) == (shm_size, arguments)
    run.wait_for_completion()
