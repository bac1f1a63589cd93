"""The page of one environment: its specification, what is wrong with it, its build and its exact packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.domain.environments import (
    BuildPlace,
    BuildState,
    EnvironmentKind,
    EnvironmentLock,
    EnvironmentSummary,
    EnvironmentVersion,
    SpecProblem,
)
from desktop_aml.domain.errors import DesktopAMLError, InvalidName
from desktop_aml.domain.events import BuildProgressed, EnvironmentRegistered
from desktop_aml.domain.names import check_thing_name
from desktop_aml.ui import environment_drafts as drafts
from desktop_aml.ui import environment_kinds as kinds
from desktop_aml.ui import icons, theme
from desktop_aml.ui.bridge import Bridge
from desktop_aml.ui.build_plan_view import BuildPlanView
from desktop_aml.ui.button_words import ButtonWords
from desktop_aml.ui.calls import call_for
from desktop_aml.ui.choice_field import ChoiceField
from desktop_aml.ui.clone_dialog import CloneDialog
from desktop_aml.ui.environment_text import EnvironmentText
from desktop_aml.ui.image_label import ImageLabel
from desktop_aml.ui.lock_compare_view import LockCompareView
from desktop_aml.ui.lock_table import LockTable
from desktop_aml.ui.problem_list import ProblemList
from desktop_aml.ui.widgets import Heading, PrimaryButton, SecondaryLabel, StateBadge

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_aml.workspace import Workspace

_CHECK_MS: Final = 250
_LOG_MS: Final = 150
_WORDS_FROM: Final = 600


class EnvironmentEditor(QWidget):
    """Edits an environment; `key` is its name, ``name:version``, or empty for a new one."""

    def __init__(self, workspace: Workspace, bridge: Bridge, key: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("environment_editor")
        self._workspace = workspace
        self._bridge = bridge
        self._name, _, version = key.partition(":")
        self._wanted = int(version) if version.isdigit() else 0
        self._versions: tuple[EnvironmentVersion, ...] = ()
        self._saved = ""
        self._state = BuildState.NOT_BUILT
        self._errors = 0
        self._curated = False
        self._build()
        self._connect()
        self.setWindowTitle(f"{self._name}[*]" if self._name else self.tr("New environment[*]"))
        if self._name:
            self._load()
        else:
            self._start_from_template(drafts.find(workspace, ""))
            self._show_state(BuildState.NOT_BUILT)

    # Building.

    def _build(self) -> None:
        self.heading = Heading(self._name or self.tr("New environment"), 1, self)
        self.name = QLineEdit(self)
        self.name.setPlaceholderText(self.tr("Name"))
        self.name.setAccessibleName(self.tr("Name of the environment"))
        self.name.setVisible(not self._name)
        self.kinds = ChoiceField(self)
        self.kinds.setAccessibleName(self.tr("Kind of environment"))
        self.kinds.set_choices((kinds.word_of(kind), kind.value) for kind in EnvironmentKind)
        self.kinds.setCurrentIndex(0)
        self.kinds.setVisible(not self._name)
        self.badge = StateBadge("", self)
        self.step = SecondaryLabel("", self, small=True)
        self.step.setWordWrap(False)
        self.image = ImageLabel(self._workspace, self._bridge, self)
        self.note = SecondaryLabel("", self, small=True)
        self.versions = ChoiceField(self)
        self.versions.setAccessibleName(self.tr("Version"))
        self.versions.setMinimumWidth(120)
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
        ButtonWords(self, (self.save_button, self.clone_button, self.image_button), _WORDS_FROM)
        self.text = EnvironmentText(self)
        self.problems = ProblemList(self)
        self.log = QPlainTextEdit(self)
        self.log.setReadOnly(True)
        self.log.setFont(theme.font("mono"))
        self.log.setAccessibleName(self.tr("Build log"))
        self.lock = LockTable(self)
        self.lock.failed.connect(self._bridge.tell_error)
        self.changes = LockCompareView(self._workspace, self._bridge, self)
        self.plan = BuildPlanView(self._workspace, self._bridge, self.text, self.kind, lambda: self._name, self)
        self.plan.told.connect(self.build_button.setToolTip)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        for widget, title in (
            (self.problems, self.tr("Problems")),
            (self.plan, self.tr("Plan")),
            (self.log, self.tr("Build log")),
            (self.lock, self.tr("Packages")),
            (self.changes, self.tr("Changes")),
        ):
            self.tabs.addTab(widget, title)
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
        second.addWidget(self.note)
        splitter = QSplitter(Qt.Orientation.Vertical, self)
        splitter.addWidget(self.text)
        splitter.addWidget(self.tabs)
        splitter.setSizes([360, 220])
        head = QVBoxLayout()
        head.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, 0)
        head.setSpacing(theme.SPACE_S)
        head.addLayout(top)
        head.addLayout(fields)
        head.addLayout(second)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addLayout(head)
        layout.addWidget(splitter, 1)

    def _connect(self) -> None:
        self._check_timer = QTimer(self, singleShot=True, interval=_CHECK_MS)
        self._check_timer.timeout.connect(self.check)
        self._log_timer = QTimer(self, singleShot=True, interval=_LOG_MS)
        self._log_timer.timeout.connect(self._read_log)
        self.text.textChanged.connect(self._on_text_changed)
        self.name.textChanged.connect(self._show_possible)
        self.kinds.currentIndexChanged.connect(lambda _: self._start_from_template())
        self.versions.currentIndexChanged.connect(lambda _: self._show_version())
        self.save_button.clicked.connect(self.save)
        self.clone_button.clicked.connect(self.clone)
        self.build_button.clicked.connect(lambda: self.build())
        self.image_button.clicked.connect(lambda: self.build(as_image=True))
        self.cancel_button.clicked.connect(self.cancel_build)
        self.problems.place_wanted.connect(self.text.go_to_place)
        save = QShortcut(QKeySequence(QKeySequence.StandardKey.Save), self)
        save.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        save.activated.connect(self.save)
        self._bridge.event_happened.connect(self._on_event_happened)

    # Versions.

    def kind(self) -> EnvironmentKind | None:
        """Return the kind of what is edited; None where the text itself tells it."""
        kind = self._versions[0].kind if self._versions else EnvironmentKind(str(self.kinds.value()))
        return None if kind in kinds.TOLD_BY_TEXT else kind

    def _start_from_template(self, draft: str | None = None) -> None:
        kind = self.kinds.value()
        self._saved = kinds.template_of(kind)
        self.text.set_file_name(kinds.file_name_of(kind))
        self.note.setText(kinds.hint_of(kind))
        if draft is not None or not self.text.toPlainText() or kinds.is_template(self.text.toPlainText()):
            self.text.setPlainText(draft or self._saved)
        self._on_text_changed()

    def _load(self) -> None:
        name = self._name
        call_for(self, self._bridge, lambda: self._workspace.environment_versions(name), self._show_versions)

    def _show_versions(self, versions: tuple[EnvironmentVersion, ...]) -> None:
        self._versions = versions
        self.text.set_file_name(kinds.file_name_of(versions[0].kind if versions else None))
        self.versions.set_choices([(self.tr("Version {0}").format(one.version), one.version) for one in versions])
        self.versions.set_value(self._wanted or (versions[0].version if versions else 0))
        self._show_version()

    def _version(self) -> EnvironmentVersion | None:
        return next((one for one in self._versions if one.version == self.versions.value()), None)

    def _show_version(self) -> None:
        version = self._version()
        if version is None:
            return
        if not self.isWindowModified():
            self._saved = version.text
            draft = drafts.find(self._workspace, self._name)
            text = version.text if draft is None else draft
            # The same text again would lose the cursor and what can be undone.
            if text != self.text.toPlainText():
                self.text.setPlainText(text)
        name, number = version.name, version.version
        call_for(
            self,
            self._bridge,
            lambda: self._workspace.environment_summary(name, number),
            self._show_summary,
        )
        call_for(self, self._bridge, lambda: self._workspace.environment_lock(name, number), self._show_lock)
        self.image.look_for(version.label)
        self._read_log()
        self.changes.show_versions(version, self._versions)
        self._show_possible()

    def _show_summary(self, one: EnvironmentSummary) -> None:
        self._curated = one.curated
        self.note.setText(self.tr("Curated: ships with Desktop AML. Clone it to change it."))
        self.text.setReadOnly(one.curated)
        self._show_state(one.state)

    def _show_lock(self, lock: EnvironmentLock | None) -> None:
        version = self._version()
        self.lock.show_lock(lock, version.label if version else "")

    # Checking.

    def _on_text_changed(self) -> None:
        text = self.text.toPlainText()
        self.setWindowModified(text != self._saved)
        if self.isWindowModified():
            drafts.keep(self._workspace, self._name, text)
        else:
            drafts.forget(self._workspace, self._name)
        self._show_possible()
        self._check_timer.start()

    def check(self) -> None:
        """Look for problems in what is typed."""
        text, kind = self.text.toPlainText(), self.kind()
        call_for(self, self._bridge, lambda: self._workspace.check_environment(text, kind), self._show_problems)

    def _show_problems(self, problems: tuple[SpecProblem, ...]) -> None:
        self._errors = sum(problem.severity == "error" for problem in problems)
        self.text.mark(problems)
        self.problems.show_problems(problems)
        title = self.tr("Problems ({0})").format(self._errors) if self._errors else self.tr("Problems")
        self.tabs.setTabText(0, title)
        self._show_possible()

    def _show_possible(self) -> None:
        named = bool(self._name) or self._is_name(self.name.text().strip())
        changed = self.isWindowModified() or not self._name
        building = self._state is BuildState.BUILDING
        self.save_button.setEnabled(named and changed and not self._errors)
        self.build_button.setEnabled(named and not self._errors and not building)
        self.build_button.setText(self.tr("Save and build") if changed else self.tr("Build"))
        self.image_button.setEnabled(self.build_button.isEnabled())
        self.image_button.setVisible(self.kind() is None)
        self.cancel_button.setVisible(building)
        self.versions.setVisible(bool(self._versions))
        self.clone_button.setVisible(bool(self._versions))
        self.save_button.setVisible(not self._curated)
        self.note.setVisible(self._curated or not self._name)

    def _is_name(self, text: str) -> bool:
        try:
            check_thing_name(text, "environment")
        except InvalidName:
            return False
        return True

    # Acting.

    def save(self) -> None:
        """Save what is typed as the next version."""
        self._save()

    def build(self, *, as_image: bool = False) -> None:
        """Build the version shown, on this computer or as an image of Docker, saving what is typed first."""
        builder = str(BuildPlace.IMAGE) if as_image else self.plan.builder()
        version = self._version()
        if version is None or self.isWindowModified():
            self._save(lambda saved: self._start_build(saved, builder))
        else:
            self._start_build(version, builder)

    def _start_build(self, version: EnvironmentVersion, builder: str) -> None:
        self.log.clear()
        self.tabs.setCurrentWidget(self.log)
        name, number = version.name, version.version
        call_for(self, self._bridge, lambda: self._workspace.build_environment(name, number, builder=builder))

    def clone(self) -> None:
        """Ask for the name of a copy of the version shown."""
        version = self._version()
        if version is not None:
            CloneDialog(self._workspace, self._bridge, version.name, version.version, self).open()

    def cancel_build(self) -> None:
        """Stop the build."""
        version = self._version()
        if version is not None:
            call_for(self, self._bridge, lambda: self._workspace.cancel_build(version.name, version.version))

    def _save(self, then: Callable[[EnvironmentVersion], None] | None = None) -> None:
        name, text, kind = self._name or self.name.text().strip(), self.text.toPlainText(), self.kind()

        def saved(version: EnvironmentVersion) -> None:
            drafts.forget(self._workspace, self._name)
            self._name, self._wanted, self._saved = version.name, version.version, text
            self.heading.setText(version.name)
            self.name.hide()
            self.kinds.hide()
            # Typing went on while it was saved.
            self._on_text_changed()
            self.setWindowTitle(f"{version.name}[*]")
            self._bridge.tell(self.tr("Saved {0}.").format(version.label), "success")
            self._load()
            if then is not None:
                then(version)

        call_for(
            self,
            self._bridge,
            lambda: self._workspace.register_environment(name, text, kind),
            saved,
            self._show_refusal,
        )

    def _show_refusal(self, error: DesktopAMLError) -> None:
        self._bridge.tell_error(error)
        self.check()

    # Events.

    def _on_event_happened(self, event: object) -> None:
        if isinstance(event, EnvironmentRegistered) and event.name == self._name:
            self._load()
        version = self._version()
        key = (version.name, version.version) if version is not None else ("", 0)
        if not isinstance(event, BuildProgressed) or (event.name, event.version) != key:
            return
        self.step.setText(" ".join(filter(None, (event.stage, event.message)))[:160])
        self._show_state(event.state)
        if not self._log_timer.isActive():
            self._log_timer.start()
        if event.state is not BuildState.BUILDING:
            call_for(self, self._bridge, lambda: self._workspace.environment_lock(*key), self._show_lock)
            self.image.look_for(f"{event.name}:{event.version}")

    def _show_state(self, state: BuildState) -> None:
        self._state = state
        self.badge.set_state(state)
        if state is not BuildState.BUILDING:
            self.step.setText("")
        self._show_possible()

    def _read_log(self) -> None:
        version = self._version()
        if version is not None:
            call_for(
                self, self._bridge, lambda: self._workspace.build_log(version.name, version.version), self._show_log
            )

    def _show_log(self, text: str) -> None:
        if text != self.log.toPlainText():
            self.log.setPlainText(text)
            self.log.verticalScrollBar().setValue(self.log.verticalScrollBar().maximum())
