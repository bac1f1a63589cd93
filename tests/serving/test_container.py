"""Endpoints in Docker, for real: what a model can do there, what it cannot, and how its container ends."""

from __future__ import annotations

import importlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import docker
import joblib
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from desktop_aml.domain.environments import BuildPlace, BuiltEnvironment, EnvironmentKind, PythonPinPolicy
from desktop_aml.domain.errors import PreparationError
from desktop_aml.domain.registry import EndpointState
from desktop_aml.environments.service import BuilderService
from desktop_aml.serving import container, front_process
from desktop_aml.serving.config import FrontState
from desktop_aml.serving.container import Order
from tests.docker_engine import BASE_IMAGE
from tests.serving.conftest import Deployed, wait_until
from tests.serving.inline import Inline


@pytest.fixture(scope="session")
def engine(docker_engine: str) -> Iterator[docker.DockerClient]:
    """The tests' engine, for this process and for the fronts that it starts."""
    before = os.environ.get("DOCKER_HOST")
    os.environ["DOCKER_HOST"] = docker_engine
    made = docker.from_env()
    yield made
    made.close()
    if before is None:
        del os.environ["DOCKER_HOST"]
    else:
        os.environ["DOCKER_HOST"] = before


@pytest.fixture(scope="session")
def image(engine: docker.DockerClient) -> BuiltEnvironment:
    """An image with the scikit-learn that the models of these tests are made with; it stays for the next time."""
    names = ("scikit-learn", "joblib", "numpy", "scipy")
    text = "dependencies:\n  - python=3.11\n  - pip:\n" + "".join(f"    - {name}=={version(name)}\n" for name in names)
    kept = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "desktop-aml-tests"
    service = BuilderService(kept / "builds", PythonPinPolicy.SAME_MINOR, BASE_IMAGE)
    return service.make_ready(
        EnvironmentKind.CONDA,
        text,
        place=BuildPlace.IMAGE,
        report=lambda _: None,
        cancel=threading.Event(),
        log_path=kept / "image-build.log",
    )


@pytest.fixture
def deploy_in_docker(deploy: Callable[..., Deployed], image: BuiltEnvironment) -> Callable[..., Deployed]:
    def deploy_one(model: Any, **options: Any) -> Deployed:
        return deploy(model, **{"image": image.image, "python": image.python, **options})

    return deploy_one


def containers(engine: docker.DockerClient, endpoint: Deployed) -> list[dict[str, Any]]:
    found = engine.api.containers(all=True, filters={"label": "desktop-aml=endpoint"})
    return [one for one in found if endpoint.state.nonce in one["Names"][0]]


def nosy(body: str) -> Inline:
    """A model whose ``predict`` runs `body`, whose last line sets ``said``."""
    lines = "".join(f"        {line}\n" for line in body.splitlines())
    return Inline(
        "class Model:\n    n_features_in_ = 1\n    def fit(self, X, y=None): return self\n"
        f"    def predict(self, X):\n{lines}        return [said for _ in X]\n"
    )


def test_a_model_in_a_container_answers_like_any_other(
    deploy_in_docker: Callable[..., Deployed], classifier: LogisticRegression, engine: docker.DockerClient
):
    endpoint = deploy_in_docker(classifier)
    assert endpoint.state.state is EndpointState.HEALTHY, endpoint.state
    answer = endpoint.post({"data": [[5.1, 3.5, 1.4, 0.2]], "method": "predict"})
    assert (answer.status, answer.json) == (200, [0])
    big = endpoint.post({"data": [[5.1, 3.5, 1.4, 0.2]] * 50_000, "method": "predict"})
    assert len(big.json) == 50_000
    assert len(containers(engine, endpoint)) == 1
    front_process.stop_front(endpoint.folder, 10)
    assert containers(engine, endpoint) == []


def test_a_model_of_a_class_beside_its_script_answers_in_a_container(
    deploy_in_docker: Callable[..., Deployed], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    beside = tmp_path / "beside"
    beside.mkdir()
    (beside / "own_model.py").write_text(
        "class Model:\n    n_features_in_ = 1\n    def fit(self, X, y=None): return self\n"
        "    def predict(self, X): return [7 for _ in X]\n"
    )
    monkeypatch.syspath_prepend(str(beside))
    model = importlib.import_module("own_model").Model()
    endpoint = deploy_in_docker(model, modules=(str(beside),))
    assert endpoint.state.state is EndpointState.HEALTHY, endpoint.state
    assert endpoint.post({"data": [[0]], "method": "predict"}).json == [7]


def test_a_model_that_predicts_with_several_jobs_answers(
    deploy_in_docker: Callable[..., Deployed], classifier: LogisticRegression
):
    samples, kinds = load_iris(return_X_y=True)
    forest = deploy_in_docker(RandomForestClassifier(8, n_jobs=2, random_state=0).fit(samples, kinds))
    assert forest.post({"data": [[5.1, 3.5, 1.4, 0.2]], "method": "predict"}).json == [0]
    processes = deploy_in_docker(
        nosy(
            "import os\nfrom joblib import Parallel, delayed\n"
            "found = Parallel(n_jobs=2, backend='loky')(delayed(os.getpid)() for _ in range(4))\n"
            "said = os.getpid() not in found"
        )
    )
    assert processes.post({"data": [[0]], "method": "predict"}).json == [True]


def test_the_container_is_confined_as_the_model_asks(
    deploy_in_docker: Callable[..., Deployed], classifier: LogisticRegression, engine: docker.DockerClient
):
    endpoint = deploy_in_docker(classifier, cpu=0.5, memory_in_gb=0.5)
    (container,) = containers(engine, endpoint)
    host = engine.api.inspect_container(container["Id"])["HostConfig"]
    assert host["NetworkMode"] == "none"
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert (host["NanoCpus"], host["Memory"], host["PidsLimit"]) == (500_000_000, 1 << 29, 256)
    assert sorted(path for path, options in host["Tmpfs"].items() if "ro" not in options.split(",")) == [
        "/dev/shm",
        "/tmp",
    ]
    assert [mount["ReadOnly"] for mount in host["Mounts"]] == [True, True]
    assert not any("docker.sock" in mount["Source"] for mount in host["Mounts"])


def test_a_model_cannot_open_a_network_connection(
    deploy_in_docker: Callable[..., Deployed], engine: docker.DockerClient
):
    endpoint = deploy_in_docker(
        nosy(
            "import socket\n"
            "said = []\n"
            "for family, where in ((socket.AF_INET, ('127.0.0.1', PORT)), (socket.AF_INET, ('192.0.2.1', 80))):\n"
            "    try:\n"
            "        socket.create_connection(where, 3).close()\n"
            "        said.append('connected')\n"
            "    except OSError as error:\n"
            "        said.append(type(error).__name__)\n"
            "said = ' '.join(said + [name for _, name in socket.if_nameindex()])".replace("PORT", "0x1F90")
        )
    )
    # The front itself listens on the loopback of this computer, which is not the container's.
    answer = endpoint.post({"data": [[1.0]], "method": "predict"})
    assert answer.json == ["ConnectionRefusedError OSError lo"]


def test_a_model_can_write_to_its_folders_in_memory_and_nowhere_else(deploy_in_docker: Callable[..., Deployed]):
    endpoint = deploy_in_docker(
        nosy(
            "import os\n"
            "written = []\n"
            "for root, folders, _ in os.walk('/'):\n"
            "    folders[:] = [name for name in folders if os.path.join(root, name) != '/proc']\n"
            "    try:\n"
            "        with open(os.path.join(root, 'mark'), 'w'): pass\n"
            "        os.remove(os.path.join(root, 'mark'))\n"
            "        written.append(root)\n"
            "    except OSError:\n"
            "        pass\n"
            "said = ' '.join(written)"
        )
    )
    answer = endpoint.post({"data": [[1.0]], "method": "predict"})
    # The test's model lies below this computer's /tmp, so that its mount point is in the scratch folder.
    (written,) = answer.json
    assert {path for path in written.split() if not path.startswith("/tmp/pytest-")} == {"/tmp", "/dev/shm"}


def test_a_model_cannot_change_its_own_file(deploy_in_docker: Callable[..., Deployed], tmp_path: Path):
    file = tmp_path / "model.joblib"
    body = (
        f"try:\n    open({str(file)!r}, 'ab').close()\n    said = 'open'\nexcept OSError as e:\n    said = str(e.errno)"
    )
    joblib.dump(nosy(body), file)
    endpoint = deploy_in_docker(None, file=file)
    assert endpoint.post({"data": [[1.0]], "method": "predict"}).json == ["30"]


def test_a_model_that_needs_too_much_memory_is_ended_and_the_endpoint_comes_back(
    deploy_in_docker: Callable[..., Deployed], engine: docker.DockerClient
):
    body = "if X[0][0] > 1:\n    open('/tmp/fill', 'wb').write(bytes(1 << 20) * 240)\nsaid = 'ok'"
    endpoint = deploy_in_docker(nosy(body), memory_in_gb=0.2)
    assert endpoint.post({"data": [[1.0]], "method": "predict"}).json == ["ok"]
    assert endpoint.post({"data": [[2.0]], "method": "predict"}).status in {500, 502}
    endpoint.wait(EndpointState.HEALTHY)
    wait_until(lambda: endpoint.post({"data": [[1.0]], "method": "predict"}).status == 200, "the model is back")
    assert len(containers(engine, endpoint)) == 1


def killed(state: FrontState) -> None:
    os.kill(state.pid, signal.SIGKILL)


def killed_model(state: FrontState) -> None:
    os.kill(state.model_pid, signal.SIGKILL)


@pytest.mark.kill
def test_a_killed_front_leaves_no_container(
    deploy_in_docker: Callable[..., Deployed], classifier: LogisticRegression, engine: docker.DockerClient
):
    endpoint = deploy_in_docker(classifier)
    killed(endpoint.state)
    wait_until(lambda: containers(engine, endpoint) == [], "the container to go")


@pytest.mark.kill
def test_a_killed_passer_on_ends_its_container_and_is_started_again(
    deploy_in_docker: Callable[..., Deployed], classifier: LogisticRegression, engine: docker.DockerClient
):
    endpoint = deploy_in_docker(classifier)
    (first,) = containers(engine, endpoint)
    killed_model(endpoint.state)
    wait_until(lambda: [one["Id"] for one in containers(engine, endpoint)] not in ([], [first["Id"]]), "another one")
    wait_until(lambda: endpoint.post({"data": [[5.1, 3.5, 1.4, 0.2]]}).status == 200, "the model is back")
    assert len(containers(engine, endpoint)) == 1


def test_a_model_that_does_not_answer_in_time_is_ended_with_its_container(
    deploy_in_docker: Callable[..., Deployed], engine: docker.DockerClient
):
    body = "import time\nif X[0][0] > 1:\n    time.sleep(600)\nsaid = 'ok'"
    endpoint = deploy_in_docker(nosy(body), scoring_timeout_ms=1500)
    assert endpoint.post({"data": [[2.0]], "method": "predict"}).status == 500
    wait_until(lambda: endpoint.post({"data": [[1.0]], "method": "predict"}).status == 200, "the model is back")
    assert len(containers(engine, endpoint)) == 1


def test_an_image_that_is_gone_is_said_in_words(deploy_in_docker: Callable[..., Deployed], classifier: Any):
    endpoint = deploy_in_docker(classifier, image=f"sha256:{'0' * 64}")
    assert endpoint.state.state is EndpointState.FAILED
    assert "The image of the endpoint's environment is gone from Docker" in endpoint.state.error


def test_no_docker_engine_is_said_in_words(
    deploy_in_docker: Callable[..., Deployed], classifier: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    endpoint = deploy_in_docker(classifier)
    assert endpoint.state.state is EndpointState.FAILED
    assert "No Docker engine answers on this computer" in endpoint.state.error


def test_a_model_of_another_version_is_named_in_a_container(deploy_in_docker: Callable[..., Deployed], tmp_path: Path):
    file = tmp_path / "model.pkl"
    file.write_bytes(b"csklearn.linear_model.ridge\nRidge\np0\n(V_sklearn_version\np1\nV0.21.3\np2\n.")
    endpoint = deploy_in_docker(None, file=file)
    assert "was written with scikit-learn 0.21.3; here there is" in endpoint.state.error


@pytest.mark.parametrize("limits", [{"cpu": 1.0}, {"memory_bytes": 1 << 30}])
def test_a_limit_that_an_engine_without_root_would_ignore_is_refused(limits: dict[str, Any]) -> None:
    class Rootless:
        def info(self) -> dict[str, object]:
            return {"Rootless": True, "CgroupVersion": "1"}

    order = Order(name="n", endpoint="iris", image="i", python="python3", env_vars={}, read_only=(), **limits)
    with pytest.raises(PreparationError, match="keeps no limit of memory"):
        container._create(Rootless(), order)  # type: ignore[arg-type]
