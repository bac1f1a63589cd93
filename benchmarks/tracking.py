"""MLflow's client against our tracking server and against `mlflow server`, side by side, as ratios.

Needs an interpreter with the whole `mlflow` package: ``MLFLOW_PYTHON=PATH python -m benchmarks.tracking``; without one
it says so and measures nothing. ``mlflow server`` is asked twice, as it comes and with ``--workers 1``. The servers
keep their data on the same disk, one is up at a time, and each has made its database before; the client is the same
process code, unmodified. What the server takes for a batch is measured by a connection of its own that stays open.
"""

from __future__ import annotations

import http.client
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

from benchmarks.history import note

ROUNDS = int(os.environ.get("ROUNDS", "2"))
LONGEST_START_S = 300.0
CLIENT = """
import json, statistics, sys, time, mlflow
from mlflow.entities import Metric
client = mlflow.MlflowClient()
run = client.create_run("0").info.run_id
for step in range(10): client.log_metric(run, "warm", 0.0, step=step)
single = []
for step in range(50):
    start = time.perf_counter(); client.log_metric(run, "loss", step / 7, timestamp=step, step=step)
    single.append(time.perf_counter() - start)
batch = []
for number in range(4):
    points = [Metric("b%d" % number, step / 7, step, step) for step in range(1000)]
    start = time.perf_counter(); client.log_batch(run, metrics=points)
    batch.append(time.perf_counter() - start)
start = time.perf_counter(); client.get_metric_history(run, "b0"); history = time.perf_counter() - start
print(json.dumps([statistics.median(single), statistics.median(batch), history, run]))
"""
KINDS = ("ours", "mlflow server", "mlflow server --workers 1")
ROWS = {
    "log_metric": "5 times",
    "log_batch of 1,000": "6 times",
    "the same, the server alone": "6 times, 10 ms",
    "history of 1,000": "",
    "cold start": "10 times of --workers 1",
    "memory": "5 times of --workers 1",
}
"""What is measured, and what it is to be at least."""


@dataclass
class Server:
    """A server that was started; times are in seconds, memory in bytes."""

    process: subprocess.Popen[bytes]
    port: int
    token: str
    start_s: float

    def memory(self) -> int:
        """Return what it and its workers hold; what processes share counts once where the system tells."""
        family = [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]
        return sum(one.memory_full_info().pss for one in family)

    def end(self) -> None:
        """End it and its workers, which are a group of their own, as Ctrl+C would."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        os.killpg(self.process.pid, signal.SIGINT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for one in family:
            if one.is_running():
                one.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(words: list[str], port: int, folder: Path, *, tells_token: bool) -> Server:
    """Start a server and wait for its first answer."""
    began = time.perf_counter()
    log = folder / "server.log"
    with log.open("wb") as stderr:
        out = subprocess.PIPE if tells_token else stderr
        process = subprocess.Popen(words, cwd=folder, stdout=out, stderr=stderr, start_new_session=True)
    token = ""
    if tells_token:
        assert process.stdout
        token = [process.stdout.readline() for _ in range(2)][1].decode().strip().partition("=")[2]
    while time.perf_counter() - began < LONGEST_START_S and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                return Server(process, port, token, time.perf_counter() - began)
        except OSError:
            time.sleep(0.01)
    process.kill()
    process.wait()
    sys.exit(
        f"{words[0]} {words[1]} did not answer in {LONGEST_START_S:.0f} s:\n{log.read_text(errors='replace')[-2000:]}"
    )


def measured(server: Server, python: str) -> list[float]:
    """Return what a client needs for a point, a batch and a history, and the server for a batch."""
    told = {
        "MLFLOW_TRACKING_URI": f"http://127.0.0.1:{server.port}",
        "MLFLOW_TRACKING_TOKEN": server.token,
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    done = subprocess.run(
        [python, "-W", "ignore", "-c", CLIENT],
        env={**os.environ, **told},
        capture_output=True,
        check=True,
        timeout=300,
    )
    single, batch, history, run = json.loads(done.stdout.splitlines()[-1])
    return [single, batch, of_server(server, run), history]


def of_server(server: Server, run_id: str) -> float:
    """Return how long a server takes for a batch, told by a connection that is open already."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    head = {"Content-Type": "application/json", "Authorization": f"Bearer {server.token}"}
    taken = []
    for number in range(4):
        points = [{"key": f"s{number}", "value": step / 7, "timestamp": step, "step": step} for step in range(1000)]
        body = json.dumps({"run_id": run_id, "metrics": points})
        began = time.perf_counter()
        connection.request("POST", "/api/2.0/mlflow/runs/log-batch", body, head)
        answer = connection.getresponse()
        answer.read()
        taken.append(time.perf_counter() - began)
        if answer.status != 200:
            sys.exit(f"A batch was answered with {answer.status}.")
    connection.close()
    return statistics.median(taken)


def words_for(kind: str, port: int, python: str, folder: Path) -> list[str]:
    """Return the command of a server."""
    if kind == "ours":
        program = str(Path(sys.executable).with_name("desktop-aml"))
        return [program, "tracking", "--port", str(port), "-w", f"{folder}/w"]
    workers = ["--workers", "1"] if kind.endswith("1") else []
    # On a busy machine uvicorn takes workers that only start for dead, ends them and starts others, without end.
    patient = ["--uvicorn-opts", "--timeout-worker-healthcheck 300"]
    return [python, "-m", "mlflow", "server", *workers, *patient, "--port", str(port),
            "--backend-store-uri", f"sqlite:///{folder}/m.db"]  # fmt: skip


def main() -> None:
    """Measure each in turn and print."""
    python = os.environ.get("MLFLOW_PYTHON", "")
    if not python:
        print("Set MLFLOW_PYTHON to an interpreter that has the whole mlflow package; nothing was measured.")
        return
    found: dict[str, list[list[float]]] = {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        for place in ("CONFIG", "DATA", "STATE"):
            os.environ[f"XDG_{place}_HOME"] = f"{folder}/home/{place}"
        program = str(Path(sys.executable).with_name("desktop-aml"))
        subprocess.run([program, "workspace", "create", folder / "w"], check=True, capture_output=True)
        # What is started is compiled once before, on both sides: the rounds start it again.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        upgrade = [python, "-m", "mlflow", "db", "upgrade", f"sqlite:///{folder}/m.db"]
        subprocess.run(upgrade, check=True, capture_output=True, timeout=300)
        for kind in (KINDS[0], KINDS[-1]):
            port = free_port()
            start(words_for(kind, port, python, folder), port, folder, tells_token=kind == "ours").end()
        for number in range(ROUNDS):
            for kind in found:
                port = free_port()
                server = start(words_for(kind, port, python, folder), port, folder, tells_token=kind == "ours")
                try:
                    found[kind].append([*measured(server, python), server.start_s, server.memory()])
                finally:
                    server.end()
                print(f"round {number + 1}: {kind} measured", flush=True)
    for place, (row, bar) in enumerate(ROWS.items()):
        values = {kind: [one[place] for one in rounds] for kind, rounds in found.items()}
        ours = statistics.median(values["ours"])
        shown = [f"ours {_shown(row, ours)}"]
        for kind in KINDS[1:]:
            theirs = statistics.median(values[kind])
            shown.append(f"{kind} {_shown(row, theirs)}, {theirs / ours:.1f} times")
            name = f"tracking: {row} to {kind}"
            note(name, [own / other for own, other in zip(values["ours"], values[kind], strict=True)])
        print(f"{row}: {'; '.join(shown)}{f' (bar {bar})' if bar else ''}")


def _shown(row: str, value: float) -> str:
    return f"{value / 1e6:.1f} MB" if row == "memory" else f"{value * 1000:.2f} ms"


if __name__ == "__main__":
    main()
