"""Who a script's user is in a container."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.executors import docker_user
from desktop_aml.system import users
from tests.contracts.places import DockerPlace, carry_out
from tests.docker_engine import OWN_BASE

WHO = """
import getpass, grp, os, pwd
print(getpass.getuser(), pwd.getpwuid(os.getuid()).pw_name, pwd.getpwuid(os.getuid()).pw_dir)
print(os.getuid(), grp.getgrgid(os.getgid()).gr_name, pwd.getpwuid(0).pw_name)
open(os.path.expanduser("~/mine"), "w").close()
"""


@pytest.fixture
def place(docker_host: str, tmp_path: Path, marked_processes: object) -> Iterator[DockerPlace]:
    made = DockerPlace(tmp_path)
    yield made
    made.close()


def said_by_user(place: DockerPlace, monkeypatch: pytest.MonkeyPatch, name: str, uid: int) -> list[str]:
    """What a container of a user says of its user; the container only, all else is the tests' own."""
    monkeypatch.setattr(os, "getuid", lambda: uid)
    monkeypatch.setattr(os, "getgid", lambda: uid)
    monkeypatch.setattr(users, "user_name", lambda: name)
    words = [place.python, "-c", WHO]
    api = place.client.api
    made = api.create_container(OWN_BASE, words, user=f"{uid}:{uid}", environment={"HOME": "/tmp"})["Id"]
    try:
        docker_user.give_name(place.client, made)
        api.start(made)
        api.wait(made)
        return api.logs(made).decode().splitlines()
    finally:
        api.remove_container(made, force=True)


@pytest.mark.parametrize(
    ("name", "uid", "shown"), [("ada", 4321, "ada"), ("daemon", 4321, "user4321"), ("ada", 1, "daemon")]
)
def test_an_ordinary_user_has_a_name_in_a_container(
    place: DockerPlace, monkeypatch: pytest.MonkeyPatch, name: str, uid: int, shown: str
) -> None:
    home = "/usr/sbin" if shown == "daemon" else "/tmp"
    assert said_by_user(place, monkeypatch, name, uid) == [f"{shown} {shown} {home}", f"{uid} {shown} root"]


def test_root_is_left_as_the_image_has_it(place: DockerPlace) -> None:
    job = place.job(WHO)
    assert carry_out(place.executor(), job).succeeded()
    assert place.log(job).splitlines()[0].startswith("root root ")
