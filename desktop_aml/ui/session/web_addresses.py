"""An address of the web is opened in the browser of the desktop, or it is said that there is none."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QDesktopServices

from desktop_aml.ui.session.bridge import Bridge


def open_address(bridge: Bridge, address: str) -> None:
    """Open an address in the browser; only for what a person pressed."""
    if not QDesktopServices.openUrl(QUrl(address)):
        words = QCoreApplication.translate("web_addresses", "No browser opens on this computer.")
        bridge.tell(words, "warning", address)
