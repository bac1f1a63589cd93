"""What the first run in the chosen environment has to fetch, said before Run is pressed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

from desktop_aml.domain.environment_space import FetchSize
from desktop_aml.domain.environments import THIS_PYTHON, BuildState, EnvironmentSummary
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.events import BuildProgressed
from desktop_aml.ui.look import formats
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.submit.run_settings import RunSettings

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

ASK_AFTER_MS: Final = 700
"""Who only looks through the list of environments asks no package index."""


class FetchHint(QObject):
    """Asks how large the packages are while the form is filled in; an environment that is built needs none."""

    def __init__(self, workspace: Workspace, bridge: Bridge, settings: RunSettings) -> None:
        super().__init__(settings)
        self._workspace = workspace
        self._bridge = bridge
        self._settings = settings
        self._label = ""
        self._known: dict[str, FetchSize] = {}
        self._timer = QTimer(self, singleShot=True, interval=ASK_AFTER_MS)
        self._timer.timeout.connect(self._ask)
        bridge.listen(self._on_event_happened, BuildProgressed)

    def look(self) -> None:
        """See whether the chosen environment is built, and if not, what it fetches."""
        self._timer.stop()
        chosen = self._settings.chosen_environment()
        self._label = ""
        self._settings.tell_of_fetch("")
        if chosen == THIS_PYTHON:
            return
        name, _, version = chosen.partition(":")

        def done(found: EnvironmentSummary) -> None:
            if self._settings.chosen_environment() == chosen:
                self._on_summary(found)

        call_for(
            self,
            self._bridge,
            lambda: self._workspace.environments.summary(name, int(version or 0)),
            done,
            self._on_refused,
        )

    def _on_summary(self, found: EnvironmentSummary) -> None:
        if found.state is not BuildState.NOT_BUILT or found.kind.needs_docker:
            return
        self._label = found.label
        known = self._known.get(found.label)
        self._settings.tell_of_fetch(self._words(known))
        if known is None or known.size_bytes is None:
            self._timer.start()

    def _ask(self) -> None:
        label = self._label
        name, _, version = label.partition(":")

        def done(found: FetchSize) -> None:
            self._known[label] = found
            if self._label == label:
                self._settings.tell_of_fetch(self._words(found))

        call_for(
            self,
            self._bridge,
            lambda: self._workspace.environments.fetch_size(name, int(version)),
            done,
            self._on_refused,
        )

    def _on_refused(self, _error: DesktopAMLError) -> None:
        # Whoever runs is told what is wrong with it; here nothing was asked for.
        self._settings.tell_of_fetch("")

    def _words(self, found: FetchSize | None) -> str:
        if found is None:
            return self.tr("The first run fetches its packages, unless this computer has them.")
        if found.size_bytes is None:
            words = self.tr("The first run fetches its packages. How large they are is not known: {0}.")
            return words.format(found.why)
        if found.size_bytes == 0:
            return self.tr("The first run installs its packages, which are on this computer already.")
        size = formats.size(found.size_bytes) + (f" ({found.why})" if found.why else "")
        words = self.tr("The first run fetches its packages, at most {0}, less what this computer has already.")
        return words.format(size)

    def _on_event_happened(self, event: BuildProgressed) -> None:
        if event.state is not BuildState.BUILDING and f"{event.name}:{event.version}" == self._label:
            self.look()
