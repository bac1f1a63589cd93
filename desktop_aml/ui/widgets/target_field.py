"""The choice of where a run goes, with a calm word about a place that cannot be used now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop_aml.domain.targets import RunTarget
from desktop_aml.ui.look import theme
from desktop_aml.ui.look.labels import target_text
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.link_label import LinkLabel
from desktop_aml.ui.widgets.widgets import SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace


def look_at_targets(owner: QObject, workspace: Workspace, bridge: Bridge) -> None:
    """Find out where runs can go; everybody who wants to know hears it from the bridge."""
    call_for(owner, bridge, workspace.computes.targets, bridge.targets_seen.emit)


class TargetField(QWidget):
    """A list of targets. One that is off can be chosen: then it says why, and offers to look again."""

    changed = Signal()
    look_wanted = Signal()
    """A person wants to know whether the chosen target is there by now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known: dict[str, RunTarget] = {}
        self.choice = ChoiceField(self)
        self.choice.setAccessibleName(self.tr("Target"))
        self.choice.currentIndexChanged.connect(self._on_choice_changed)
        self.reason = SecondaryLabel("", self, small=True)
        self.again = LinkLabel(self.tr("Look again"), self)
        self.again.clicked.connect(self.look_wanted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_XS)
        for widget in (self.choice, self.reason, self.again):
            layout.addWidget(widget)
        self.setFocusProxy(self.choice)
        self.show_targets((RunTarget("local"), RunTarget("docker")))

    def show_targets(self, found: tuple[RunTarget, ...]) -> None:
        """Offer targets and say which are off."""
        known = {target.name: target for target in found}
        if known == self._known:
            # Filled again, an open list would close under the pointer.
            return
        self._known = known
        self.choice.set_choices((self._word(target), target.name) for target in found)
        self._show_reason()
        self.changed.emit()

    def _word(self, target: RunTarget) -> str:
        name = target_text(target.name)
        return name if target.is_available else self.tr("{0} (off)").format(name)

    def value(self) -> str:
        """Return the name of the chosen target."""
        return str(self.choice.value() or "local")

    def set_value(self, name: str) -> None:
        """Choose a target; an unknown name leaves the choice as it is."""
        self.choice.set_value(name)

    def fault(self) -> str:
        """Return why the chosen target cannot be used; empty when it can."""
        target = self._known.get(self.value())
        return "" if target is None else target.reason

    def _on_choice_changed(self, _index: int) -> None:
        self._show_reason()
        self.changed.emit()
        if self.value() != "local":
            self.look_wanted.emit()

    def _show_reason(self) -> None:
        target = self._known.get(self.value())
        self.reason.setText("" if target is None else target.hint or target.reason)
        for widget in (self.reason, self.again):
            widget.setVisible(bool(self.fault()))
        # A form that is not shown yet would keep the row as high as it was without these words.
        self.updateGeometry()
