"""Pictures: small ones to press, and a view to look closely with: fit, zoom, pan."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QFrame,
    QGraphicsPixmapItem,
    QGraphicsScene,
    QGraphicsView,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.widgets import Hairline, IconButton

_STEP: Final = 1.25
_SMALLEST: Final = 0.05
_LARGEST: Final = 16.0
_SMOOTH_UNTIL: Final = 2.0
"""Beyond this the picture's own pixels are shown: one wants to see them."""


class Thumbnail(QAbstractButton):
    """A picture fitted into a given width and height; pressing it looks closer."""

    def __init__(self, image: QImage, name: str, most: QSize, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixmap = QPixmap.fromImage(image)
        self._most = most
        self.setAccessibleName(self.tr("Picture {0}").format(name))
        self.setToolTip(self.tr("Look closer"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802
        """The picture's size, shrunk into the room there is, never enlarged."""
        room = QSize(min(self._most.width(), max(1, self.width())), self._most.height())
        size = self._pixmap.size()
        small = size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        return small if small.width() < size.width() else size

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Take the height that belongs to the width."""
        super().resizeEvent(event)
        if self.sizeHint().height() != self.height():
            self.setFixedHeight(self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint the picture, with a ring when the keyboard is here."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        at = self.rect()
        at.setSize(self.sizeHint())
        painter.drawPixmap(at, self._pixmap)
        if self.hasFocus():
            painter.setPen(theme.color("accent"))
            painter.drawRect(at.adjusted(0, 0, -1, -1))


class PictureView(QGraphicsView):
    """A picture to zoom with Ctrl and the wheel, with + and -, and to drag."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._item = QGraphicsPixmapItem()
        self._is_fitted = True
        self._scene = QGraphicsScene(self)
        self._scene.addItem(self._item)
        self.setScene(self._scene)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setAccessibleName(self.tr("Picture"))

    def show_image(self, image: QImage, name: str) -> None:
        """Show a picture, shrunk to fit when it is larger than the view."""
        self._item.setPixmap(QPixmap.fromImage(image))
        self._scene.setSceneRect(self._item.boundingRect())
        self.setAccessibleName(name)
        self.fit()

    def scale_factor(self) -> float:
        """Return the size of a picture's pixel in pixels of the view."""
        return float(self.transform().m11())

    def fit(self) -> None:
        """Show the whole picture, not enlarged, and keep showing it whole."""
        self._is_fitted = True
        size, room = self._item.boundingRect().size(), self.viewport().size()
        if not size.isEmpty():
            self._scale_to(min(1.0, room.width() / size.width(), room.height() / size.height()))

    def zoom(self, factor: float) -> None:
        """Enlarge by `factor`."""
        self._is_fitted = False
        self._scale_to(self.scale_factor() * factor)

    def show_actual_size(self) -> None:
        """Show a pixel as a pixel."""
        self._is_fitted = False
        self._scale_to(1.0)

    def _scale_to(self, scale: float) -> None:
        bounded = max(_SMALLEST, min(_LARGEST, scale))
        smooth = bounded <= _SMOOTH_UNTIL
        modes = Qt.TransformationMode
        self._item.setTransformationMode(modes.SmoothTransformation if smooth else modes.FastTransformation)
        self.resetTransform()
        self.scale(bounded, bounded)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Stay fitted."""
        super().resizeEvent(event)
        if self._is_fitted:
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom with Ctrl, else scroll."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(_STEP if event.angleDelta().y() > 0 else 1 / _STEP)
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Zoom with + and -, fit with 0, one to one with 1."""
        acts = {
            Qt.Key.Key_Plus: lambda: self.zoom(_STEP),
            Qt.Key.Key_Equal: lambda: self.zoom(_STEP),
            Qt.Key.Key_Minus: lambda: self.zoom(1 / _STEP),
            Qt.Key.Key_0: self.fit,
            Qt.Key.Key_1: self.show_actual_size,
        }
        act = acts.get(Qt.Key(event.key()))
        act() if act is not None else super().keyPressEvent(event)


class PicturePane(QWidget):
    """A picture with its buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = PictureView(self)
        self.size_label = QLabel(self)
        self.size_label.setProperty("role", "secondary")
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.SPACE_M, theme.SPACE_XS, theme.SPACE_M, theme.SPACE_XS)
        bar.setSpacing(theme.SPACE_XS)
        bar.addWidget(self.size_label, 1)
        for icon, text, act in (
            ("minus", self.tr("Smaller (-)"), lambda: self.view.zoom(1 / _STEP)),
            ("plus", self.tr("Larger (+)"), lambda: self.view.zoom(_STEP)),
        ):
            button = IconButton(icon, text, self)
            button.clicked.connect(act)
            bar.addWidget(button)
        for words, hint, act in (
            (self.tr("Fit"), self.tr("Show all of it (0)"), self.view.fit),
            (self.tr("100 %"), self.tr("One pixel for one pixel (1)"), self.view.show_actual_size),
        ):
            plain = QPushButton(words, self)
            plain.setProperty("quiet", True)
            plain.setToolTip(hint)
            plain.clicked.connect(act)
            bar.addWidget(plain)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(Hairline(self))
        layout.addWidget(self.view, 1)

    def show_image(self, image: QImage, name: str) -> None:
        """Show a picture and its size."""
        self.view.show_image(image, name)
        self.size_label.setText(f"{image.width()} x {image.height()}")


class PictureDialog(QDialog):
    """One picture as large as the window allows."""

    def __init__(self, image: QImage, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(name)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.pane = PicturePane(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pane)
        self.resize(parent.window().size() * 0.8)
        self.pane.show_image(image, name)
        self.pane.view.setFocus()
