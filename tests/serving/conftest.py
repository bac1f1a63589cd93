"""Real endpoints for the tests of serving: a front, a model process, HTTP."""

from __future__ import annotations

import hashlib
import http.client
import json
import secrets
import socket
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

from desktop_aml.domain.registry import EndpointState
from desktop_aml.serving import front_process
from desktop_aml.serving.config import EndpointConfig, FrontState, ModelFile, ScoringScript, write_config

DEADLINE_S = 40.0


def wait_until(condition: Callable[[], Any], what: str, deadline_s: float = DEADLINE_S) -> Any:
    until = time.monotonic() + deadline_s
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"not within {deadline_s} s: {what}")


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        return self.json["message"]


class Deployed:
    """An endpoint in a folder, and ways to talk to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def state(self) -> FrontState:
        state = front_process.read_state(self.folder)
        assert state is not None
        return state

    @property
    def uri(self) -> str:
        return self.state.scoring_uri

    @property
    def port(self) -> int:
        return self.state.port

    @property
    def log(self) -> str:
        return (self.folder / "log.txt").read_text()

    def wait(self, *states: EndpointState) -> FrontState:
        return wait_until(lambda: self.state if self.state.state in states else None, f"{states}: {self.state}")

    def ask(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def post(self, payload: Any, **headers: str) -> Answer:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        return self.ask("POST", "/score", body, {"Content-Type": "application/json"} | headers)

    def raw(self, data: bytes, timeout_s: float = 20.0) -> bytes:
        """Send bytes as they are and return all that comes back until the other side closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout_s) as wire:
            wire.sendall(data)
            wire.shutdown(socket.SHUT_WR)
            received = b""
            try:
                while block := wire.recv(1 << 16):
                    received += block
            except ConnectionResetError:
                pass
            return received


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def deploy_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Deployed]]:
    yield from _deployer(lambda: tmp_path_factory.mktemp("endpoint"))


@pytest.fixture
def deploy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Deployed]]:
    yield from _deployer(lambda: tmp_path_factory.mktemp("endpoint"))


def _deployer(make_folder: Callable[[], Path]) -> Iterator[Callable[..., Deployed]]:
    folders: list[Path] = []

    def deploy(model: Any = None, *, file: Path | None = None, start: bool = True, **options: Any) -> Deployed:
        folder = make_folder()
        folders.append(folder)
        if file is None:
            file = folder / "model.joblib"
            joblib.dump(model, file)
        entry = ModelFile(str(file), options.pop("sha256", None) or sha256_of(file), file.name)
        nonce = secrets.token_hex(8)
        given = {"name": "iris", "model": "iris:1", "python": sys.executable, "nonce": nonce, "files": (entry,)}
        write_config(folder, EndpointConfig(**(given | options)))
        endpoint = Deployed(folder)
        if start:
            front_process.spawn_front(folder)
            endpoint.wait(EndpointState.HEALTHY, EndpointState.FAILED)
        return endpoint

    yield deploy
    for folder in folders:
        front_process.stop_front(folder, 10)


@pytest.fixture(scope="session")
def iris() -> tuple[np.ndarray, np.ndarray]:
    return load_iris(return_X_y=True)


@pytest.fixture(scope="session")
def classifier(iris: tuple[np.ndarray, np.ndarray]) -> LogisticRegression:
    return LogisticRegression(max_iter=500).fit(*iris)


@pytest.fixture(scope="module")
def endpoint(deploy_module: Callable[..., Deployed], classifier: LogisticRegression) -> Deployed:
    """One endpoint without a key, shared by the tests of a module."""
    return deploy_module(classifier)


@pytest.fixture(scope="module")
def locked(deploy_module: Callable[..., Deployed], classifier: LogisticRegression) -> Deployed:
    """One endpoint that wants a key."""
    return deploy_module(classifier, auth_enabled=True, keys=("first-key", "second-key"))


@pytest.fixture
def deploy_script(tmp_path: Path) -> Iterator[Callable[..., Deployed]]:
    folders: list[Path] = []

    def deploy(source: str, *, python: str = sys.executable, files: dict[str, str] | None = None, **options: object):
        folder = tmp_path / f"endpoint-{len(folders)}"
        folders.append(folder)
        app = folder / "app"
        model = app / "azureml-models" / "iris" / "3" / "model.txt"
        for path, text in {app / "score.py": textwrap.dedent(source), model: "2", **_at(app, files)}.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        script = ScoringScript(
            app=str(app), entry_script="score.py", model_dir=str(model.parent), data_dir=str(folder / "modeldata")
        )
        given = {
            "name": "iris",
            "model": "iris:3",
            "python": python,
            "nonce": folder.name,
            "files": (ModelFile(str(model), sha256_of(model), "model.txt"),),
            "script": script,
        }
        write_config(folder, EndpointConfig(**(given | options)))
        front_process.spawn_front(folder)
        endpoint = Deployed(folder)
        endpoint.wait(EndpointState.HEALTHY, EndpointState.FAILED)
        return endpoint

    yield deploy
    for folder in folders:
        front_process.stop_front(folder, 10)


def _at(app: Path, files: dict[str, str] | None) -> dict[Path, str]:
    return {app / name: textwrap.dedent(text) for name, text in (files or {}).items()}


def healthy(endpoint: Deployed) -> Deployed:
    assert endpoint.state.state is EndpointState.HEALTHY, endpoint.state
    return endpoint
