"""Docker engines that are reached as those on other computers are: by TCP, and through an ssh server of their own."""

from __future__ import annotations

import os
import shutil
import socket
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docker_engine import OWN_BASE, remove_daemon, start_daemon, unmarked
from tests.ordinary_user import RUNNING_FAR

SSHD = "/usr/sbin/sshd"


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.socket() as channel:
        channel.bind(("127.0.0.1", 0))
        return int(channel.getsockname()[1])


@dataclass(frozen=True)
class FarEngine:
    """A second Docker engine, that is reached the way one on another computer is."""

    folder: Path
    tcp: str


@pytest.fixture(scope="session")
def far_engine(docker_engine: str) -> Iterator[FarEngine]:
    """Return an engine with the base image."""
    if running := os.environ.get(RUNNING_FAR):
        yield FarEngine(Path("/nowhere"), running)
        return
    if os.geteuid() != 0:
        pytest.skip("a second Docker engine can only be started as root")
    with started_far_engine(docker_engine) as made:
        yield made


@contextmanager
def started_far_engine(docker_engine: str) -> Iterator[FarEngine]:
    """Yield a second engine, with the base image of the first."""
    folder = Path(f"/run/desktop-aml-far-{os.getpid()}")
    here = {**os.environ, "DOCKER_HOST": docker_engine}
    image = subprocess.run(["docker", "save", OWN_BASE], check=True, capture_output=True, env=here).stdout
    start_daemon(folder)
    try:
        with tcp_door(folder / "docker.sock") as tcp:
            there = {**os.environ, "DOCKER_HOST": tcp}
            subprocess.run(["docker", "load"], input=image, check=True, stdout=subprocess.DEVNULL, env=there)
            yield FarEngine(folder, tcp)
    finally:
        remove_daemon(folder)


@pytest.fixture
def tcp_host(far_engine: FarEngine, monkeypatch: pytest.MonkeyPatch) -> str:
    """Have everything in the test use an engine that is reached by TCP."""
    monkeypatch.setenv("DOCKER_HOST", far_engine.tcp)
    return far_engine.tcp


@pytest.fixture(scope="session")
def ssh_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Return the port of an ssh server that lets the tests in; skip where there is none."""
    if os.geteuid() != 0:
        pytest.skip("the tests' ssh server lets root in, and nobody else")
    if not Path(SSHD).exists():
        say = pytest.fail if os.environ.get("CI") else pytest.skip
        say("there is no ssh server on this computer (apt-get install openssh-server)")
    with ssh_server(tmp_path_factory.mktemp("ssh")) as port:
        yield port


@pytest.fixture
def ssh_host(far_engine: FarEngine, ssh_port: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """Have everything in the test use an engine that is reached through ssh."""
    host = f"ssh://root@127.0.0.1:{ssh_port}{far_engine.folder}/docker.sock"
    monkeypatch.setenv("DOCKER_HOST", host)
    return host


@contextmanager
def tcp_door(path: Path) -> Iterator[str]:
    """Yield an address by TCP that leads to a socket: the engine itself is in a network that cannot be reached."""

    class Visitor(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.socket(socket.AF_UNIX) as engine:
                engine.connect(str(path))
                back = threading.Thread(target=pass_on, args=(engine, self.request), daemon=True)
                back.start()
                pass_on(self.request, engine)
                back.join()

    class Door(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Door(("127.0.0.1", 0), Visitor) as door:
        threading.Thread(target=door.serve_forever, daemon=True).start()
        yield f"tcp://127.0.0.1:{door.server_address[1]}"
        door.shutdown()


def pass_on(source: socket.socket, target: socket.socket) -> None:
    """Pass on all that comes, and its end."""
    with suppress(OSError):
        while data := source.recv(1 << 16):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


@contextmanager
def ssh_server(folder: Path) -> Iterator[int]:
    """Yield the port of an ssh server that lets only the tests in.

    The user's own ``ssh`` is asked, so its settings are put before it on the path.
    """
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    shutil.copy(folder / "user.pub", folder / "allowed")
    port = free_port()
    public = (folder / "host.pub").read_text().split()
    (folder / "known").write_text(f"[127.0.0.1]:{port} {public[0]} {public[1]}\n")
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    options = [
        f"Port={port}",
        "ListenAddress=127.0.0.1",
        f"HostKey={folder}/host",
        f"AuthorizedKeysFile={folder}/allowed",
        "PasswordAuthentication=no",
        "KbdInteractiveAuthentication=no",
        "PermitRootLogin=prohibit-password",
        "StrictModes=no",
        "UsePAM=no",
        f"PidFile={folder}/pid",
    ]
    words = [SSHD, "-D", "-e", "-f", "/dev/null", *(word for option in options for word in ("-o", option))]
    (folder / "bin").mkdir()
    program = folder / "bin" / "ssh"
    own = f"-F /dev/null -o IdentitiesOnly=yes -o UserKnownHostsFile={folder}/known -i {folder}/user"
    program.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} {own} "$@"\n')
    program.chmod(0o755)
    path = os.environ["PATH"]
    with subprocess.Popen(words, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=unmarked()) as running:
        assert running.stderr is not None
        assert b"listening on" in running.stderr.readline()
        # What it says later would fill the pipe.
        threading.Thread(target=running.stderr.read, daemon=True).start()
        os.environ["PATH"] = f"{folder}/bin:{path}"
        try:
            yield port
        finally:
            os.environ["PATH"] = path
            running.terminate()
