"""Requests per second of an endpoint against a naive `http.server` with joblib, in the same run, alternating.

    python benchmarks/scoring.py [SECONDS_PER_CELL]

One row a request. Prints one line for each model and number of connections: both speeds, their ratio, the CPU time of
both servers a request (which other programs disturb less than the speed), and the endpoint's p50 and p99.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import joblib
import psutil
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from desktop_aml.domain.registry import EndpointState
from desktop_aml.serving import front_process
from desktop_aml.serving.config import EndpointConfig, ModelFile, write_config

NAIVE = """
import json, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import joblib, numpy
model = joblib.load(sys.argv[1])
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # one packet an answer; without it the delayed ACK costs 40 ms each
    def log_message(self, *args): pass
    def do_POST(self):
        data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["data"]
        body = json.dumps(model.predict_proba(numpy.array(data)).tolist()).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
"""
BODY = json.dumps({"data": [[5.1, 3.5, 1.4, 0.2]]}).encode()
ROUNDS = 3


class Caller(asyncio.Protocol):
    """One connection that asks again as soon as it is answered."""

    def __init__(self, request: bytes, times: list[float]) -> None:
        self.request, self.times, self.received = request, times, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        self.asked_at = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return
        lower = head.lower()
        length = int(lower.split(b"content-length:")[1].split(b"\r\n")[0])
        if len(body) < length:
            return
        if b" 200 " not in head[:20]:
            raise SystemExit(self.received.decode())
        self.times.append(time.perf_counter() - self.asked_at)
        self.received = b""
        self.ask()


def cpu_s(pids: list[int]) -> float:
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)


async def measure(
    port: int, path: str, connections: int, seconds: float, pids: list[int]
) -> tuple[float, float, list[float]]:
    """Return requests per second, the server's CPU microseconds a request, and the times of all requests."""
    request = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(BODY)}\r\n\r\n"
    ).encode() + BODY
    loop = asyncio.get_running_loop()
    times: list[float] = []
    callers = [
        await loop.create_connection(lambda: Caller(request, times), "127.0.0.1", port) for _ in range(connections)
    ]
    await asyncio.sleep(seconds / 5)
    times.clear()
    started, cpu_before = time.perf_counter(), cpu_s(pids)
    await asyncio.sleep(seconds)
    cpu_us = (cpu_s(pids) - cpu_before) * 1e6 / max(1, len(times))
    speed = len(times) / (time.perf_counter() - started)
    measured = sorted(times)
    for transport, _ in callers:
        transport.close()
    await asyncio.sleep(0.05)
    return speed, cpu_us, measured


def deploy(folder: Path, file: Path) -> int:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    entry = ModelFile(str(file), digest, file.name)
    write_config(folder, EndpointConfig(name="bench", model="bench:1", files=(entry,), python=sys.executable))
    front_process.spawn_front(folder)
    while True:
        state = front_process.read_state(folder)
        if state and state.state is EndpointState.HEALTHY:
            return state.port
        if state and state.state is EndpointState.FAILED:
            raise SystemExit(state.error)
        time.sleep(0.02)


def report(
    name: str, connections: int, speeds: dict[str, list[float]], cpu: dict[str, list[float]], times: list[float]
) -> None:
    ours, naive = (statistics.median(speeds[who]) for who in ("ours", "naive"))
    ours_us, naive_us = (statistics.median(cpu[who]) for who in ("ours", "naive"))
    print(
        f"{name}, {connections:2} connections: {ours:6.0f} /s against {naive:5.0f} /s, ratio {ours / naive:4.1f}; "
        f"CPU {ours_us:6.0f} us against {naive_us:6.0f} us a request; "
        f"p50 {times[len(times) // 2] * 1e3:.2f} ms, p99 {times[int(len(times) * 0.99)] * 1e3:.2f} ms"
    )


def compare(name: str, model: object, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        file = folder / "model.joblib"
        joblib.dump(model, file)
        naive = subprocess.Popen(
            [sys.executable, "-c", NAIVE, str(file)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert naive.stdout
        naive_port = int(naive.stdout.readline())
        started = time.perf_counter()
        deploy(folder, file)
        print(f"{name}: ready to score {time.perf_counter() - started:.2f} s after the start")
        try:
            for connections in (1, 16):
                speeds: dict[str, list[float]] = {"ours": [], "naive": []}
                cpu: dict[str, list[float]] = {"ours": [], "naive": []}
                times: list[float] = []
                for _ in range(ROUNDS):
                    state = front_process.read_state(folder)
                    for who, at, path, pids in (
                        ("ours", state.port, "/score", [state.pid, state.model_pid]),
                        ("naive", naive_port, "/", [naive.pid]),
                    ):
                        speed, cpu_us, found = asyncio.run(measure(at, path, connections, seconds, pids))
                        speeds[who].append(speed)
                        cpu[who].append(cpu_us)
                        times += found if who == "ours" else []
                report(name, connections, speeds, cpu, sorted(times))
        finally:
            front_process.stop_front(folder)
            naive.kill()
            naive.wait()
            naive.stdout.close()


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    rows, classes = load_iris(return_X_y=True)
    compare("LogisticRegression", LogisticRegression(max_iter=500).fit(rows, classes), seconds)
    compare("RandomForest(100)", RandomForestClassifier(random_state=0).fit(rows, classes), seconds)


if __name__ == "__main__":
    main()
