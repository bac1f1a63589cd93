"""Metrics that were logged once: names and values in two columns of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from desktop_aml.domain.metrics import MetricSource
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.plots.data import CurveData
from desktop_aml.ui.widgets.widgets import SecondaryLabel


class SingleValues(QWidget):
    """Shows the last value of each of some curves. Labels stay as they are while others come."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[QLabel, QLabel, QLabel]] = []
        self._sources: dict[str, MetricSource] = {}
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setHorizontalSpacing(theme.SPACE_XL)
        self._layout.setVerticalSpacing(theme.SPACE_XS)
        self._layout.setColumnStretch(3, 1)
        self.hide()

    def show_curves(self, curves: Sequence[CurveData]) -> None:
        """Show the last values of `curves`."""
        while len(self._rows) < len(curves):
            self._add_row()
        for number, (name, value, source) in enumerate(self._rows):
            is_shown = number < len(curves)
            for label in (name, value, source):
                label.setVisible(is_shown)
            if is_shown:
                curve = curves[number]
                source.setText(source_word(self._sources.get(curve.name)))
                name.setText(curve.name)
                value.setText(formats.number4(curve.value(len(curve) - 1)))
        self.setVisible(bool(curves))

    def shown(self) -> dict[str, str]:
        """Return what is shown: the value by its name."""
        return {name.text(): value.text() for name, value, _ in self._rows if not name.isHidden()}

    def marks(self) -> dict[str, str]:
        """Return where what is shown comes from, by its name: empty for what the script logged."""
        return {name.text(): source.text() for name, _, source in self._rows if not name.isHidden()}

    def set_sources(self, sources: dict[str, MetricSource]) -> None:
        """Say where metrics come from that the script did not log itself, from the next showing on."""
        self._sources = sources

    def _add_row(self) -> None:
        name, value = SecondaryLabel("", self), QLabel(self)
        name.setWordWrap(False)
        value.setTextFormat(Qt.TextFormat.PlainText)
        value.setFont(theme.font("mono"))
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        source = SecondaryLabel("", self, small=True)
        source.setWordWrap(False)
        row = len(self._rows)
        self._layout.addWidget(name, row, 0)
        self._layout.addWidget(value, row, 1)
        self._layout.addWidget(source, row, 2)
        self._rows.append((name, value, source))


def source_word(source: MetricSource | None) -> str:
    """Return where a metric comes from, in words; empty for what the script logged itself."""
    translate = QCoreApplication.translate
    words = {
        MetricSource.CAPTURED: translate("SingleValues", "captured"),
        MetricSource.PRINTED: translate("SingleValues", "read from the log"),
    }
    return words.get(source, "") if source else ""


def sources_words(names: Iterable[str], sources: dict[str, MetricSource]) -> str:
    """Return which of some metrics the script did not log itself, and where they come from; empty for none."""
    found: dict[str, list[str]] = {}
    for name in names:
        word = source_word(sources.get(name))
        if word:
            found.setdefault(word[:1].upper() + word[1:], []).append(name)
    return "  ·  ".join(f"{word}: {', '.join(named)}" for word, named in found.items())
