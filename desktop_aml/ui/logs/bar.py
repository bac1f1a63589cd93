"""The line of buttons over a log."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.widgets import IconButton, SecondaryLabel


class LogBar(QWidget):
    """Buttons; what they do is their log's.

    Parameters
    ----------
    has_times : bool
        Whether it may be known when lines came.
    has_file : bool
        Whether there is a file to open.
    """

    def __init__(self, parent: QWidget, *, has_times: bool, has_file: bool) -> None:
        super().__init__(parent)
        self.size_label = SecondaryLabel("", self, small=True)
        self.size_label.setWordWrap(False)
        self.smaller_button = IconButton("minus", self.tr("Smaller text (Ctrl+-)"), self)
        self.larger_button = IconButton("plus", self.tr("Larger text (Ctrl++)"), self)
        self.times_button = IconButton("clock", self.tr("Show when each line came"), self)
        self.times_button.setCheckable(True)
        self.times_button.setVisible(has_times)
        self.wrap_button = IconButton("wrap", self.tr("Break long lines at the edge"), self)
        self.wrap_button.setCheckable(True)
        self.search_button = IconButton("search", self.tr("Find in log (Ctrl+F)"), self)
        self.copy_button = IconButton("copy", self.tr("Copy the selection, or all that is shown"), self)
        self.open_button = IconButton("external", self.tr("Open log file"), self)
        self.open_button.setVisible(has_file)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_L, theme.SPACE_XS, theme.SPACE_L, theme.SPACE_XS)
        layout.setSpacing(theme.SPACE_XS)
        layout.addWidget(self.size_label)
        layout.addStretch(1)
        for button in (
            self.smaller_button,
            self.larger_button,
            self.times_button,
            self.wrap_button,
            self.search_button,
            self.copy_button,
            self.open_button,
        ):
            layout.addWidget(button)
