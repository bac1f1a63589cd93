"""Dialogs and pages of computes for the contact sheet: what `screenshots` has no room for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QImage

from desktop_aml.ui.computes.add_dialog import AddComputeDialog
from desktop_aml.ui.environments.clean_up_dialog import CleanUpDialog
from desktop_aml.ui.environments.clone_dialog import CloneDialog
from desktop_aml.ui.environments.docker_dialog import DockerDialog
from desktop_aml.ui.models.deploy_dialog import DeployDialog
from desktop_aml.ui.models.register_dialog import RegisterDialog
from desktop_aml.ui.runs.metrics.stack_dialog import StackDialog
from desktop_aml.ui.submit.snapshot_preview import SnapshotDialog
from desktop_aml.ui.viewers.picture import PictureDialog
from desktop_aml.ui.widgets.error_dialog import ErrorDialog
from desktop_aml.workspace.containers.things import DockerThing

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace
    from tests.screenshots import Camera

_DETAILS = "Traceback (most recent call last):\n  File “train.py”, line 3\nOSError: [Errno 28] No space left on device"


def panes() -> Iterator[tuple[str, Callable[[Camera], None]]]:
    """Yield the name of each, and what opens it."""
    yield "register dialog", lambda camera: camera.ask(RegisterDialog, file=str(camera.seeded.script))
    yield "deploy dialog", lambda camera: camera.ask(DeployDialog, _workspace(camera).models.get("churn-classifier"))
    yield "clean up dialog", lambda camera: camera.ask(CleanUpDialog)
    yield "stack dialog", _show_stacks
    yield "docker dialog", _show_docker
    yield "clone dialog", lambda camera: camera.ask(CloneDialog, "churn")
    yield "compute", lambda camera: camera.show("compute", "pool")
    yield "add compute dialog", lambda camera: camera.ask(AddComputeDialog)
    yield "add batch compute dialog", _show_batch
    yield "files of the run dialog", _show_snapshot
    yield "picture dialog", _show_picture
    yield "error dialog", _show_error


def _workspace(camera: Camera) -> Workspace:
    session = camera.window.session
    assert session is not None
    return session.workspace


def _show_snapshot(camera: Camera) -> None:
    preview = _workspace(camera).runs.code.preview(camera.seeded.script.parent)
    camera.dialog = SnapshotDialog(preview, camera.window)
    camera.dialog.show()


def _show_picture(camera: Camera) -> None:
    image = QImage(640, 480, QImage.Format.Format_RGB32)
    image.fill(QColor("#4060a0"))
    camera.dialog = PictureDialog(image, "residuals.png", camera.window)
    camera.dialog.show()


def _show_error(camera: Camera) -> None:
    camera.dialog = dialog = ErrorDialog(
        "The model could not be registered.", "Free some space, then try again.", _DETAILS, None, camera.window
    )
    dialog.show()
    dialog.toggle_details()


def _show_batch(camera: Camera) -> None:
    camera.ask(AddComputeDialog)
    dialog = camera.dialog
    assert isinstance(dialog, AddComputeDialog)
    dialog.kind.set_value("batch")


def _show_stacks(camera: Camera) -> None:
    text = 'Process 71: python train.py\nThread 0x01 (most recent call first):\n  File "train.py", line 7 in wait\n'
    camera.dialog = StackDialog("Where the run is now", text, camera.window)
    camera.dialog.show()


def _show_docker(camera: Camera) -> None:
    class Things:
        def everything(self) -> tuple[DockerThing, ...]:
            return (
                DockerThing("container", "desktop-aml-run-1f", "3f2a9c", 91_000, "running", time.time() - 60, "run_1"),
                DockerThing("image", "desktop-aml/environment:4c1", "77b1", 512_000_000, "not used", time.time() - 9e5),
            )

    assert camera.window.session is not None
    camera.dialog = DockerDialog(camera.window.session.bridge, camera.window, Things)  # type: ignore[arg-type]
    camera.dialog.show()
    camera.settle()
    camera.dialog.table.choose("77b1")
