"""The first column of a tree, held in place while the others are scrolled under it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTreeView, QTreeWidget, QTreeWidgetItem


class FrozenNames(QTreeView):
    """A second view of a tree's model and selection, as wide as its first column and laid over it.

    Parameters
    ----------
    tree : QTreeWidget
        The tree; it owns this view. Its first column is never moved.
    """

    def __init__(self, tree: QTreeWidget) -> None:
        super().__init__(tree)
        self._tree = tree
        # The tree itself is what the keyboard and screen readers see.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setModel(tree.model())
        self.setSelectionModel(tree.selectionModel())
        self.setItemDelegate(tree.itemDelegate())
        self.setUniformRowHeights(True)
        self.setIndentation(tree.indentation())
        self.setTextElideMode(tree.textElideMode())
        self.setSelectionMode(tree.selectionMode())
        self.setVerticalScrollMode(tree.verticalScrollMode())
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.header().setStretchLastSection(False)
        tree.header().sectionResized.connect(self.fit)
        tree.itemExpanded.connect(lambda item: self._open(item, opened=True))
        tree.itemCollapsed.connect(lambda item: self._open(item, opened=False))
        self.expanded.connect(tree.expand)
        self.collapsed.connect(tree.collapse)
        self.pressed.connect(lambda _: tree.setFocus(Qt.FocusReason.MouseFocusReason))
        tree.verticalScrollBar().valueChanged.connect(self.verticalScrollBar().setValue)
        self.verticalScrollBar().valueChanged.connect(tree.verticalScrollBar().setValue)
        tree.installEventFilter(self)
        self.fit()

    def fit(self) -> None:
        """Take the place of the first column again: other columns came, or the tree has another size."""
        for column in range(1, self.model().columnCount()):
            self.setColumnHidden(column, True)
        width = self._tree.columnWidth(0)
        self.setColumnWidth(0, width)
        self.header().setFixedHeight(self._tree.header().height())
        height = self._tree.header().height() + self._tree.viewport().height()
        self.setGeometry(self._tree.frameWidth(), self._tree.frameWidth(), width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Follow the size of the tree."""
        if event.type() in {QEvent.Type.Resize, QEvent.Type.LayoutRequest, QEvent.Type.Show}:
            self.fit()
        return super().eventFilter(watched, event)

    def _open(self, item: QTreeWidgetItem, *, opened: bool) -> None:
        self.setExpanded(self._tree.indexFromItem(item), opened)
