"""Which Docker engine is meant, how it is reached, and what is said when it is not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psutil
import pytest

from desktop_aml import docker_access
from desktop_aml.docker_access import address, contexts
from desktop_aml.docker_access.address import Address
from desktop_aml.domain.computes.container_files import FileSharing
from desktop_aml.domain.errors import MissingOnComputer
from tests.conftest import wait_until, words_of
from tests.far_engine import FarEngine


@pytest.fixture
def docker_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Docker's own settings, in a folder of the test; no context is chosen."""
    if shutil.which("docker") is None:
        pytest.skip("Docker's command line is not on this computer")
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / ".docker"))
    return tmp_path / ".docker"


def add_context(folder: Path, name: str, host: str, *, has_certificates: bool = False) -> None:
    """Add a context as Docker's own command line does."""
    words = ["docker", "context", "create", name, "--docker", f"host={host}"]
    if has_certificates:
        words[-1] += "".join(f",{what}={folder.parent / what}.pem" for what in ("ca", "cert", "key"))
    subprocess.run(words, check=True, capture_output=True)


def choose(folder: Path, name: str) -> None:
    folder.mkdir(exist_ok=True)
    # As `docker context use` does, which looks whether there is one of that name.
    (folder / "config.json").write_text(json.dumps({"currentContext": name}))


def test_the_engine_is_found_in_the_order_of_docker(docker_config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert address.find() == Address()
    add_context(docker_config, "big", "ssh://me@big")
    add_context(docker_config, "other", "tcp://192.0.2.7:2376")
    choose(docker_config, "big")
    assert address.find() == Address("ssh://me@big", "big")
    monkeypatch.setenv("DOCKER_CONTEXT", "other")
    assert address.find() == Address("tcp://192.0.2.7:2376", "other")
    monkeypatch.setenv("DOCKER_CONTEXT", "default")
    assert address.find() == Address()
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/x.sock")
    assert address.find() == Address("unix:///run/x.sock")
    assert address.find("ssh://me@third") == Address("ssh://me@third")


def test_what_was_written_down_finds_the_same_engine_whatever_is_chosen_by_then(
    docker_config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_context(docker_config, "big", "ssh://me@big")
    found = [address.find(), address.find("context://big"), address.find("tcp://127.0.0.1:1")]
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/x.sock")
    assert [address.find(str(one)) for one in found] == found


def test_a_context_that_is_not_there_is_named(docker_config: Path) -> None:
    choose(docker_config, "gone")
    with pytest.raises(MissingOnComputer, match="“gone” does not exist") as caught:
        address.find()
    assert "docker context ls" in caught.value.hint


def test_a_context_brings_its_certificates(docker_config: Path, tmp_path: Path) -> None:
    key, own = tmp_path / "key.pem", tmp_path / "cert.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-keyout", key, "-out", own]
    subprocess.run(words, check=True, capture_output=True)
    shutil.copy(own, tmp_path / "ca.pem")
    add_context(docker_config, "big", "tcp://192.0.2.7:2376", has_certificates=True)
    found = contexts.read("big").tls()
    assert found is not None
    assert found.verify
    assert Path(str(found.ca_cert)).read_bytes() == own.read_bytes()
    assert Path(found.cert[1]).read_bytes() == key.read_bytes()
    add_context(docker_config, "plain", "tcp://192.0.2.7:2375")
    assert contexts.read("plain").tls() is None


@pytest.mark.parametrize(
    ("host", "is_elsewhere"),
    [
        ("", False),
        ("unix:///run/docker.sock", False),
        ("tcp://127.0.0.1:2375", False),
        ("tcp://localhost:2375", False),
        ("tcp://[::1]:2375", False),
        ("tcp://192.0.2.7:2376", True),
        ("tcp://big.example.org:2376", True),
        ("ssh://me@127.0.0.1", True),
    ],
)
def test_files_are_copied_to_an_engine_elsewhere_unless_it_is_said(host: str, is_elsewhere: bool) -> None:
    assert Address(host).copies(FileSharing.AUTO) is is_elsewhere
    assert Address(host).copies(FileSharing.COPY)
    assert not Address(host).copies(FileSharing.MOUNT)


def test_an_engine_elsewhere_that_does_not_answer_is_named() -> None:
    words = docker_access.unreachable(OSError("timed out"), Address("tcp://192.0.2.7:2376", "big"))
    assert "tcp://192.0.2.7:2376 (Docker context “big”) does not answer" in words.message


def test_an_engine_is_reached_through_the_context_that_is_chosen(docker_config: Path, far_engine: FarEngine) -> None:
    add_context(docker_config, "far", far_engine.tcp)
    choose(docker_config, "far")
    client = docker_access.connect()
    assert client.api.base_url == far_engine.tcp.replace("tcp", "http")
    client.close()


def test_an_ssh_connection_ends_with_its_client_and_leaves_nothing(ssh_host: str) -> None:
    client = docker_access.connect()
    assert client.ping()
    ours = [child for child in psutil.Process().children() if "ssh" in child.name()]
    assert any("docker.sock" in word for child in ours for word in words_of(child))
    client.close()
    wait_until(lambda: not any("docker.sock" in " ".join(words_of(child)) for child in alive(ours)), "ssh to end")


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


def test_a_computer_that_does_not_let_us_in_is_named_with_what_ssh_says(
    ssh_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.environ["PATH"].split(":", 1)[1])  # without the key of the tests
    with pytest.raises(MissingOnComputer, match=r"cannot be reached through ssh: .*(denied|failed)") as caught:
        docker_access.connect(f"ssh://nobody@127.0.0.1:{ssh_port}")
    assert caught.value.hint == "Check that this works without a question: ssh 127.0.0.1 docker version"


def test_a_computer_without_docker_is_told_apart(ssh_port: int, tmp_path: Path) -> None:
    with pytest.raises(MissingOnComputer, match="does not answer"):
        docker_access.connect(f"ssh://root@127.0.0.1:{ssh_port}{tmp_path}/none.sock")


@pytest.mark.parametrize(
    ("told", "is_root"),
    [
        ({"SecurityOptions": ["name=seccomp,profile=builtin", "name=rootless", "name=cgroupns"]}, True),
        ({"SecurityOptions": ["name=seccomp,profile=default"], "Rootless": True}, True),  # podman
        ({"SecurityOptions": ["name=seccomp,profile=default"], "Rootless": False}, False),
        ({"SecurityOptions": None}, False),
    ],
)
def test_in_containers_of_an_engine_without_root_this_user_is_their_root(told: dict[str, Any], is_root: bool) -> None:
    assert docker_access.user_in(told) == ("0:0" if is_root else f"{os.getuid()}:{os.getgid()}")
    assert docker_access.keeps_limits({**told, "CgroupVersion": "2"})
    assert docker_access.keeps_limits({**told, "CgroupVersion": "1"}) is not is_root
