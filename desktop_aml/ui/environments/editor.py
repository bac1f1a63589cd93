"""The page of one environment: its specification, what is wrong with it, its build and its exact packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QSizePolicy,
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
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.events import BuildProgressed, EnvironmentOrganised, EnvironmentRegistered
from desktop_aml.ui.environments import drafts as drafts
from desktop_aml.ui.environments import kinds as kinds
from desktop_aml.ui.environments.acts import open_shell
from desktop_aml.ui.environments.build_log import BuildLogView
from desktop_aml.ui.environments.build_plan import BuildPlanView
from desktop_aml.ui.environments.clone_dialog import CloneDialog
from desktop_aml.ui.environments.head import EnvironmentHead
from desktop_aml.ui.environments.lock_compare import LockCompareView
from desktop_aml.ui.environments.lock_table import LockTable
from desktop_aml.ui.environments.problem_list import ProblemList, problem_of
from desktop_aml.ui.environments.text import EnvironmentText
from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.session.turns import in_turns
from desktop_aml.ui.widgets.by_keys.splitter import KeyedSplitter

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_aml.workspace import Workspace

_CHECK_MS: Final = 250
_TABS_FROM: Final = 152
"""The least height of what stands below the text: its row of tabs, and a few lines of any of them."""

_USABLE: Final = frozenset({BuildState.READY, BuildState.IMAGE})
"""Once it is built, what comes next is to use it."""


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
        self._build_problem: tuple[str, SpecProblem] | None = None
        self._errors = 0
        self._curated = False
        self._is_whole = False
        in_turns(self, bridge, [self._begin, self._fill_plan, self._fill_lock, self._fill_changes, self._end])

    def _begin(self) -> None:
        self._build()
        self._connect()
        self.setWindowTitle(f"{self._name}[*]" if self._name else self.tr("New environment[*]"))
        if self._name:
            self._show_possible()
        else:
            self._start_from_template(drafts.find(self._workspace, ""))
            self._show_state(BuildState.NOT_BUILT)

    def _end(self) -> None:
        self._is_whole = True
        self._show_possible()
        call_for(self, self._bridge, self._workspace.environments.known_packages, self.text.set_packages)
        if self._name:
            self._load()

    # Building.

    def _build(self) -> None:
        # From the outside in: to put what is full into something else has each widget in it styled once more.
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_S)
        self.head = EnvironmentHead(self._workspace, self._bridge, self._name, self)
        layout.addWidget(self.head)
        splitter = KeyedSplitter(Qt.Orientation.Vertical, self)
        layout.addWidget(splitter, 1)
        self.text = EnvironmentText(splitter)
        splitter.addWidget(self.text)
        self.tabs = QTabWidget(splitter)
        self.tabs.setDocumentMode(True)
        # In a low window the text is what the page is for; no tab may take more from it than another.
        self.tabs.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.tabs.setMinimumHeight(_TABS_FROM)
        splitter.addWidget(self.tabs)
        self._fill_tabs()
        splitter.setSizes([360, 220])

    def _fill_tabs(self) -> None:
        tabs = self.tabs
        self.problems = ProblemList(tabs)
        self.log = BuildLogView(self._workspace, self._bridge, tabs)
        # Each has its place from the first turn on; what takes longer to make is made in a turn of its own.
        self._plan_place, self._lock_place, self._changes_place = (QWidget(tabs) for _ in range(3))
        for widget, title in (
            (self.problems, self.tr("Problems")),
            (self._plan_place, self.tr("Plan")),
            (self.log, self.tr("Build log")),
            (self._lock_place, self.tr("Packages")),
            (self._changes_place, self.tr("Changes")),
        ):
            tabs.addTab(widget, title)

    def _fill_plan(self) -> None:
        column = _column_in(self._plan_place)
        space, bridge = self._workspace, self._bridge
        self.plan = BuildPlanView(space, bridge, self.text, self.kind, lambda: self._name, self._plan_place)
        self.plan.told.connect(self.head.build_button.setToolTip)
        column.addWidget(self.plan)

    def _fill_lock(self) -> None:
        column = _column_in(self._lock_place)
        self.lock = LockTable(self._lock_place)
        self.lock.failed.connect(self._bridge.tell_error)
        column.addWidget(self.lock)

    def _fill_changes(self) -> None:
        column = _column_in(self._changes_place)
        self.changes = LockCompareView(self._workspace, self._bridge, self._changes_place)
        column.addWidget(self.changes)

    def _connect(self) -> None:
        self._check_timer = QTimer(self, singleShot=True, interval=_CHECK_MS)
        self._check_timer.timeout.connect(self.check)
        self.text.textChanged.connect(self._on_text_changed)
        self.head.name.textChanged.connect(self._show_possible)
        self.head.kinds.currentIndexChanged.connect(lambda _: self._start_from_template())
        self.head.versions.currentIndexChanged.connect(lambda _: self._show_version())
        self.head.save_button.clicked.connect(self.save)
        self.head.clone_button.clicked.connect(self.clone)
        self.head.build_button.clicked.connect(lambda: self.build())
        self.head.image_button.clicked.connect(lambda: self.build(as_image=True))
        self.head.cancel_button.clicked.connect(self.cancel_build)
        self.head.use_button.clicked.connect(self.use)
        self.head.shell_button.clicked.connect(self.open_shell)
        self.problems.place_wanted.connect(self.text.go_to_place)
        save = QShortcut(QKeySequence(QKeySequence.StandardKey.Save), self)
        save.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        save.activated.connect(self.head.save_button.click)
        self._bridge.listen(self._on_event_happened, EnvironmentRegistered, EnvironmentOrganised, BuildProgressed)

    # Versions.

    def kind(self) -> EnvironmentKind | None:
        """Return the kind of what is edited; None where the text itself tells it."""
        kind = self._versions[0].kind if self._versions else EnvironmentKind(str(self.head.kinds.value()))
        return None if kind in kinds.TOLD_BY_TEXT else kind

    def _start_from_template(self, draft: str | None = None) -> None:
        kind = self.head.kinds.value()
        self._saved = kinds.template_of(kind)
        self.text.set_file_name(kinds.file_name_of(kind))
        self.head.note.setText(kinds.hint_of(kind))
        if draft is not None or not self.text.toPlainText() or kinds.is_template(self.text.toPlainText()):
            self.text.setPlainText(draft or self._saved)
        self._on_text_changed()

    def _load(self) -> None:
        if not self._is_whole:
            return  # it is read when all that shows it is there
        name = self._name
        call_for(self, self._bridge, lambda: self._workspace.environments.versions(name), self._show_versions)

    def _show_versions(self, versions: tuple[EnvironmentVersion, ...]) -> None:
        self._versions = versions
        self.text.set_file_name(kinds.file_name_of(versions[0].kind if versions else None))
        self.head.show_versions(versions, self._wanted or (versions[0].version if versions else 0))
        self._show_version()

    def turn_to(self, version: int) -> None:
        """Show another version; what is typed and not saved stays."""
        self._wanted = version
        self._load()

    def _version(self) -> EnvironmentVersion | None:
        return next((one for one in self._versions if one.version == self.head.versions.value()), None)

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
            lambda: self._workspace.environments.summary(name, number),
            self._show_summary,
        )
        call_for(self, self._bridge, lambda: self._workspace.environments.lock(name, number), self._show_lock)
        self.head.image.look_for(version.label)
        self.log.look_at(name, number)
        self.changes.show_versions(version, self._versions)
        self._show_possible()

    def _show_summary(self, one: EnvironmentSummary) -> None:
        self._curated = one.curated
        self.head.note.setText(self.tr("Curated: ships with Desktop AML. Clone it to change it."))
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
        call_for(self, self._bridge, lambda: self._workspace.environments.check(text, kind), self._show_problems)

    def _show_problems(self, problems: tuple[SpecProblem, ...]) -> None:
        # What only a build could find is told beside what reading found, as long as the text is the one that failed.
        of_build = self._build_problem
        if of_build is not None and self.text.toPlainText() == of_build[0]:
            problems = (*problems, of_build[1])
        self._errors = sum(problem.severity == "error" for problem in problems)
        self.text.mark(problems)
        self.problems.show_problems(problems)
        title = self.tr("Problems ({0})").format(self._errors) if self._errors else self.tr("Problems")
        self.tabs.setTabText(0, title)
        self._show_possible()

    def _show_possible(self) -> None:
        # Before a version was read there is nothing to build, and what is not there yet would be saved as a new one.
        named = bool(self._versions) if self._name else self.head.has_usable_name()
        changed = self.isWindowModified() or not self._name
        self.head.show_possible(
            saving=named and changed and not self._errors and self._is_whole,
            building=self._state is BuildState.BUILDING,
            acts=named and not self._errors and self._is_whole,
            changed=changed,
            exists=bool(self._versions),
            usable=self._state in _USABLE and not changed,
        )
        self.head.image_button.setVisible(self.kind() is None)
        self.head.save_button.setVisible(not self._curated)
        self.head.shell_button.setVisible(self._state is BuildState.READY and not changed)
        self.head.note.setVisible(self._curated or not self._name)
        if not self._curated and not self._name:
            # Why nothing can be saved or built yet stands where it is looked for: beside the buttons.
            hint = kinds.hint_of(self.head.kinds.value())
            self.head.note.setText(hint if named else self.tr("Give it a name first: then it can be saved and built."))

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
        call_for(self, self._bridge, lambda: self._workspace.environments.build(name, number, builder=builder))

    def clone(self) -> None:
        """Ask for the name of a copy of the version shown."""
        version = self._version()
        if version is not None:
            CloneDialog(self._workspace, self._bridge, version.name, version.version, self).open()

    def use(self) -> None:
        """Choose the version shown in the script runner; the newest by its name alone, as the runner lists it."""
        version = self._version()
        if version is not None:
            is_newest = version.version == self._versions[0].version
            self._bridge.go_to("use_environment", version.name if is_newest else version.label)

    def open_shell(self) -> None:
        """Open a shell in a terminal in which ``python`` is that of the version shown."""
        version = self._version()
        if version is not None:
            open_shell(self, self._workspace, self._bridge, version.label)

    def cancel_build(self) -> None:
        """Stop the build."""
        version = self._version()
        if version is not None:
            call_for(
                self, self._bridge, lambda: self._workspace.environments.cancel_build(version.name, version.version)
            )

    def _save(self, then: Callable[[EnvironmentVersion], None] | None = None) -> None:
        name, text, kind = self._name or self.head.typed_name(), self.text.toPlainText(), self.kind()

        def saved(version: EnvironmentVersion) -> None:
            drafts.forget(self._workspace, self._name)
            self._name, self._wanted, self._saved = version.name, version.version, text
            self.head.show_saved(version.name)
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
            lambda: self._workspace.environments.register(name, text, kind),
            saved,
            self._show_refusal,
        )

    def _show_refusal(self, error: DesktopAMLError) -> None:
        self._bridge.tell_error(error)
        self.check()

    # Events.

    def _on_event_happened(self, event: object) -> None:
        if isinstance(event, EnvironmentRegistered | EnvironmentOrganised) and event.name == self._name:
            self._load()
        version = self._version()
        key = (version.name, version.version) if version is not None else ("", 0)
        if not isinstance(event, BuildProgressed) or (event.name, event.version) != key:
            return
        self.head.step.setText(" ".join(filter(None, (event.stage, event.message)))[:160])
        self._show_state(event.state)
        self.log.look_soon()
        if event.state is BuildState.FAILED:
            self._build_problem = (self._saved, problem_of(event.message))
            self.check()
        elif self._build_problem is not None:
            self._build_problem = None
            self.check()
        if event.state is not BuildState.BUILDING:
            call_for(self, self._bridge, lambda: self._workspace.environments.lock(*key), self._show_lock)
            self.head.image.look_for(f"{event.name}:{event.version}")

    def _show_state(self, state: BuildState) -> None:
        self._state = state
        self.head.badge.set_state(state)
        if state is not BuildState.BUILDING:
            self.head.step.setText("")
        self._show_possible()


def _column_in(place: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(place)
    column.setContentsMargins(0, 0, 0, 0)
    return column
