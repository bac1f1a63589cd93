"""The head of an environment's page: its name, its version, how its build stands, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop_aml.domain.environments import EnvironmentKind, EnvironmentVersion
from desktop_aml.domain.errors import InvalidName
from desktop_aml.domain.names import check_environment_name
from desktop_aml.ui.environments import kinds as kinds
from desktop_aml.ui.environments.image_label import ImageLabel
from desktop_aml.ui.look import icons, theme
from desktop_aml.ui.widgets.button_words import ButtonWords
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.widgets import PrimaryButton, SecondaryLabel, StateBadge, Title

if TYPE_CHECKING:
    from collections.abc import Iterable

    from desktop_aml.ui.session.bridge import Bridge
    from desktop_aml.workspace import Workspace

_WORDS_FROM: Final = 720


class EnvironmentHead(QWidget):
    """Shows an environment's name, or fields for the name and kind of one that has none yet."""

    def __init__(self, workspace: Workspace, bridge: Bridge, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.heading = Title(name or self.tr("New environment"), self)
        self.name = QLineEdit(self)
        self.name.setPlaceholderText(self.tr("Name"))
        self.name.setAccessibleName(self.tr("Name of the environment"))
        self.name.setVisible(not name)
        self.kinds = ChoiceField(self)
        self.kinds.setAccessibleName(self.tr("Kind of environment"))
        self.kinds.set_choices((kinds.word_of(kind), kind.value) for kind in EnvironmentKind)
        self.kinds.setCurrentIndex(0)
        self.kinds.setVisible(not name)
        self.badge = StateBadge("", self)
        self.step = SecondaryLabel("", self, small=True)
        self.step.setWordWrap(False)
        self.image = ImageLabel(workspace, bridge, self)
        self.note = SecondaryLabel("", self, small=True)
        self.versions = ChoiceField(self)
        self.versions.setAccessibleName(self.tr("Version"))
        self.versions.setMinimumWidth(104)
        self.save_button = QPushButton(self.tr("Save as new version"), self)
        icons.set_icon(self.save_button, "save", "secondary")
        self.cancel_button = QPushButton(self.tr("Cancel build"), self)
        icons.set_icon(self.cancel_button, "cancel", "secondary")
        self.clone_button = QPushButton(self.tr("Clone…"), self)
        icons.set_icon(self.clone_button, "copy", "secondary")
        self.image_button = QPushButton(self.tr("Build image"), self)
        self.image_button.setToolTip(self.tr("Build it as an image of Docker, for runs and endpoints in containers"))
        icons.set_icon(self.image_button, "container", "secondary")
        self.build_button = PrimaryButton(self.tr("Build"), self, icon="run")
        self.shell_button = QPushButton(self.tr("Open a shell"), self)
        self.shell_button.setToolTip(self.tr("A terminal in which python is this environment's; nothing is recorded"))
        icons.set_icon(self.shell_button, "terminal", "secondary")
        self.use_button = PrimaryButton(self.tr("Use in the script runner"), self, icon="script")
        ButtonWords(self, (self.save_button, self.clone_button, self.image_button, self.shell_button), _WORDS_FROM)
        self.shell_button.hide()
        self._lay_out()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(theme.SPACE_S)
        top.addWidget(self.heading)
        top.addStretch(1)
        buttons = (self.clone_button, self.save_button, self.cancel_button, self.image_button, self.build_button)
        for widget in (self.versions, *buttons):
            top.addWidget(widget)
        fields = QHBoxLayout()
        fields.setSpacing(theme.SPACE_S)
        fields.addWidget(self.name, 1)
        fields.addWidget(self.kinds)
        second = QHBoxLayout()
        second.setSpacing(theme.SPACE_S)
        second.addWidget(self.badge)
        second.addWidget(self.image)
        second.addWidget(self.step, 1)
        second.addWidget(self.note, 1)
        second.addWidget(self.shell_button)
        second.addWidget(self.use_button)
        # So that nothing moves under the mouse when the button comes or goes.
        second.addStrut(self.use_button.sizeHint().height())
        head = QVBoxLayout(self)
        head.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, 0)
        head.setSpacing(theme.SPACE_S)
        head.addLayout(top)
        head.addLayout(fields)
        head.addLayout(second)

    def typed_name(self) -> str:
        """Return the name typed for a new environment."""
        return self.name.text().strip()

    def has_usable_name(self) -> bool:
        """Whether what is typed can be the name of an environment."""
        try:
            check_environment_name(self.typed_name())
        except InvalidName:
            return False
        return True

    def show_saved(self, name: str) -> None:
        """Show the name in the place of its field."""
        self.heading.setText(name)
        self.name.hide()
        self.kinds.hide()

    def show_versions(self, versions: Iterable[EnvironmentVersion], chosen: int) -> None:
        """Offer the versions there are, with one of them chosen."""
        self.versions.set_choices([(self.tr("Version {0}").format(one.version), one.version) for one in versions])
        self.versions.set_value(chosen)

    def show_possible(
        self, *, saving: bool, building: bool, acts: bool, changed: bool, exists: bool, usable: bool
    ) -> None:
        """Enable what can be done now.

        Parameters
        ----------
        saving : bool
            Whether there is something that could be saved.
        building : bool
            Whether a build is under way.
        acts : bool
            Whether what is typed could be built.
        changed : bool
            Whether building saves first.
        exists : bool
            Whether there is a version.
        usable : bool
            Whether what is shown is built: then it is to be used rather than built once more.
        """
        self.save_button.setEnabled(saving)
        self.build_button.setEnabled(acts and not building)
        self.build_button.setText(self.tr("Save and build") if changed else self.tr("Build"))
        self.build_button.set_primary(not usable)
        self.use_button.set_primary(usable)
        self.use_button.setVisible(exists)
        self.image_button.setEnabled(self.build_button.isEnabled())
        self.cancel_button.setVisible(building)
        self.versions.setVisible(exists)
        self.clone_button.setVisible(exists)
