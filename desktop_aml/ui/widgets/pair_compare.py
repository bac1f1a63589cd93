"""What every comparison of one thing with another shares: the choice of the other, and waiting until it is seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.widgets.choice_field import ChoiceField

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace


class PairCompareView(QWidget):
    """Compares one side, fixed, with one that a person chooses. Nothing is read before it is seen.

    Subclasses put what shows the differences below the bar, and say in `compare` what is read and shown.
    """

    def __init__(self, workspace: Workspace, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._bridge = bridge
        self._after = ""
        self._is_due = False
        self.choice = ChoiceField(self)
        self.choice.setAccessibleName(self.tr("Compare with"))
        self.choice.setMinimumContentsLength(24)
        self.choice.currentIndexChanged.connect(lambda _: self.ask())
        self.label = QLabel(self.tr("Compared with"), self)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setBuddy(self.choice)
        self.bar = QHBoxLayout()
        self.bar.setContentsMargins(theme.SPACE_L, theme.SPACE_XS, theme.SPACE_L, theme.SPACE_XS)
        self.bar.setSpacing(theme.SPACE_S)
        self.bar.addWidget(self.label)
        self.bar.addWidget(self.choice)

    def put_below(self, widget: QWidget) -> None:
        """Lay out the bar, and below it what shows the differences."""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self.bar)
        layout.addWidget(widget, 1)

    def name_fixed_side(self, name: str) -> None:
        """Say which side is fixed, where the page does not."""
        self.label.setText(self.tr("{0} compared with").format(name))

    def offer(self, after: str, others: Sequence[tuple[str, str]]) -> None:
        """Compare `after` with one of `others`, each its words and its key."""
        self._after = after
        self.choice.set_choices(others)
        if self.choice.currentIndex() < 0 and others:
            self.choice.setCurrentIndex(0)
        for widget in (self.label, self.choice):
            widget.setVisible(bool(others))
        self.ask()

    def ask(self) -> None:
        """Compare now, or as soon as it is seen."""
        self._is_due = not self.isVisible()
        before = self.before()
        if not self._is_due and before and self._after:
            self.compare(before, self._after)

    def before(self) -> str:
        """Return the key of the side that is chosen."""
        return str(self.choice.value() or "")

    def compare(self, before: str, after: str) -> None:
        """Read both sides and show how they differ."""
        raise NotImplementedError

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Compare what was asked for while nobody looked."""
        super().showEvent(event)
        if self._is_due:
            self.ask()
