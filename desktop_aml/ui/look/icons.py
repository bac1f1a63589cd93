"""Icons of our own, tinted from the colours in use. Files: ``resources/icons/*.svg``, 16 px grid, 1.5 px strokes."""

from __future__ import annotations

import weakref
from functools import lru_cache
from typing import Any, Final, Protocol

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QPushButton

from desktop_aml import resources
from desktop_aml.ui.look import theme
from desktop_aml.ui.look.tokens import STATE_ICONS, STATE_ROLES

_FOLLOWED: Final = "icons_follow_screens"
BESIDE_WORDS: Final = QSize(20, 16)
"""Size of an icon beside words: a quarter more of nothing at its right, as Qt has only 4 px between the two."""


class _HasIcon(Protocol):
    def setIcon(self, icon: QIcon, /) -> None: ...  # noqa: N802


def icon(name: str, role: str = "text") -> QIcon:
    """Return the icon `name` in the colour of `role`. It does not follow the theme: see `set_icon`.

    Parameters
    ----------
    name : str
        File name without ``.svg``.
    role : str
        A colour of `theme.tokens()`: ``"text"``, ``"secondary"``, ``"accent"``, ``"failed"``, …

    Raises
    ------
    NotFound
        When there is no such icon.
    """
    tokens = theme.tokens()
    return _drawn(name, getattr(tokens, role), tokens.disabled, _sizes())


def state_icon(state: object) -> QIcon:
    """Return the icon of a run, build or endpoint state, in the colour of that state."""
    return icon(state_icon_name(state), STATE_ROLES.get(str(state), "secondary"))


def state_icon_name(state: object) -> str:
    """Return which icon stands for a state of a run, build or endpoint."""
    return STATE_ICONS.get(str(state), "info")


def pixmap(name: str, size: int, role: str = "text", ratio: float = 1.0) -> QPixmap:
    """Return the icon drawn at `size` logical pixels for a screen of the given device pixel ratio."""
    return _drawn_alone(name, getattr(theme.tokens(), role), size, ratio)


def set_icon(target: _HasIcon, name: str, role: str = "text") -> None:
    """Give an action, button or menu an icon that follows the theme. Calling it again replaces the icon."""
    target.setIcon(icon(name, role))
    _tinted[target] = (name, role)
    if isinstance(target, QPushButton):
        fit(target)


def fit(button: QPushButton) -> None:
    """Give the icon of a button its distance from the words, or none while it stands alone."""
    button.setIconSize(BESIDE_WORDS if button.text() else QSize(theme.ICON_SIZE, theme.ICON_SIZE))


_tinted: weakref.WeakKeyDictionary[Any, tuple[str, str]] = weakref.WeakKeyDictionary()


def _on_theme_changed(*_: object) -> None:
    for target, (name, role) in list(_tinted.items()):
        if isinstance(target, QObject) and not _is_alive(target):
            _tinted.pop(target, None)
        else:
            target.setIcon(icon(name, role))


def _is_alive(target: QObject) -> bool:
    from shiboken6 import isValid

    return bool(isValid(target))


theme.changed.connect(_on_theme_changed)


def _sizes() -> tuple[int, ...]:
    """Return the sizes in pixels that an icon has on the screens that are there: each one costs the first paint."""
    return tuple(sorted({round(theme.ICON_SIZE * ratio) for ratio in (1.0, *_ratios())}))


def _ratios() -> list[float]:
    application = QGuiApplication.instance()
    if isinstance(application, QGuiApplication) and not application.property(_FOLLOWED):
        application.setProperty(_FOLLOWED, True)
        application.screenAdded.connect(_on_theme_changed)
    return [screen.devicePixelRatio() for screen in QGuiApplication.screens()]


@lru_cache(maxsize=512)
def _drawn_alone(name: str, tint: str, size: int, ratio: float) -> QPixmap:
    result = _tinted_shape(name, round(size * ratio), tint)
    result.setDevicePixelRatio(ratio)
    return result


@lru_cache(maxsize=512)
def _drawn(name: str, tint: str, disabled: str, sizes: tuple[int, ...]) -> QIcon:
    result = QIcon()
    for pixels in sizes:
        for pixmap, modes in (
            (_tinted_shape(name, pixels, tint), (QIcon.Mode.Normal, QIcon.Mode.Selected)),
            (_tinted_shape(name, pixels, disabled), (QIcon.Mode.Disabled,)),
        ):
            for one in (pixmap, _widened(pixmap)):
                for mode in modes:
                    result.addPixmap(one, mode)
    return result


def _widened(pixmap: QPixmap) -> QPixmap:
    """Return the picture in the shape of `BESIDE_WORDS`."""
    height = pixmap.height()
    result = QPixmap(height * BESIDE_WORDS.width() // BESIDE_WORDS.height(), height)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    painter.drawPixmap(0, 0, pixmap)
    painter.end()
    return result


def _tinted_shape(name: str, pixels: int, tint: str) -> QPixmap:
    """Return the icon in one colour: each has one alone, so that it is read and drawn once for all of them."""
    shape = _shape(name, pixels)
    result = QPixmap(pixels, pixels)
    result.fill(Qt.GlobalColor.transparent)  # so that it has a channel for that
    result.fill(QColor(tint))
    painter = QPainter(result)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
    painter.drawPixmap(0, 0, shape)
    painter.end()
    return result


@lru_cache(maxsize=512)
def _shape(name: str, pixels: int) -> QPixmap:
    renderer = QSvgRenderer(QByteArray(resources.path("icons", f"{name}.svg").read_bytes()))
    result = QPixmap(pixels, pixels)
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    renderer.render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    return result
