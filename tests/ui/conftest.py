"""What every test of the window begins with."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Bridge
from tests.ui.hands import let_go_of_keys


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> None:
    """Put the window's own style on: without it sizes are others, and with it only if an earlier test put it on."""
    let_go_of_keys()
    theme.apply(qapp, "light")


@pytest.fixture
def bridge(dressed: None) -> Iterator[Bridge]:
    """Return what carries events and answers to the window's thread."""
    made = Bridge()
    yield made
    made.close()
