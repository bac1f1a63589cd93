"""Tests of Docker can be asked as an ordinary user: root would not see what only fails there."""

from __future__ import annotations

import os
import subprocess
import sys

import docker
import pytest

from tests.ordinary_user import RUNNING, UID


def test_whoever_asks_reaches_the_docker_engine(docker_host: str) -> None:
    client = docker.from_env()
    assert client.ping()
    client.close()
    print(f"asked as {os.getuid()}")


def test_tests_of_docker_are_asked_as_an_ordinary_user(docker_engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(RUNNING, docker_engine)
    words = [
        "--near",
        "-q",
        "-s",
        "-p",
        "no:xdist",
        f"{__file__}::{test_whoever_asks_reaches_the_docker_engine.__name__}",
    ]
    told = subprocess.run(
        [sys.executable, "-m", "tests.ordinary_user", *words], check=False, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert f"asked as {UID}" in told.stdout
