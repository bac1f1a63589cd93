"""Where the window, its panes and its tabs were, for each workspace. Losing this file costs nothing but habit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QByteArray, QEvent, QMargins, QObject, QRect, QSettings, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from desktop_aml.domain.values import dataclass
from desktop_aml.ui.session.bridge import Destination

VERSION: Final = 1
"""Raised when panes change so much that an old layout would be wrong."""

DEFAULT_SIZE: Final = QSize(1280, 800)
_SEPARATOR: Final = "\x1f"
_NO_FRAME: Final = QMargins()
_PLACED: Final = frozenset({QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.WindowActivate, QEvent.Type.Paint})
_FITTED_ALREADY: Final = Qt.WindowState.WindowMaximized | Qt.WindowState.WindowFullScreen


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the panes of a window are.

    Parameters
    ----------
    state : str
        What Qt says of them, in letters.
    pane_sizes : mapping of str to int
        How large they are meant to be.
    """

    state: str
    pane_sizes: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, window: QMainWindow, pane_sizes: Mapping[str, int]) -> Layout:
        """Return the layout that a window has."""
        return cls(bytes(window.saveState(VERSION).toBase64().data()).decode("ascii"), dict(pane_sizes))

    def put_on(self, window: QMainWindow) -> bool:
        """Put the panes there; False where the state is not one of this window."""
        return window.restoreState(QByteArray.fromBase64(self.state.encode()), VERSION)


class LayoutMemory:
    """Reads and writes the layout file.

    Parameters
    ----------
    path : Path
        An ini file in the user's state folder.
    """

    def __init__(self, path: Path) -> None:
        self._settings = QSettings(str(path), QSettings.Format.IniFormat)

    def save(
        self,
        window: QMainWindow,
        workspace: Path | None,
        tabs: Iterable[Destination] = (),
        pane_sizes: Mapping[str, int] | None = None,
    ) -> None:
        """Remember the window's place, and for a workspace its panes and tabs.

        Parameters
        ----------
        pane_sizes : mapping of str to int
            How large panes are meant to be: the page in front may leave them less at the moment.
        """
        self._settings.setValue("window/geometry", window.saveGeometry())
        if workspace is not None:
            group = _group(workspace)
            self._settings.setValue(f"{group}/path", str(workspace))
            self._settings.setValue(f"{group}/state", window.saveState(VERSION))
            self._settings.setValue(f"{group}/tabs", [f"{tab.kind}{_SEPARATOR}{tab.key}" for tab in tabs])
            sizes = [f"{name}{_SEPARATOR}{size}" for name, size in (pane_sizes or {}).items()]
            self._settings.setValue(f"{group}/pane_sizes", sizes)
        self._settings.sync()

    def restore_geometry(self, window: QMainWindow) -> None:
        """Put the window where it was, on a screen that exists."""
        saved = self._settings.value("window/geometry")
        if not (isinstance(saved, QByteArray) and window.restoreGeometry(saved)):
            window.resize(DEFAULT_SIZE)
        bring_into_view(window)
        _FrameFit(window)

    def restore_panes(self, window: QMainWindow, workspace: Path) -> bool:
        """Put the panes where they were; False when nothing fitting is remembered."""
        saved = self._settings.value(f"{_group(workspace)}/state")
        return isinstance(saved, QByteArray) and window.restoreState(saved, VERSION)

    def pane_sizes(self, workspace: Path) -> dict[str, int]:
        """Return how large the panes are meant to be, as far as that is remembered."""
        return {name: int(size) for name, size in self._pairs(workspace, "pane_sizes") if size.isdecimal()}

    def tabs(self, workspace: Path) -> tuple[Destination, ...]:
        """Return the tabs that were open."""
        return tuple(Destination(kind, key) for kind, key in self._pairs(workspace, "tabs"))

    def _pairs(self, workspace: Path, name: str) -> list[tuple[str, str]]:
        saved = self._settings.value(f"{_group(workspace)}/{name}")
        lines = [saved] if isinstance(saved, str) else saved if isinstance(saved, list) else []
        parts = (str(line).partition(_SEPARATOR) for line in lines)
        return [(first, second) for first, separator, second in parts if separator]

    def layouts(self) -> dict[str, Layout]:
        """Return the layouts that a person named; what cannot be read is left out."""
        found = {}
        for name, kept in self._kept_layouts().items():
            sizes = kept.get("pane_sizes") if isinstance(kept, dict) else None
            if isinstance(sizes, dict) and isinstance(kept.get("state"), str):
                found[name] = Layout(kept["state"], {key: one for key, one in sizes.items() if isinstance(one, int)})
        return found

    def keep_layout(self, name: str, layout: Layout | None) -> None:
        """Keep a layout under a name, in the place of one of this name; None removes it."""
        kept = {key: one for key, one in self._kept_layouts().items() if key != name}
        if layout is not None:
            kept[name] = {"state": layout.state, "pane_sizes": dict(layout.pane_sizes)}
        self._settings.setValue("layouts/named", json.dumps(kept))
        self._settings.sync()

    def _kept_layouts(self) -> dict[str, Any]:
        try:
            kept = json.loads(str(self._settings.value("layouts/named", "{}")))
        except ValueError:
            return {}
        return kept if isinstance(kept, dict) else {}

    def choice(self, name: str) -> str:
        """Return an answer that the user wanted remembered; empty when there is none."""
        return str(self._settings.value(f"choices/{name}") or "")

    def remember_choice(self, name: str, answer: str) -> None:
        """Remember an answer; an empty one is asked for again."""
        self._settings.setValue(f"choices/{name}", answer)

    def recent_actions(self) -> list[str]:
        """Return the ids of actions taken from the palette, latest first."""
        saved = self._settings.value("palette/recent")
        return [saved] if isinstance(saved, str) else [str(x) for x in saved] if isinstance(saved, list) else []

    def remember_action(self, action_id: str) -> None:
        """Put an action first in the palette."""
        others = [known for known in self.recent_actions() if known != action_id]
        self._settings.setValue("palette/recent", [action_id, *others][:8])


def _group(workspace: Path) -> str:
    import hashlib  # most starts open a workspace after the first paint

    return "workspace-" + hashlib.sha256(str(workspace).encode()).hexdigest()[:16]


class _FrameFit(QObject):
    """Brings a window into view once more when it has got its frame, whose size nobody knows before."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        # The event first: a window that is being destroyed sends some, and to ask it anything then ends the program.
        if event.type() in _PLACED and isinstance(watched, QMainWindow):
            handle = watched.windowHandle()
            if handle is not None and not handle.frameMargins().isNull():
                watched.removeEventFilter(self)
                if not watched.windowState() & _FITTED_ALREADY:
                    bring_into_view(watched, handle.frameMargins())
                self.deleteLater()
        return False


def bring_into_view(window: QMainWindow, frame_margins: QMargins = _NO_FRAME) -> None:
    """Move and shrink the window so that a screen shows its frame and most of it."""
    frame = window.geometry()
    screen = QGuiApplication.screenAt(frame.center()) or QGuiApplication.primaryScreen()
    available = screen.availableGeometry().marginsRemoved(frame_margins)
    size = frame.size().boundedTo(available.size())
    wanted = QRect(frame.topLeft(), size)
    if not available.contains(wanted):
        wanted.moveLeft(max(available.left(), min(wanted.left(), available.right() - size.width() + 1)))
        wanted.moveTop(max(available.top(), min(wanted.top(), available.bottom() - size.height() + 1)))
    if wanted != frame:
        window.setGeometry(wanted)
