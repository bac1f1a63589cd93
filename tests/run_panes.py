"""Panes of runs for the contact sheet: what `screenshots` has no room for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from desktop_aml.ui.logs.view import LogView

if TYPE_CHECKING:
    from tests.screenshots import Camera
    from tests.seeded_workspace import Seeded


def panes(seeded: Seeded) -> Iterator[tuple[str, Callable[[Camera], None]]]:
    """Yield the name of each, and what opens it."""
    yield "run log times", lambda camera: _show_times(camera, seeded.failed[0])


def _show_times(camera: Camera, run_id: str) -> None:
    camera.show("run", run_id, 1)
    camera.settle()
    log = camera.window.tabs.currentWidget().findChild(LogView)
    assert isinstance(log, LogView)
    log.bar.times_button.setChecked(True)
