"""What is ours on the Docker engine is listed, removed, saved and loaded in the window; faults are told in words."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from desktop_aml import docker_access
from desktop_aml.domain.errors import Conflict
from desktop_aml.environments.image.engine import REPOSITORY, ImageEngine
from desktop_aml.settings import Settings, builds_folder
from desktop_aml.ui.environments.docker_dialog import DockerDialog
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.workspace.containers.things import DockerThing, DockerThings
from tests.docker_engine import OWN_BASE

DEADLINE_MS = 30_000

IMAGE = DockerThing("image", "desktop-aml/environment:4c1", "77b1", 3_000_000, "not used", 1.0)
CONTAINER = DockerThing(
    "container", "desktop-aml-run-1f", "3f2a", 1_000_000, "running", 2.0, "run 1", "127.0.0.1:8 -> 8"
)


class Engine:
    def __init__(self) -> None:
        self.things = [CONTAINER, IMAGE]
        self.did: list[tuple[object, ...]] = []

    def everything(self) -> tuple[DockerThing, ...]:
        return tuple(self.things)

    def remove(self, wanted: str) -> DockerThing:
        if wanted == CONTAINER.id:
            raise Conflict("The container runs.", "Cancel its run.")
        self.things = [one for one in self.things if one.id != wanted]
        return IMAGE

    def save(self, wanted: str, to: Path) -> int:
        self.did.append((wanted, to))
        return 1

    def load(self, path: Path) -> tuple[str, ...]:
        self.did.append((path,))
        return ("a",)


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def dialog(qtbot: QtBot, bridge: Bridge, engine: Engine) -> DockerDialog:
    made = DockerDialog(bridge, None, lambda: engine)  # type: ignore[arg-type,return-value]
    made.open()
    qtbot.waitUntil(lambda: len(made.table.keys()) == 2)
    return made


def press_remove(dialog: DockerDialog) -> None:
    dialog.remove_button.click()
    [box] = dialog.findChildren(QMessageBox)
    next(one for one in box.buttons() if one.text() == "Remove").click()


def test_images_and_containers_are_listed_with_their_sizes_and_removed(
    qtbot: QtBot, dialog: DockerDialog, engine: Engine
) -> None:
    assert dialog.summary.text().startswith("4.0 MB in all")
    assert not dialog.remove_button.isEnabled()
    dialog.table.choose(IMAGE.id)
    assert (dialog.save_button.isEnabled(), dialog.shell_button.isEnabled()) == (True, False)
    press_remove(dialog)
    qtbot.waitUntil(lambda: dialog.table.keys() == [CONTAINER.id])
    engine.things = []
    dialog.refresh()
    qtbot.waitUntil(lambda: dialog.stack.currentWidget() is dialog.empty)


def test_what_cannot_be_removed_says_why_and_stays(qtbot: QtBot, dialog: DockerDialog) -> None:
    dialog.table.choose(CONTAINER.id)
    press_remove(dialog)
    qtbot.waitUntil(dialog.error.isVisible)
    assert set(dialog.table.keys()) == {CONTAINER.id, IMAGE.id}
    dialog.shell_button.click()
    assert QGuiApplication.clipboard().text() == "desktop-aml run shell 'run 1'"


def test_an_image_goes_into_a_file_and_comes_out_of_one(
    qtbot: QtBot, dialog: DockerDialog, engine: Engine, tmp_path: Path
) -> None:
    dialog.table.choose(IMAGE.id)
    asked = dialog.ask_where()
    assert asked is not None
    asked.fileSelected.emit(str(tmp_path / "a.tar"))
    asked.reject()
    dialog.load(tmp_path / "b.tar")
    qtbot.waitUntil(lambda: len(engine.did) == 2)
    assert engine.did == [(IMAGE.name, tmp_path / "a.tar"), (tmp_path / "b.tar",)]


def test_an_image_of_a_real_engine_is_listed_saved_removed_and_loaded_again(
    qtbot: QtBot, bridge: Bridge, docker_host: str, tmp_path: Path
) -> None:
    settings = Settings(environments_directory=str(tmp_path / "builds"))
    images, name = ImageEngine(builds_folder(settings)), f"{REPOSITORY}:{tmp_path.name[:40]}"
    text = f"FROM {OWN_BASE}\nRUN echo 1 > /one\n"
    with images.client() as client, docker_access.in_words():
        client.images.build(fileobj=io.BytesIO(text.encode()), tag=name, labels=images.labels)
    dialog = DockerDialog(bridge, None, lambda: DockerThings(settings))
    dialog.open()

    def ours() -> list[str]:
        # Containers of other tests may be there, too.
        return [one.id for one in dialog._found.values() if one.name == name]

    qtbot.waitUntil(lambda: len(ours()) == 1, timeout=DEADLINE_MS)
    [key] = ours()
    dialog.table.choose(key)
    asked = dialog.ask_where()
    assert asked is not None
    asked.fileSelected.emit(str(tmp_path / "a.tar"))
    asked.reject()
    qtbot.waitUntil(lambda: (tmp_path / "a.tar").exists() and not bridge.is_busy(), timeout=DEADLINE_MS)
    for is_loaded_again in (True, False):
        dialog.table.choose(key)
        press_remove(dialog)
        qtbot.waitUntil(lambda: not ours(), timeout=DEADLINE_MS)
        if is_loaded_again:
            dialog.load(tmp_path / "a.tar")
            qtbot.waitUntil(lambda: ours() == [key], timeout=DEADLINE_MS)
    assert dialog.error.isHidden()
