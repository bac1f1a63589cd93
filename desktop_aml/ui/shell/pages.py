"""The pages of the centre: which kind is made by what, and the tabs that hold them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QMouseEvent, QShortcut
from PySide6.QtWidgets import QApplication, QMenu, QTabBar, QTabWidget, QToolButton, QWidget

from desktop_aml.domain.values import dataclass
from desktop_aml.ui.look import icons, theme
from desktop_aml.ui.look.texts import QT_TRANSLATE_NOOP
from desktop_aml.ui.session.bridge import Bridge, Destination
from desktop_aml.ui.shell.tab_list import TabList

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace


_TAB_WIDTH: Final = 160
_VERSIONED: Final = frozenset({"model", "environment", "dataset"})
"""Kinds whose pages show any version of their thing: they have `turn_to`."""


@dataclass(frozen=True, slots=True)
class PageKind:
    """How a page of one kind is made.

    Parameters
    ----------
    module, name : str
        Where its class is; imported when the first page of this kind opens.
    takes_key : bool
        Whether the class takes the destination's key after workspace and bridge.
    """

    module: str
    name: str
    icon: str
    title: str
    takes_key: bool = True


KINDS: Final = {
    "run": PageKind("runs.page", "RunPage", "run", QT_TRANSLATE_NOOP("pages", "Run")),
    "runs": PageKind("runs.list_page", "RunsPage", "experiment", QT_TRANSLATE_NOOP("pages", "All runs")),
    "compare": PageKind("compare.page", "ComparePage", "compare", QT_TRANSLATE_NOOP("pages", "Compare")),
    "models": PageKind(
        "models.list_page", "ModelRegistry", "model", QT_TRANSLATE_NOOP("pages", "Models"), takes_key=False
    ),
    "model": PageKind("models.page", "ModelPage", "model", QT_TRANSLATE_NOOP("pages", "Model")),
    "environment": PageKind(
        "environments.editor", "EnvironmentEditor", "environment", QT_TRANSLATE_NOOP("pages", "Environment")
    ),
    "environments": PageKind(
        "environments.list_page",
        "EnvironmentsPage",
        "environment",
        QT_TRANSLATE_NOOP("pages", "Environments"),
        takes_key=False,
    ),
    "endpoints": PageKind(
        "endpoints.list_page", "EndpointsPage", "endpoint", QT_TRANSLATE_NOOP("pages", "Endpoints"), takes_key=False
    ),
    "datasets": PageKind(
        "datasets.list_page", "DatasetsPage", "table", QT_TRANSLATE_NOOP("pages", "Datasets"), takes_key=False
    ),
    "dataset": PageKind("datasets.page", "DatasetPage", "table", QT_TRANSLATE_NOOP("pages", "Dataset")),
    "computes": PageKind(
        "computes.list_page", "ComputesPage", "computer", QT_TRANSLATE_NOOP("pages", "Computes"), takes_key=False
    ),
    "compute": PageKind("computes.page", "ComputePage", "computer", QT_TRANSLATE_NOOP("pages", "Compute")),
    "endpoint": PageKind("endpoints.page", "EndpointPage", "endpoint", QT_TRANSLATE_NOOP("pages", "Endpoint")),
}


def make_page(workspace: Workspace, bridge: Bridge, destination: Destination) -> QWidget:
    """Return a new page for `destination`, whose kind must be in `KINDS`."""
    kind = KINDS[destination.kind]
    page_class = getattr(importlib.import_module(f"desktop_aml.ui.{kind.module}"), kind.name)
    page: QWidget = page_class(workspace, bridge, destination.key) if kind.takes_key else page_class(workspace, bridge)
    return page


def plain_title(destination: Destination) -> str:
    """Return what a tab is called until its page says better."""
    kind = KINDS.get(destination.kind)
    if destination.key and destination.kind not in {"run", "compare"}:
        return destination.key
    return QCoreApplication.translate("pages", kind.title) if kind else destination.kind


def _thing(destination: Destination) -> tuple[str, str]:
    """Return what a page is of: one of ``name:version`` is the page of the name."""
    kind, key = destination.kind, destination.key
    return kind, key.partition(":")[0] if kind in _VERSIONED else key


class _LegibleTabBar(QTabBar):
    """A tab keeps enough of its title to be known by; where that does not fit, the bar scrolls."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # The arrow keys reach every tab; the arrows of the bar are for the mouse, and come and go under the focus.
        for button in self.findChildren(QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def minimumTabSizeHint(self, index: int) -> QSize:  # noqa: N802
        """Return the least room of a tab."""
        whole = self.tabSizeHint(index)
        return QSize(min(whole.width(), _TAB_WIDTH), whole.height())

    def inputMethodQuery(self, query: Qt.InputMethodQuery) -> object:  # noqa: N802
        """Tell that the keyboard is at the current tab: there the menu key opens its menu."""
        if query is Qt.InputMethodQuery.ImCursorRectangle:
            return self.tabRect(self.currentIndex())
        return super().inputMethodQuery(query)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Close the tab under the pointer by the middle button, as browsers and editors do."""
        super().mouseReleaseEvent(event)
        index = self.tabAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.MiddleButton and index >= 0:
            self.tabCloseRequested.emit(index)


class PageTabs(QTabWidget):
    """Tabs of pages. A page that opened as a preview gives way to the next one until it is kept."""

    page_changed = Signal(object)
    """The `Destination` of the page in front, or None."""
    emptied = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pages")
        self.setTabBar(_LegibleTabBar(self))
        self.setDocumentMode(True)
        self.setMovable(True)
        self.setTabsClosable(True)
        self.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.setUsesScrollButtons(True)
        self.tabBar().setExpanding(False)
        self.tabBar().setAccessibleName(self.tr("Open pages"))
        self.tabBar().setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tabBar().customContextMenuRequested.connect(self._show_menu)
        self.tabCloseRequested.connect(self.close_page)
        self.tabBarDoubleClicked.connect(self.keep)
        self.currentChanged.connect(self._on_current_changed)
        theme.changed.connect(self._restyle)
        self.list_button = TabList(self)
        self.setCornerWidget(self.list_button)
        for keys, step in (("Ctrl+Tab", 1), ("Ctrl+Shift+Tab", -1)):
            # For the whole window: an inner row of tabs would take them for itself.
            QShortcut(QKeySequence(keys), self).activated.connect(lambda step=step: self.cycle(step))
        self._destinations: dict[QWidget, Destination] = {}
        self._preview: QWidget | None = None

    def tabInserted(self, index: int) -> None:  # noqa: N802
        """Offer the list once there is something to choose."""
        super().tabInserted(index)
        self.list_button.look()

    def tabRemoved(self, index: int) -> None:  # noqa: N802
        """Take the list away with the last choice."""
        super().tabRemoved(index)
        self.list_button.look()

    def page_for(self, destination: Destination) -> QWidget | None:
        """Return the page that shows the same thing, if it is open."""
        wanted = _thing(destination)
        return next((page for page, shown in self._destinations.items() if _thing(shown) == wanted), None)

    def show_page(self, destination: Destination) -> bool:
        """Bring the page of `destination` to the front if it is open; False when it is not."""
        page = self.page_for(destination)
        if page is None:
            return False
        if not destination.preview and page is self._preview:
            self.keep(self.indexOf(page))
        self.setCurrentWidget(page)
        version = destination.key.partition(":")[2] if destination.kind in _VERSIONED else ""
        if version.isdecimal():
            page.turn_to(int(version))  # type: ignore[attr-defined]
        return True

    def add_page(self, page: QWidget, destination: Destination) -> None:
        """Add a page and bring it to the front."""
        at = self.count()
        if destination.preview and self._preview is not None:
            at = self.indexOf(self._preview)
            self._remove(self._preview)
        self._destinations[page] = destination
        index = self.insertTab(at, page, "")
        if destination.preview:
            self._preview = page
        page.windowTitleChanged.connect(lambda: self._name(page))
        page.installEventFilter(self)
        self._name(page)
        self._name_close_button(index)
        self.setCurrentIndex(index)
        # A page that took the keyboard from the one before begins where it says, not at its first button.
        if page.focusProxy() is not None and page.isAncestorOf(QApplication.focusWidget() or self):
            page.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Mark a page that holds something unsaved as soon as it does: its title stays the same then."""
        if event.type() == QEvent.Type.ModifiedChange and isinstance(watched, QWidget):
            self._name(watched)
        return super().eventFilter(watched, event)

    def give_keyboard(self) -> None:
        """Let the keyboard be in the page in front, where that says, unless it is there already."""
        page, focus = self.currentWidget(), QApplication.focusWidget()
        if page is not None and (focus is None or not page.isAncestorOf(focus)):
            page.setFocus(Qt.FocusReason.OtherFocusReason)

    def destination(self, page: QWidget | None = None) -> Destination | None:
        """Return what a page shows; the one in front by default."""
        shown = page or self.currentWidget()
        return self._destinations.get(shown) if shown is not None else None

    def destinations(self) -> tuple[Destination, ...]:
        """Return what the kept tabs show, in their order."""
        pages = (self.widget(index) for index in range(self.count()))
        return tuple(
            self._destinations[page] for page in pages if page in self._destinations and page is not self._preview
        )

    def keep(self, index: int) -> None:
        """Let a preview stay."""
        page = self.widget(index)
        if page is not None and page is self._preview:
            self._preview = None
            self._name(page)

    def close_page(self, index: int) -> bool:
        """Close a tab unless its page refuses (it holds something unsaved and asks)."""
        page = self.widget(index)
        if page is None or not page.close():
            return False
        self._remove(page)
        if self.count() == 0:
            self.emptied.emit()
        return True

    def close_others(self, index: int) -> None:
        """Close all tabs but one."""
        kept = self.widget(index)
        for page in list(self._destinations):
            if page is not kept:
                self.close_page(self.indexOf(page))

    def close_gone(self, kind: str, key: str) -> bool:
        """Close the page of something that was removed; whether there was one."""
        page = self.page_for(Destination(kind, key))
        if page is not None:
            self._remove(page)
            if self.count() == 0:
                self.emptied.emit()
        return page is not None

    def clear_pages(self) -> None:
        """Close everything without asking: the workspace goes."""
        for page in list(self._destinations):
            self._remove(page)

    def cycle(self, step: int) -> None:
        """Bring the tab `step` places further to the front, round the end."""
        if not self.count():
            return
        index = (self.currentIndex() + step) % self.count()
        page = self.widget(index)
        is_new = page is not None and page.focusWidget() is None
        self.setCurrentIndex(index)
        if page is not None and is_new:
            # Qt takes the first button of a page that never had the keyboard; the page knows better.
            page.setFocus(Qt.FocusReason.OtherFocusReason)

    def move_page(self, step: int) -> None:
        """Put the tab in front `step` places further, up to the ends."""
        index = self.currentIndex() + step
        if 0 <= index < self.count():
            self.tabBar().moveTab(self.currentIndex(), index)

    def _remove(self, page: QWidget) -> None:
        self._destinations.pop(page, None)
        if page is self._preview:
            self._preview = None
        self.removeTab(self.indexOf(page))
        page.hide()
        page.deleteLater()

    def _name(self, page: QWidget) -> None:
        destination = self._destinations.get(page)
        index = self.indexOf(page)
        if destination is None or index < 0:
            return
        title = page.windowTitle().replace("[*]", " ●" if page.isWindowModified() else "") or plain_title(destination)
        # An ampersand in a name is not a mnemonic.
        self.setTabText(index, title.replace("&", "&&"))
        hint = self.tr("{0}\nPreview: double-click the tab to keep it open").format(title)
        self.setTabToolTip(index, hint if page is self._preview else title)
        kind = KINDS.get(destination.kind)
        self.setTabIcon(index, icons.icon(kind.icon if kind else "home", "secondary"))
        if index == self.currentIndex():
            self.page_changed.emit(destination)

    def _name_close_button(self, index: int) -> None:
        button = self.tabBar().tabButton(index, QTabBar.ButtonPosition.RightSide)
        if button is not None:
            button.setAccessibleName(self.tr("Close tab"))
            button.setToolTip(self.tr("Close tab (Ctrl+W)"))

    def _restyle(self) -> None:
        for page in list(self._destinations):
            self._name(page)

    def _on_current_changed(self, _index: int) -> None:
        self.page_changed.emit(self.destination())

    def _show_menu(self, at: QPoint) -> None:
        index = self.tabBar().tabAt(at)
        if index < 0:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.widget(index) is self._preview:
            menu.addAction(self.tr("Keep open")).triggered.connect(lambda: self.keep(index))
        menu.addAction(self.tr("Close")).triggered.connect(lambda: self.close_page(index))
        menu.addAction(self.tr("Close others")).triggered.connect(lambda: self.close_others(index))
        menu.popup(self.tabBar().mapToGlobal(at))
