"""What is ours on the Docker engine, what goes in and out of it, and what a run may ask of its container."""

from __future__ import annotations

import io
import socket
import tarfile
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_aml import docker_access
from desktop_aml.domain.errors import Conflict, InvalidInput, NotFound, PreparationError, StorageError
from desktop_aml.domain.jobs import ContainerOptions, Port, Volume
from desktop_aml.domain.runs import RunDetail, RunState, RunSummary
from desktop_aml.environments.image.engine import REPOSITORY, ImageEngine
from desktop_aml.executors.attempt_files import Handle
from desktop_aml.executors.docker_container import DockerContainerExecutor
from desktop_aml.executors.docker_making import DockerLimits
from desktop_aml.run_folder.properties import IMAGE
from desktop_aml.settings import Settings, builds_folder
from desktop_aml.workspace.containers.things import CONTAINER, DockerThings
from tests.conftest import wait_until
from tests.contracts.places import DockerPlace, begin, carry_out, finish
from tests.docker_engine import OWN_BASE


@pytest.fixture
def place(docker_host: str, tmp_path: Path, marked_processes: object) -> Iterator[DockerPlace]:
    made = DockerPlace(tmp_path)
    yield made
    made.close()


@pytest.fixture
def things(tmp_path: Path, docker_host: str) -> DockerThings:
    return DockerThings(Settings(environments_directory=str(tmp_path / "builds")))


def of_job(job: object, image: str = OWN_BASE) -> RunDetail:
    run_id, folder = job.run_id, job.run_directory  # type: ignore[attr-defined]
    summary = RunSummary(run_id, 1, "e", "swift-otter-1", RunState.RUNNING, "s.py", "docker", "e", 0.0, None, None)
    return RunDetail(summary, (), (), "", folder, None, "", "", None, properties={IMAGE: image} if image else {})


SERVES = """
import http.server, os
print(open("/shown/words").read(), flush=True)
try:
    open("/shown/words", "w")
except OSError as error:
    print(error.strerror, flush=True)
open("ready", "w").close()
http.server.HTTPServer(("", 8000), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def test_a_run_shows_a_folder_publishes_a_port_and_lets_a_shell_in(
    place: DockerPlace, things: DockerThings, tmp_path: Path
) -> None:
    (tmp_path / "shown").mkdir()
    (tmp_path / "shown" / "words").write_text("from outside")
    asked = ContainerOptions(
        volumes=(Volume.parse("shown:/shown:ro", tmp_path),), ports=(Port.parse("8000"), Port.parse("8000"))
    )
    job = place.job(SERVES, container=asked)
    executor = place.executor()
    handle = begin(place, executor, job)
    wait_until(lambda: "Read-only" in place.log(job), "the script")
    assert place.log(job).splitlines()[:2] == ["from outside", "Read-only file system"]
    [own] = [one for one in things.everything() if one.of == job.run_id]
    assert (own.kind, own.name, own.state) == (CONTAINER, Handle.of("docker", job).container, "running")
    assert own.ports.count("127.0.0.1:") == 2
    address = own.ports.split()[0]
    assert b"outputs" in urllib.request.urlopen(f"http://{address}/").read()
    words = things.shell_words(of_job(job), ["pwd"])
    assert words[0] == "exec"
    assert (
        things.open_shell(of_job(job), ["python3", "-c", "import os, sys; sys.exit(os.path.isdir('outputs') * 7)"]) == 7
    )
    with pytest.raises(Conflict, match="runs"):
        things.remove(own.name)
    executor.stop(handle, force=True)
    finish(executor, handle)


def test_a_shell_opens_in_the_image_of_a_run_that_has_ended(place: DockerPlace, things: DockerThings) -> None:
    job = place.job("pass")
    assert things.open_shell(of_job(job), ["sh", "-c", "exit 5"]) == 5
    # As the run itself had it, where this engine can give another one at all.
    words = DockerThings(Settings(docker_network="none")).shell_words(of_job(job))
    assert words[words.index("--network") + 1] == "none"
    with pytest.raises(NotFound, match="gone"):
        things.shell_words(of_job(job, "sha256:" + "0" * 64))
    none = of_job(job, "")
    for target, state, words in (
        ("docker", RunState.PREPARING, "has no container yet"),
        ("docker", RunState.FAILED, "ended before it had a container"),
        ("local", RunState.RUNNING, "not in a container"),
    ):
        with pytest.raises(NotFound, match=words):
            things.shell_words(replace(none, summary=replace(none.summary, target=target, state=state)))


def test_images_of_ours_are_listed_saved_loaded_and_removed_and_no_others(
    things: DockerThings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "e" * 40
    name = f"{REPOSITORY}:{key}"
    labels = ImageEngine(builds_folder(Settings(environments_directory=str(tmp_path / "builds")))).labels
    client = docker_access.connect()
    try:
        tiny = io.BytesIO()
        with tarfile.open(fileobj=tiny, mode="w") as packed:
            packed.addfile(tarfile.TarInfo("empty"))
        changes = [f"LABEL {label}={value}" for label, value in labels.items()]
        client.api.import_image_from_data(tiny.getvalue(), repository=REPOSITORY, tag=key, changes=changes)
        [image] = [one for one in things.everything() if one.name == name]
        assert image.state == "not used"
        with pytest.raises(NotFound, match="no image or container"):
            things.remove(OWN_BASE)
        assert things.save(name, tmp_path / "image.tar") == (tmp_path / "image.tar").stat().st_size > 1000
        with pytest.raises(Conflict, match="already"):
            things.save(name, tmp_path / "image.tar")
        part = tmp_path / "other.tar.part"
        part.write_bytes(b"somebody else's")
        with pytest.raises(Conflict, match="already"):
            things.save(name, tmp_path / "other.tar")
        assert part.read_bytes() == b"somebody else's"
        with pytest.raises(StorageError, match="cannot be written: No such file"):
            things.save(name, tmp_path / "nowhere" / "image.tar")
        # As `run show` has it.
        assert things.remove(f"sha256:{image.id}").name == name
        assert all(one.name != name for one in things.everything())
        assert things.load(tmp_path / "image.tar") == (name,)
        gone = things.everything()
        assert things.remove(key).kind == "image"
        monkeypatch.setattr(things, "everything", lambda: gone)
        assert things.remove(key).name == name
    finally:
        client.close()


def test_what_is_no_image_is_neither_saved_nor_loaded(things: DockerThings, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="has no image"):
        things.save("nobody/has:this", tmp_path / "image.tar")
    with pytest.raises(NotFound, match="no file"):
        things.load(tmp_path / "none.tar")
    (tmp_path / "odd.tar").write_bytes(b"odd" * 1000)
    with pytest.raises(PreparationError, match="holds no images"):
        things.load(tmp_path / "odd.tar")
    assert [path.name for path in tmp_path.glob("*.tar*")] == ["odd.tar"]


def test_a_network_that_is_not_there_is_named_with_its_setting(place: DockerPlace) -> None:
    executor = place.executor(DockerContainerExecutor(limits=DockerLimits(network="nobody-made-it")))
    outcome = carry_out(executor, place.job("pass"))
    assert outcome.reason == "not_started"
    assert "has no network “nobody-made-it”, which the setting docker_network names" in outcome.message
    assert ". Make it with: docker network create nobody-made-it" in outcome.message


def test_a_port_that_is_taken_is_told(place: DockerPlace) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = ContainerOptions(ports=(Port(80, other.getsockname()[1]),))
        outcome = carry_out(place.executor(), place.job("pass", container=taken))
    assert "A port of --publish is taken" in outcome.message
    offline = replace(taken, is_offline=True)
    assert "no port of a container" in carry_out(place.executor(), place.job("pass", container=offline)).message


@pytest.mark.parametrize("words", ["", ":", "shown", "shown:relative", "shown:/", "none:/there", ":/there", "shown:ro"])
def test_what_is_no_volume_is_refused(words: str, tmp_path: Path) -> None:
    (tmp_path / "shown").mkdir()
    with pytest.raises(InvalidInput):
        Volume.parse(words, tmp_path)


@pytest.mark.parametrize("words", ["", "x", "0", "70000", "1:2:3", "-1", "80:", ":80:", "¹", "99999999:80"])
def test_what_is_no_port_is_refused(words: str) -> None:
    with pytest.raises(InvalidInput):
        Port.parse(words)


def test_volumes_and_ports_mean_what_docker_means(tmp_path: Path) -> None:
    (tmp_path / "a:b").mkdir()
    assert Volume.parse("a:b:/data/", tmp_path) == Volume(str(tmp_path / "a:b"), "/data")
    assert Volume.parse(f"{tmp_path}:/data:ro", Path("/")) == Volume(str(tmp_path), "/data", read_only=True)
    assert Volume.parse(f"{tmp_path}:/data:rw", Path("/")) == Volume(str(tmp_path), "/data")
    assert (Port.parse("80"), Port.parse("8080:80")) == (Port(80), Port(80, 8080))
