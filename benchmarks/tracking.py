"""MLflow's client against our tracking server and against `mlflow server`, side by side, as ratios.

Needs an interpreter with the whole `mlflow` package: ``MLFLOW_PYTHON=PATH python benchmarks/tracking.py``. Both
servers keep their data on the same disk; the client is the same process code, unmodified.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil

ROUNDS = 3
CLIENT = """
import json, statistics, sys, time, mlflow
from mlflow.entities import Metric
client = mlflow.MlflowClient()
run = client.create_run("0").info.run_id
client.log_metric(run, "warm", 0.0)
single = []
for step in range(200):
    start = time.perf_counter(); client.log_metric(run, "loss", step / 7, timestamp=step, step=step)
    single.append(time.perf_counter() - start)
batch = []
for number in range(8):
    points = [Metric("b%d" % number, step / 7, step, step) for step in range(1000)]
    start = time.perf_counter(); client.log_batch(run, metrics=points)
    batch.append(time.perf_counter() - start)
start = time.perf_counter(); client.get_metric_history(run, "b0"); history = time.perf_counter() - start
print(json.dumps([statistics.median(single), statistics.median(batch), history]))
"""


@dataclass
class Server:
    """A server that was started; times are in seconds, memory in bytes."""

    process: subprocess.Popen[bytes]
    uri: str
    token: str
    start_s: float

    def memory(self) -> int:
        family = [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]
        return sum(one.memory_info().rss for one in family)

    def end(self) -> None:
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        for one in family:
            if one.is_running():
                one.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(words: list[str], port: int, token: str | None, folder: Path) -> Server:
    began = time.perf_counter()
    process = subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE if token is None else subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)  # fmt: skip
    if token is None:
        assert process.stdout
        token = [process.stdout.readline() for _ in range(2)][1].decode().strip().partition("=")[2]
    uri = f"http://127.0.0.1:{port}"
    while True:
        try:
            with urllib.request.urlopen(f"{uri}/health", timeout=5):
                return Server(process, uri, token, time.perf_counter() - began)
        except OSError:
            time.sleep(0.01)


def measured(server: Server, python: str) -> list[float]:
    told = {
        "MLFLOW_TRACKING_URI": server.uri,
        "MLFLOW_TRACKING_TOKEN": server.token,
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    done = subprocess.run(
        [python, "-W", "ignore", "-c", CLIENT], env={**os.environ, **told}, capture_output=True, check=True
    )
    return list(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Measure each in turn and print."""
    python = os.environ.get("MLFLOW_PYTHON", "")
    if not python:
        sys.exit("Set MLFLOW_PYTHON to an interpreter that has the whole mlflow package.")
    found: dict[str, list[list[float]]] = {"ours": [], "mlflow": []}
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        os.environ["DESKTOP_AML_HOME"] = f"{folder}/home"
        program = str(Path(sys.executable).with_name("desktop-aml"))
        subprocess.run([program, "workspace", "create", folder / "w"], check=True, capture_output=True)
        for _ in range(ROUNDS):
            for kind in found:
                port = free_port()
                ours = [program, "tracking", "--port", str(port), "-w", f"{folder}/w"]
                theirs = [python, "-m", "mlflow", "server", "--workers", "1", "--port", str(port),
                          "--backend-store-uri", f"sqlite:///{folder}/m.db"]  # fmt: skip
                server = start(ours if kind == "ours" else theirs, port, None if kind == "ours" else "", folder)
                try:
                    found[kind].append([*measured(server, python), server.start_s, server.memory()])
                finally:
                    server.end()
    rows = ("log_metric", "log_batch of 1,000", "history of 1,000", "cold start", "memory")
    for place, row in enumerate(rows):
        ours, theirs = (statistics.median(one[place] for one in found[kind]) for kind in ("ours", "mlflow"))
        shown = (f"{ours / 1e6:8.1f} MB, {theirs / 1e6:8.1f} MB" if row == "memory"
                 else f"{ours * 1000:8.2f} ms, {theirs * 1000:8.2f} ms")  # fmt: skip
        print(f"{row:20} {shown}: mlflow server / ours = {theirs / ours:.1f}")


if __name__ == "__main__":
    main()
