"""Numbers of a table of a file line up where some are shortened, and stand as they are elsewhere."""

from __future__ import annotations

from PySide6.QtCore import Qt

from desktop_aml.ui.viewers.table_preview import TablePreview
from desktop_aml.ui.viewers.tables import TablePage, read_page


def test_a_column_with_long_numbers_has_the_same_decimals_and_others_stand_as_they_are(qtbot) -> None:
    preview = TablePreview()
    qtbot.addWidget(preview)
    rows = (("0.1", "5.0", "a"), ("0.13225806451612904", "5.25", "0.5"), ("", "x", "1"))
    preview.show_page(TablePage(("p", "q", "r"), rows, 0, 3))
    shown = [[preview.rows.shown(row, column) for row in range(3)] for column in range(3)]
    assert shown == [["0.1000", "0.1323", ""], ["5.0", "5.25", "x"], ["a", "0.5", "1"]]
    tip = preview.rows.data(preview.rows.index(1, 0), Qt.ItemDataRole.ToolTipRole)
    assert tip == "0.13225806451612904"


def test_a_table_is_shown_as_a_spreadsheet_saved_it(tmp_path) -> None:
    (tmp_path / "wide.csv").write_text("größe,name\r\n1.5,é\r\n", encoding="utf-16")
    assert read_page(tmp_path / "wide.csv", "wide.csv") == TablePage(("größe", "name"), (("1.5", "é"),), 0, 1)
    (tmp_path / "semicolons.csv").write_text("a;b\n1,5;2\n3;4\n")
    page = read_page(tmp_path / "semicolons.csv", "semicolons.csv", 1)
    assert page == TablePage(("a", "b"), (("3", "4"),), 1, 2)
