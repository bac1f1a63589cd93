"""What stands above plots: axis, scale, smoothing, filter, and the same data as a table."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QLineEdit, QSlider, QToolButton, QWidget

from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.widgets import IconButton

_SETTLE_MS: Final = 40
_MOST: Final = 99
"""Hundredths: at 1 a smoothed line would stay at its first value for ever."""

_WORDS_FROM: Final = 700
"""Narrower bars leave out the word before the slider: its tooltip says it too."""

_VALUE_FROM: Final = 620
"""Still narrower ones leave out its value as well, which would lie on it, and shorten it."""

_SLIDER: Final = 96
_SHORT_SLIDER: Final = 64


class MetricsBar(QWidget):
    """The controls, with what they were set to."""

    axis_changed = Signal(str)
    log_changed = Signal(bool)
    smoothing_changed = Signal(float)
    filter_changed = Signal(str)
    table_toggled = Signal(bool)
    copy_wanted = Signal()
    save_wanted = Signal()
    """The table is to be saved."""

    def __init__(self, parent: QWidget | None = None, *, has_table: bool = True) -> None:
        super().__init__(parent)
        self.axis = ChoiceField(self)
        self.axis.set_choices([(self.tr("Step"), "step"), (self.tr("Time"), "time"), (self.tr("Index"), "index")])
        self.axis.setAccessibleName(self.tr("Horizontal axis"))
        self.axis.setFixedWidth(96)
        self.axis.currentIndexChanged.connect(lambda _: self.axis_changed.emit(str(self.axis.value())))
        self.log_scale = QCheckBox(self.tr("Log scale"), self)
        self.log_scale.toggled.connect(self.log_changed)
        self._build_smoothing()
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText(self.tr("Filter metrics"))
        self.filter.setAccessibleName(self.tr("Filter metrics by name"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setMaximumWidth(200)
        self.filter.setMinimumWidth(96)
        self.filter.textChanged.connect(self.filter_changed)
        self.copy_button = IconButton("copy", self.tr("Copy as tab-separated text"), self)
        self.copy_button.clicked.connect(self.copy_wanted)
        self.save_button = IconButton("save", self.tr("Save as CSV…"), self)
        self.save_button.clicked.connect(self.save_wanted)
        self.table_button = QToolButton(self)
        self.table_button.setText(self.tr("Table"))
        self.table_button.setToolTip(self.tr("Show every value as a row"))
        self.table_button.setCheckable(True)
        self.table_button.setFixedHeight(theme.FIELD_HEIGHT)
        self.table_button.toggled.connect(self._on_table_button_toggled)
        self._arrange()
        self.table_button.setVisible(has_table)
        self._on_table_button_toggled(False)

    def _build_smoothing(self) -> None:
        self.smoothing_label = QLabel(self.tr("Smoothing"), self)
        self.smoothing_slider = QSlider(Qt.Orientation.Horizontal, self)
        self.smoothing_slider.setRange(0, _MOST)
        self.smoothing_slider.setPageStep(10)
        self.smoothing_slider.setFixedWidth(_SLIDER)
        self.smoothing_slider.setAccessibleName(self.tr("Smoothing"))
        self.smoothing_label.setBuddy(self.smoothing_slider)
        self.smoothing_value = QLabel(self)
        self.smoothing_value.setProperty("role", "secondary")
        self.smoothing_value.setFixedWidth(self.smoothing_value.fontMetrics().horizontalAdvance("0.00") + 2)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(lambda: self.smoothing_changed.emit(self.smoothing()))
        self.smoothing_slider.valueChanged.connect(self._on_smoothing_slider_changed)
        self._show_smoothing()

    def _arrange(self) -> None:
        smoothing = QHBoxLayout()
        smoothing.setSpacing(theme.SPACE_S)
        for widget in (self.smoothing_label, self.smoothing_slider, self.smoothing_value):
            smoothing.addWidget(widget)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_L, theme.SPACE_XS, theme.SPACE_L, theme.SPACE_XS)
        layout.setSpacing(theme.SPACE_M)
        layout.addWidget(self.axis)
        layout.addWidget(self.log_scale)
        layout.addLayout(smoothing)
        layout.addStretch(1)
        layout.addWidget(self.filter, 2)
        for button in (self.copy_button, self.save_button, self.table_button):
            layout.addWidget(button)

    def smoothing(self) -> float:
        """Return the weight that was chosen, from 0 to below 1."""
        return self.smoothing_slider.value() / 100

    def is_table(self) -> bool:
        """Whether the table is wanted."""
        return self.table_button.isChecked()

    def _on_smoothing_slider_changed(self, _value: int) -> None:
        self._show_smoothing()
        self._settle.start()

    def _show_smoothing(self) -> None:
        value = f"{self.smoothing():.2f}" if self.smoothing() else self.tr("off")
        self.smoothing_value.setText(value)
        words = self.tr("Smoothing: how much of what came before is in each value")
        self.smoothing_slider.setToolTip(f"{words} ({value})")

    def _on_table_button_toggled(self, on: bool) -> None:
        for button in (self.copy_button, self.save_button):
            button.setVisible(on)
        for widget in (self.axis, self.log_scale, self.smoothing_slider):
            widget.setEnabled(not on)
        self.table_toggled.emit(on)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Leave out words where there is no room for them."""
        super().resizeEvent(event)
        self.smoothing_label.setVisible(self.width() >= _WORDS_FROM)
        # Narrower still the value would lie on the slider; the tool tip says it.
        self.smoothing_value.setVisible(self.width() >= _VALUE_FROM)
        self.smoothing_slider.setFixedWidth(_SLIDER if self.width() >= _VALUE_FROM else _SHORT_SLIDER)
