"""A window that is killed while it builds an environment: nothing stays of the torn build, the next one is whole."""

from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest

from desktop_aml.domain.environments import BuildState
from desktop_aml.domain.runs import RunState
from desktop_aml.engine.core.owner import owner_of
from desktop_aml.environments.image.engine import ImageEngine
from desktop_aml.environments.image.python import QUESTION_LABEL
from desktop_aml.settings import builds_folder, load, user_directories
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until
from tests.docker_engine import BASE_IMAGE
from tests.docker_prune import prune
from tests.environments.local_index import LocalIndex
from tests.journeys.window_driver import Display, Window

pytestmark = [pytest.mark.kill, pytest.mark.xvfb, pytest.mark.timeout(600)]

COUNT = 60
TEXT = "dependencies:\n  - python=3.11\n  - pip:\n" + "".join(f"    - part{number}\n" for number in range(COUNT))
SCRIPT = "import part0, part59\nprint(part0.VERSION, part59.VERSION)\n"
LOCAL_MOMENTS = ("pip compile", "uv venv", "pip install", "Prepared ")
IMAGE_MOMENTS = ("pip compile", "pip install", "LABEL ", "COPY ", "compileall")


@dataclass
class Site:
    """A workspace with the window on it, and the folder that it builds in."""

    display: Display
    workspace: Workspace
    script: Path
    builds: Path
    window: Window

    def open(self) -> None:
        """Open the window, as after an end."""
        self.window = Window.open(self.display, str(self.workspace.path))
        self.until_owned()

    def until_owned(self) -> None:
        """Wait until the window's engine takes requests: another program would start an engine of its own."""
        wait_until(lambda: owner_of(self.workspace.path / "engine.lock") is not None, "the window's engine")

    def kill_once_the_log_says(self, words: str, log: Path, delay_s: float) -> None:
        """Kill the window in the middle of its build."""
        wait_until(lambda: log.exists() and words in log.read_text("utf-8", "replace"), f"“{words}” in the build log")
        time.sleep(delay_s)
        self.window.kill()

    def is_not_building(self) -> bool:
        """Whether the record says that no build is under way."""
        return self.workspace.environments.summary("parts").state is not BuildState.BUILDING

    def torn(self) -> list[str]:
        """Half builds and locks in the folder of builds."""
        found = [*self.builds.iterdir(), *self.builds.glob("locks/*"), *self.builds.glob("images/*")]
        left = [path for path in found if path.suffix in {".building", ".resolving", ".work"} or path.name[0] == "."]
        left += [path for path in found if len(path.name) == 64 and not (path / "ready.json").exists()]
        left += [path for path in self.builds.glob("images/*") if path.suffix != ".json"]
        return [path.name for path in left]


@pytest.fixture(scope="module")
def display() -> Iterator[Display]:
    made = Display.start()
    yield made
    made.stop()


@pytest.fixture
def site(display: Display, tmp_path: Path, marked_processes: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    index = LocalIndex(tmp_path / "index")
    for number in range(COUNT):
        index.add_wheel(f"part{number}", "1.0", data=random.Random(number).randbytes(1 << 20))
    monkeypatch.setenv("UV_DEFAULT_INDEX", index.uri)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    settings = user_directories().config / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"docker_base_image": BASE_IMAGE}))
    workspace = Workspace.create(tmp_path / "workspace")
    script = tmp_path / "source" / "train.py"
    script.parent.mkdir()
    script.write_text(SCRIPT)
    made = Site(display, workspace, script, builds_folder(load()), Window.open(display, str(workspace.path)))
    made.until_owned()
    workspace.environments.register("parts", TEXT)
    yield made
    made.window.kill()
    workspace.close()


@pytest.mark.parametrize("moment", range(len(LOCAL_MOMENTS)))
def test_a_window_killed_while_it_builds_leaves_nothing_and_the_next_one_builds_it_whole(
    site: Site, moment: int
) -> None:
    log = site.workspace.path / "environments/parts/1/build.log"
    site.workspace.environments.build("parts")
    site.kill_once_the_log_says(LOCAL_MOMENTS[moment], log, random.Random(moment).uniform(0, 0.05))
    assert site.workspace.environments.lock("parts") is None, "the build was over before the kill"
    site.open()
    wait_until(site.is_not_building, "the end to show")
    wait_until(lambda: site.torn() == [], "nothing torn to be left")
    site.workspace.environments.build("parts")
    wait_until(lambda: site.workspace.environments.summary("parts").state is BuildState.READY, "the build", 120)
    assert completed(site, site.workspace.runs.submit(site.script, environment="parts")) == "1.0 1.0\n"


def test_the_next_window_takes_up_the_run_that_a_killed_one_built_for(site: Site) -> None:
    run_id = site.workspace.runs.submit(site.script, environment="parts")
    site.kill_once_the_log_says("pip install", site.workspace.path / "environments/parts/1/build.log", 0.02)
    assert site.workspace.runs.get(run_id).summary.state is RunState.PREPARING
    site.open()
    assert completed(site, run_id) == "1.0 1.0\n"
    wait_until(lambda: site.torn() == [], "nothing torn to be left")


def completed(site: Site, run_id: str) -> str:
    """Wait for the end of a run; return what it printed."""
    wait_until(lambda: site.workspace.runs.get(run_id).summary.state.is_terminal(), "the end of the run", 120)
    run = site.workspace.runs.get(run_id)
    assert run.summary.state is RunState.COMPLETED, run
    return site.workspace.runs.files.read_log(run_id).data.decode()


# Images.


@pytest.fixture
def images(docker_host: str, site: Site) -> Iterator[Images]:
    made = Images(site.builds)
    yield made
    made.close()


class Images:
    """What the builds of one folder have on the Docker engine."""

    def __init__(self, builds: Path) -> None:
        self._client = docker.from_env()
        (self._label,) = ("=".join(pair) for pair in ImageEngine(builds).labels.items())
        self._owner = self._label.partition("=")[2]

    def unfinished(self) -> list[str]:
        """Layers without a name, containers of steps, containers that ask."""
        api = self._client.api
        layers = api.images(filters={"label": self._label, "dangling": True})
        steps = api.containers(all=True, filters={"label": self._label})
        asking = api.containers(all=True, filters={"label": f"{QUESTION_LABEL}={self._owner}"})
        return [one["Id"] for one in (*layers, *steps, *asking)]

    def finished(self) -> list[str]:
        """Names of the images."""
        found = self._client.api.images(filters={"label": self._label, "dangling": False})
        return [name for one in found for name in one["RepoTags"] or ()]

    def close(self) -> None:
        for name in self.finished():
            self._client.api.remove_image(name, force=True)
        prune(self._client, self._label)
        self._client.close()


@pytest.mark.timeout(400)
def test_a_window_killed_while_it_builds_an_image_leaves_nothing_on_the_docker_engine(
    images: Images, site: Site
) -> None:
    log = site.workspace.path / "environments/parts/1/image-build.log"
    for words in IMAGE_MOMENTS:
        log.unlink(missing_ok=True)
        site.workspace.environments.build("parts", builder="image")
        site.kill_once_the_log_says(words, log, random.Random(words).uniform(0, 0.1))
        assert images.finished() == [], f"the image was there before the kill at “{words}”"
        site.open()
        wait_until(site.is_not_building, "the end to show")
        wait_until(lambda: site.torn() == [], "nothing torn to be left")
        wait_until(lambda: images.unfinished() == [], "nothing torn to be left on the Docker engine")
    run_id = site.workspace.runs.submit(site.script, environment="parts", target="docker")
    assert completed(site, run_id) == "1.0 1.0\n"
    assert len(images.finished()) == 1
    wait_until(lambda: images.unfinished() == [], "no layer and no container to be left")


def test_the_next_window_takes_up_the_run_in_docker_that_a_killed_one_built_for(images: Images, site: Site) -> None:
    run_id = site.workspace.runs.submit(site.script, environment="parts", target="docker")
    site.kill_once_the_log_says("COPY ", site.workspace.path / "environments/parts/1/image-build.log", 0.05)
    site.open()
    assert completed(site, run_id) == "1.0 1.0\n"
    assert re.fullmatch(r"desktop-aml/environment:[0-9a-f]{40}", *images.finished())
    wait_until(lambda: images.unfinished() == [] == site.torn(), "nothing torn to be left")
