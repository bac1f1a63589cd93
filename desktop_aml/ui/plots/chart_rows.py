"""The numbers of a chart as rows: what "Show as table" shows and "Copy" copies. No Qt widgets here."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat, zip_longest
from typing import assert_never

from PySide6.QtCore import QCoreApplication

from desktop_aml.domain.charts import AccuracyTable, Chart, ConfusionMatrix, Predictions, Residuals


@dataclass(frozen=True, slots=True)
class Rows:
    """A small table; `names` name the rows where there are names."""

    titles: tuple[str, ...]
    cells: tuple[tuple[object, ...], ...]
    names: tuple[str, ...] = ()

    def as_tsv(self) -> str:
        """Return tab-separated text under its titles, with all digits."""
        head = ("", *self.titles) if self.names else self.titles
        lines = [(name, *row) if self.names else row for name, row in zip_longest(self.names, self.cells)]
        return "\n".join("\t".join(_plain(cell) for cell in line) for line in (head, *lines))


def rows_of(chart: Chart) -> Rows:
    """Return the numbers that `chart` draws."""
    match chart:
        case ConfusionMatrix(labels, counts):
            return Rows(labels, counts, tuple(_tr("true {0}").format(label) for label in labels))
        case Residuals(edges, counts):
            return Rows((_tr("From"), _tr("To"), _tr("Count")), tuple(zip(edges, edges[1:], counts, strict=False)))
        case Predictions(edges, averages, errors, counts):
            titles = (_tr("True from"), _tr("True to"), _tr("Predicted"), _tr("Error"), _tr("Count"))
            return Rows(titles, tuple(zip(edges, edges[1:], averages, errors, counts, strict=False)))
        case AccuracyTable(labels, cells):
            wrong = _tr("False positives"), _tr("True negatives"), _tr("False negatives")
            named = (zip(repeat(label), table, strict=False) for label, table in zip(labels, cells, strict=True))
            rows = tuple((label, *row) for pairs in named for label, row in pairs)
            return Rows((_tr("Class"), _tr("True positives"), *wrong), rows)
    assert_never(chart)


def rows_of_columns(columns: dict[str, list[object]]) -> Rows:
    """Return the rows of columns of different lengths."""
    return Rows(tuple(columns), tuple(zip_longest(*columns.values(), fillvalue="")))


def _plain(cell: object) -> str:
    return "" if cell is None else str(cell).replace("\t", " ").replace("\n", " ")


def _tr(text: str) -> str:
    return QCoreApplication.translate("charts", text)
