"""Which widget draws which chart, with the controls that belong to it.

Imports pyqtgraph: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop_aml.domain.charts import AccuracyTable, Chart, ConfusionMatrix, Predictions
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.plots.chart_drawings import Line, LineChart, PredictionsChart, ResidualsChart
from desktop_aml.ui.plots.matrix_chart import MatrixChart
from desktop_aml.ui.plots.record_groups import is_rising, numeric_columns
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.widgets import ElidedLabel

_ALL: Final = -1
_ALL_UNTIL: Final = 8
_BESIDE_FROM: Final = 560
_ROW: Final = ""


def chart_content(chart: Chart, parent: QWidget) -> QWidget:
    """Return the widget that draws `chart`."""
    if isinstance(chart, ConfusionMatrix):
        return MatrixContent(chart, parent)
    if isinstance(chart, AccuracyTable):
        return AccuracyContent(chart, parent)
    if isinstance(chart, Predictions):
        return PredictionsChart(chart, parent)
    return ResidualsChart(chart, parent)


def curves_content(columns: dict[str, list[object]], parent: QWidget) -> QWidget | None:
    """Return curves of the numeric columns of a table; None when there is nothing that lines would show."""
    numbers = {name: values for name, values in numeric_columns(columns).items() if len(values) > 1}
    return CurvesContent(numbers, parent) if numbers and len(numbers) == len(columns) else None


class MatrixContent(QWidget):
    """A confusion matrix with the choice between counts and shares."""

    def __init__(self, chart: ConfusionMatrix, parent: QWidget) -> None:
        super().__init__(parent)
        self.map = MatrixChart(chart, self)
        self.shares = QCheckBox(self.tr("Share of true class"), self)
        self.shares.toggled.connect(self.map.set_normalised)
        self.words = ElidedLabel("", self)
        self.words.setProperty("role", "secondary")
        self._summary = self.tr("Accuracy {0}").format(formats.number4(chart.accuracy()))
        self.map.described.connect(self._on_map_described)
        self._on_map_described("")
        bar = QHBoxLayout()
        bar.setSpacing(theme.SPACE_M)
        bar.addWidget(self.words, 1)
        bar.addWidget(self.shares)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_XS)
        layout.addLayout(bar)
        layout.addWidget(self.map)

    def _on_map_described(self, words: str) -> None:
        self.words.setText(words or self._summary)


class AccuracyContent(QWidget):
    """ROC and precision-recall curves side by side, of one class or of all."""

    def __init__(self, chart: AccuracyTable, parent: QWidget) -> None:
        super().__init__(parent)
        self.chart = chart
        self.classes = ChoiceField(self)
        every = [(self.tr("All classes"), _ALL)] if 1 < len(chart.labels) <= _ALL_UNTIL else []
        self.classes.set_choices([*every, *((label, place) for place, label in enumerate(chart.labels))])
        self.classes.setCurrentIndex(0)
        self.classes.setAccessibleName(self.tr("Class to draw"))
        self.classes.currentIndexChanged.connect(lambda _: self._draw())
        false_rate, true_rate = self.tr("False positive rate"), self.tr("True positive rate")
        axes = self.tr("Recall"), self.tr("Precision")
        self.roc = LineChart(self.tr("ROC"), (false_rate, true_rate), self, is_unit=True, has_diagonal=True)
        self.precision = LineChart(self.tr("Precision and recall"), axes, self, is_unit=True)
        label = QLabel(self.tr("Class"), self)
        label.setBuddy(self.classes)
        bar = QHBoxLayout()
        bar.setSpacing(theme.SPACE_S)
        bar.addWidget(label)
        bar.addWidget(self.classes)
        bar.addStretch(1)
        self.charts = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.charts.setSpacing(theme.SPACE_XL)
        for plot in (self.roc, self.precision):
            self.charts.addWidget(plot, 1, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addLayout(bar)
        layout.addLayout(self.charts)
        self._draw()

    def _draw(self) -> None:
        value = self.classes.value()
        chosen = range(len(self.chart.labels)) if value == _ALL else [int(str(value))]
        roc, precision = [], []
        for place in chosen:
            name, found, other = self.chart.labels[place], self.chart.roc(place), self.chart.precision_recall(place)
            area, average = formats.number4(found.area), formats.number4(other.area)
            roc.append(Line(name, found.x, found.y, self.tr("AUC {0}").format(area), place))
            precision.append(Line(name, other.x, other.y, self.tr("average precision {0}").format(average), place))
        self.roc.show_lines(roc)
        self.precision.show_lines(precision)

    def resizeEvent(self, event: object) -> None:  # noqa: N802
        """Put the charts under each other where there is no room beside."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        beside = self.width() >= _BESIDE_FROM
        directions = QBoxLayout.Direction
        self.charts.setDirection(directions.LeftToRight if beside else directions.TopToBottom)


class CurvesContent(QWidget):
    """The columns of a table as lines over one of them, or over the number of the row."""

    def __init__(self, columns: dict[str, list[float]], parent: QWidget) -> None:
        super().__init__(parent)
        self.columns = columns
        rising = [name for name, values in columns.items() if is_rising(values)] if len(columns) > 1 else []
        self.axis = ChoiceField(self)
        self.axis.set_choices([(self.tr("Row"), _ROW), *((name, name) for name in rising)])
        self.axis.setAccessibleName(self.tr("Horizontal axis"))
        first = next(iter(columns))
        self.axis.set_value(first if first in rising else _ROW)
        self.axis.currentIndexChanged.connect(lambda _: self._draw())
        self.chart = LineChart("", ("", ""), self)
        label = QLabel(self.tr("Over"), self)
        label.setBuddy(self.axis)
        bar = QHBoxLayout()
        bar.setSpacing(theme.SPACE_S)
        bar.addWidget(label)
        bar.addWidget(self.axis)
        bar.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_XS)
        layout.addLayout(bar)
        layout.addWidget(self.chart)
        self._draw()

    def _draw(self) -> None:
        axis = str(self.axis.value())
        drawn = {name: values for name, values in self.columns.items() if name != axis}
        self.chart.canvas.setLabel("bottom", axis or self.tr("Row"))
        self.chart.canvas.setLabel("left", next(iter(drawn)) if len(drawn) == 1 else "")
        lines = []
        for number, (name, values) in enumerate(drawn.items()):
            places = self.columns[axis] if axis else [float(row) for row in range(len(values))]
            count = min(len(places), len(values))
            lines.append(Line(name, places[:count], values[:count], color=number))
        self.chart.show_lines(lines)
