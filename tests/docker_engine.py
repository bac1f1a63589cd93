"""A Docker engine for the tests: one of their own, which no other program uses and which no test may miss on CI."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.old_pythons import pythons_of
from tests.ordinary_user import RUNNING

PACKAGING = Path(__file__).resolve().parents[1] / "packaging"
BASE_IMAGE = "desktop-aml/base:{version}"
OWN_BASE = "desktop-aml/base:3.11"


def why_not() -> str:
    """Return why there can be no engine here, or nothing."""
    if os.geteuid() != 0:
        return "a Docker engine of its own can only be started as root"
    if shutil.which("dockerd") is None and not os.environ.get("CI"):
        return "there is no Docker engine on this computer (apt-get install docker.io debootstrap)"
    return ""


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[str]:
    """Return the address of a Docker engine that has a base image; skip where there is none."""
    if running := os.environ.get(RUNNING):
        yield running
        return
    reason = why_not()
    if reason and os.environ.get("CI"):
        pytest.fail(f"CI must have a Docker engine, but {reason}")
    if reason:
        pytest.skip(reason)
    with started_engine() as address:
        yield address


@contextmanager
def started_engine() -> Iterator[str]:
    """Yield the address of the tests' own engine, which is stopped if it did not run before."""
    engine = [str(PACKAGING / "docker-engine.sh")]
    was_running = subprocess.run([*engine, "status"], check=False, capture_output=True).returncode == 0
    started = subprocess.run([*engine, "start"], check=True, capture_output=True, text=True)
    address = started.stdout.split()[-1]
    old = pythons_of("3.6")[-1:]
    build = [str(PACKAGING / "base-image" / "build.sh"), *map(str, old)]
    subprocess.run(build, check=True, env={**os.environ, "DOCKER_HOST": address}, stdout=subprocess.DEVNULL)
    yield address
    if not was_running:
        subprocess.run([*engine, "stop"], check=True)


@pytest.fixture
def docker_host(docker_engine: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Have everything in the test use the tests' engine, with the base image that needs no registry."""
    monkeypatch.setenv("DOCKER_HOST", docker_engine)
    return docker_engine


@pytest.fixture
def own_daemon(docker_host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A second Docker engine, which a test may kill; it has the base image."""
    folder = Path(f"/run/desktop-aml-test-{os.getpid()}")
    image = subprocess.run(["docker", "save", "desktop-aml/base:3.11"], check=True, capture_output=True).stdout
    start_daemon(folder)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{folder}/docker.sock")
    subprocess.run(["docker", "load"], input=image, check=True, stdout=subprocess.DEVNULL)
    yield folder
    remove_daemon(folder)


def remove_daemon(folder: Path) -> None:
    """Stop an engine and remove what it had."""
    subprocess.run([PACKAGING / "docker-engine.sh", "stop", folder], check=True)
    for mounted in subprocess.run(["findmnt", "-rno", "TARGET"], capture_output=True, text=True).stdout.split():
        if mounted.startswith(str(folder)):
            subprocess.run(["umount", "-l", mounted], check=False)
    subprocess.run(["rm", "-rf", folder], check=True)


def start_daemon(folder: Path) -> None:
    # With a network of its own: two engines in one would take each other's bridge away.
    words = [PACKAGING / "docker-engine.sh", "start", folder, "isolated"]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env=unmarked())


def unmarked() -> dict[str, str]:
    """Return the environment without the mark by which a test's processes are ended with it."""
    return {name: text for name, text in os.environ.items() if name != "TEST_MARK"}
