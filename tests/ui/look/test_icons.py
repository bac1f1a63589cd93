from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtGui import QImage
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from desktop_aml import resources
from desktop_aml.domain.errors import NotFound
from desktop_aml.ui.look import icons, theme
from desktop_aml.ui.look.tokens import STATE_ICONS
from desktop_aml.ui.shell.actions import TABLE
from desktop_aml.ui.shell.pages import KINDS

FILES = sorted(resources.path("icons").rglob("*.svg"))
FAMILY = [file for file in sorted(resources.path("icons").glob("*.svg")) if file.stem != "desktop-aml"]
USED = sorted({s.icon for s in TABLE if s.icon} | {k.icon for k in KINDS.values()} | set(STATE_ICONS.values()))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_icon_can_be_drawn(file: Path, qapp: QApplication) -> None:
    assert QSvgRenderer(str(file)).isValid()


@pytest.mark.parametrize("file", FAMILY, ids=lambda file: file.stem)
def test_the_family_keeps_its_grid_and_stroke(file: Path) -> None:
    root = ElementTree.parse(file).getroot()
    assert root.get("viewBox") == "0 0 16 16"
    assert root.get("stroke-width") == "1.5"
    assert root.get("stroke") == "currentColor"


@pytest.mark.parametrize("name", USED)
def test_every_icon_that_a_table_names_is_there(name: str, qapp: QApplication) -> None:
    assert not icons.icon(name).isNull()


def test_an_icon_has_the_colour_of_its_role(qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    image = icons.pixmap("plus", 16, "failed").toImage().convertToFormat(QImage.Format.Format_ARGB32)
    assert image.pixelColor(8, 8).name().upper() == theme.tokens().failed


def test_an_icon_is_sharp_at_twice_the_scale(qapp: QApplication) -> None:
    pixmap = icons.pixmap("gear", 16, ratio=2.0)
    assert (pixmap.width(), pixmap.devicePixelRatio()) == (32, 2.0)


def test_a_set_icon_follows_the_theme(qapp: QApplication, qtbot: QtBot) -> None:
    theme.apply(qapp, "light")
    button = QPushButton()
    qtbot.addWidget(button)
    icons.set_icon(button, "plus")
    before = button.icon().cacheKey()
    theme.apply(qapp, "dark")
    assert button.icon().cacheKey() != before
    theme.apply(qapp, "light")


def test_an_unknown_icon_is_named(qapp: QApplication) -> None:
    with pytest.raises(NotFound, match=r"no-such-icon\.svg"):
        icons.icon("no-such-icon")


def test_an_icon_beside_words_keeps_its_distance_and_one_alone_stands_in_the_middle(
    qapp: QApplication, qtbot: QtBot
) -> None:
    button = QPushButton("Run")
    qtbot.addWidget(button)
    icons.set_icon(button, "plus")
    size = button.iconSize()
    assert size == icons.BESIDE_WORDS
    image = button.icon().pixmap(size, 1.0).toImage()
    assert (image.width(), image.height()) == (20, 16)
    assert not any(image.pixelColor(x, y).alpha() for x in range(16, 20) for y in range(16)), "blank beside the words"
    assert image.pixelColor(8, 8).alpha()
    button.setText("")
    icons.fit(button)
    assert (button.iconSize().width(), button.icon().pixmap(button.iconSize(), 1.0).width()) == (16, 16)
