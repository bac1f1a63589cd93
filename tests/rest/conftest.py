"""A tracking server on a thread of the test, over a workspace with an engine, and a client for it."""

from __future__ import annotations

import http.client
import json
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import pytest

from desktop_aml.rest.server import TrackingServer
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.tracking.tracker import Tracker

TOKEN = "a-token-of-the-test"
API = "/api/2.0/mlflow"
FILES = "/api/2.0/mlflow-artifacts/artifacts"


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> dict:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return self.json["error_code"]


class Client:
    """Speaks to the server as a client of MLflow does."""

    def __init__(self, port: int) -> None:
        self.port = port

    def send(self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None) -> Answer:
        sent = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json", **(headers or {})}
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, data, {name: text for name, text in sent.items() if text})
            reply = connection.getresponse()
            return Answer(reply.status, reply.read(), {name.lower(): text for name, text in reply.getheaders()})
        finally:
            connection.close()

    def post(self, path: str, /, **body: object) -> Answer:
        return self.send("POST", API + path, body)

    def get(self, path: str, /, **query: object) -> Answer:
        return self.send("GET", f"{API}{path}?{urlencode(query, doseq=True)}")

    def new_run(self, experiment: str = "0", **more: object) -> str:
        return self.post("/runs/create", experiment_id=experiment, start_time=1000, **more).json["run"]["info"][
            "run_id"
        ]

    def run(self, run_id: str) -> dict:
        return self.get("/runs/get", run_id=run_id).json["run"]

    def put_file(self, run_id: str, path: str, data: bytes) -> Answer:
        return self.send("PUT", f"{FILES}/0/{run_id}/artifacts/{quote(path)}", data)

    def get_file(self, run_id: str, path: str, **headers: str) -> Answer:
        return self.send("GET", f"{FILES}/0/{run_id}/artifacts/{quote(path)}", headers=headers)


@pytest.fixture
def tracker(workspace: Workspace) -> Iterator[Tracker]:
    made = Tracker(workspace)
    yield made
    made.close()


@pytest.fixture
def server(tracker: Tracker) -> Iterator[TrackingServer]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(16)
    made = TrackingServer(listener, tracker, TOKEN)
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def client(server: TrackingServer) -> Client:
    return Client(server.port)


@pytest.fixture
def own_pid() -> int:
    return os.getpid()
