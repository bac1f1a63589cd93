"""The line above the pages that says what is wrong with the workspace, for the contact sheet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from desktop_aml.ui.shell.spaces.standing import Standing

if TYPE_CHECKING:
    from tests.screenshots import Camera


def panes() -> Iterator[tuple[str, Callable[[Camera], None]]]:
    """Yield what is looked at, and what brings it to the front; a banner stays, so these come last."""
    for standing in (Standing.READ_ONLY, Standing.GONE):
        yield f"banner {standing}", lambda camera, to=standing: _show(camera, to)  # type: ignore[misc]


def _show(camera: Camera, standing: Standing) -> None:
    banner = camera.window.banner
    assert banner._watch is not None
    # Its first look comes when it likes, and says that all is well.
    banner._watch.blockSignals(True)
    banner.show_standing(standing)
