"""Fields for numbers beside fields for texts."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop_aml.ui.widgets.number_field import NumberField
from desktop_aml.ui.widgets.settings_fields import WholeNumber


def begin_of_text(field: QWidget) -> int:
    """Return the first column inside the border of a field in which there is ink."""
    image = field.grab().toImage()
    paper = image.pixelColor(image.width() // 2, image.height() // 2).lightness()
    rows = range(image.height() // 3, 2 * image.height() // 3)
    inside = range(3, image.width())
    return next(x for x in inside if any(abs(image.pixelColor(x, y).lightness() - paper) > 60 for y in rows))


def test_the_text_of_every_field_begins_at_the_same_place(qtbot: QtBot) -> None:
    page, number, whole, text = QWidget(), NumberField(whole=True), WholeNumber(0, 7), QLineEdit("7777")
    qtbot.addWidget(page)
    row = QHBoxLayout(page)
    for field in (number, whole, text):
        field.setFixedWidth(160)
        row.addWidget(field)
    number.lineEdit().setText("7777")
    whole.setValue(7)
    page.show()
    page.setFocus()
    places = [begin_of_text(field) for field in (number, whole, text)]
    assert max(places) - min(places) <= 1, places
