"""Says whether Docker holds an image of an environment, and what it takes of the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from desktop_aml.domain.environment_space import BuildUse
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.ui.look import formats
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.widgets import SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace


class ImageLabel(SecondaryLabel):
    """Empty, and without a place, for an environment that has no image."""

    def __init__(self, workspace: Workspace, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__("", parent, small=True)
        self.setWordWrap(False)
        self.hide()
        self._workspace = workspace
        self._bridge = bridge
        self._label = ""

    def look_for(self, label: str) -> None:
        """Ask Docker, off the GUI thread, for the image of ``name:version``."""
        self._label = label
        call_for(self, self._bridge, self._workspace.environments.builds.images, self._show, self._on_failed)

    def _show(self, found: tuple[tuple[BuildUse, ...], str]) -> None:
        image = next((one for one in found[0] if self._label in one.environments), None)
        self.setText(self.tr("Docker image: {0}").format(formats.size(image.size_bytes)) if image else "")
        self.setToolTip(self.tr("What it takes beside the image that it is built on"))
        self.setVisible(image is not None)

    def _on_failed(self, _error: DesktopAMLError) -> None:
        # Whoever builds an image or uses one is told.
        self.hide()
