"""What every test of the window begins with."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from desktop_aml.ui.look import theme


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> None:
    """Put the window's own style on: without it sizes are others, and with it only if an earlier test put it on."""
    if not qapp.styleSheet() or theme.is_dark():
        theme.apply(qapp, "light")
