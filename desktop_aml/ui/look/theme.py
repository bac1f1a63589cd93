"""Colours, sizes and fonts of the window, in one place, switchable while it runs.

Widgets ask for a role (`tokens().secondary`), never for a colour of their own. Whoever caches a colour listens to
`changed`. The style sheet itself is in `stylesheet.py`; no other module sets colours.
"""

from __future__ import annotations

from enum import Enum
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from desktop_aml.ui.look.stylesheet import stylesheet
from desktop_aml.ui.look.tokens import DARK, LIGHT, SERIES_DARK, SERIES_LIGHT, STATE_ROLES, Tokens

SPACE_XS: Final = 4
SPACE_S: Final = 8
SPACE_M: Final = 12
SPACE_L: Final = 16
SPACE_XL: Final = 24
SPACE_XXL: Final = 32
ROW_HEIGHT: Final = 28
FIELD_HEIGHT: Final = 28
PRIMARY_HEIGHT: Final = 32
TOOLBAR_HEIGHT: Final = 40
ICON_SIZE: Final = 16
RADIUS: Final = 6

_STYLE: Final = "Fusion"

CHOICES: Final = ("system", "light", "dark")
"""What a user may choose."""


class _Notifier(QObject):
    changed = Signal()


class _Current:
    __slots__ = ("choice", "follows_system", "is_in_style", "system_is_dark", "tokens")

    def __init__(self) -> None:
        self.is_in_style = False
        self.tokens = LIGHT
        self.choice = "system"
        self.system_is_dark = False
        self.follows_system = False


_notifier = _Notifier()
_current = _Current()

changed = _notifier.changed
"""Signal: the colours changed. Icons made by `icons.set_icon` and palettes follow by themselves."""


def tokens() -> Tokens:
    """Return the colours in use, each as ``#RRGGBB``."""
    return _current.tokens


def is_dark() -> bool:
    """Whether the dark colours are in use."""
    return _current.tokens is DARK


def color(role: str) -> QColor:
    """Return the colour of a role, e.g. ``"text"``, ``"secondary"``, ``"failed"``."""
    return QColor(getattr(_current.tokens, role))


def state_color(state: str | Enum) -> QColor:
    """Return the colour of a state of a run, a build or an endpoint, spelled as in `desktop_aml.domain`."""
    return color(STATE_ROLES.get(str(state), "secondary"))


def series_color(index: int) -> QColor:
    """Return the colour of the plot series `index`: twelve in a fixed order, then again; see `series_style`."""
    names = SERIES_DARK if is_dark() else SERIES_LIGHT
    return QColor(names[index % len(names)])


def series_style(index: int) -> Qt.PenStyle:
    """Return how the line of the plot series `index` is drawn: solid for the first twelve, then dashed, then dotted."""
    styles = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
    return styles[index // len(SERIES_LIGHT) % len(styles)]


def font(role: str = "body") -> QFont:
    """Return the font of a role.

    Parameters
    ----------
    role : str
        ``"title"`` (page title), ``"heading"`` (section), ``"body"``, ``"strong"``, ``"small"`` or ``"mono"``.
    """
    if role == "mono":
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPointSizeF(QApplication.font().pointSizeF())
        return fixed
    result = QFont(QApplication.font())
    growth, weight = _FONT_ROLES[role]
    result.setPointSizeF(result.pointSizeF() + growth)
    result.setWeight(weight)
    return result


_FONT_ROLES: Final = {
    "title": (5, QFont.Weight.DemiBold),
    "heading": (1, QFont.Weight.DemiBold),
    "body": (0, QFont.Weight.Normal),
    "strong": (0, QFont.Weight.DemiBold),
    "small": (-1, QFont.Weight.Normal),
}


def application(name: str) -> QApplication:
    """Return the application, in the style that the colours are made for from the beginning.

    To set it afterwards has PySide make all that it knows of styles: a twentieth of the time to the first paint.
    """
    _current.is_in_style = True
    return QApplication([name, "-style", _STYLE])


def apply(app: QApplication, choice: str = "system") -> None:
    """Put on the colours of `choice` (``"light"``, ``"dark"`` or ``"system"``); may be called at any time."""
    _current.choice = choice if choice in CHOICES else "system"
    if not _current.follows_system:
        _current.follows_system = True
        _current.system_is_dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
        QGuiApplication.styleHints().colorSchemeChanged.connect(_on_style_hints_color_scheme_changed)
    _put_on(app)


def set_system_dark(dark: bool) -> None:
    """Say what the desktop prefers, learned from elsewhere than Qt (the portal), and follow it if asked to."""
    if dark == _current.system_is_dark:
        return
    _current.system_is_dark = dark
    app = QApplication.instance()
    if _current.choice == "system" and isinstance(app, QApplication):
        _put_on(app)


def _on_style_hints_color_scheme_changed(scheme: Qt.ColorScheme) -> None:
    if scheme is not Qt.ColorScheme.Unknown:
        set_system_dark(scheme is Qt.ColorScheme.Dark)


def _put_on(app: QApplication) -> None:
    dark = _current.choice == "dark" or (_current.choice == "system" and _current.system_is_dark)
    _current.tokens = DARK if dark else LIGHT
    sheet = stylesheet(_current.tokens)
    if app.styleSheet() == sheet:
        # Qt would polish every widget again, which takes longer than to build a page.
        return
    if not _current.is_in_style:
        _current.is_in_style = True
        # With a style sheet the style has no name by which it could be recognised: it is set once, before the first.
        app.setStyle(_STYLE)
    # From one sheet to another Qt polishes each widget once for every widget around it; from none to one, each once.
    app.setStyleSheet("")
    app.setPalette(palette(_current.tokens))
    app.setStyleSheet(sheet)
    changed.emit()


def palette(tokens: Tokens) -> QPalette:
    """Return the palette for `tokens`."""
    role = QPalette.ColorRole
    result = QPalette()
    for target, name in (
        (role.Window, tokens.window),
        (role.WindowText, tokens.text),
        (role.Base, tokens.surface),
        (role.AlternateBase, tokens.window),
        (role.Text, tokens.text),
        (role.PlaceholderText, tokens.secondary),
        (role.Button, tokens.raised),
        (role.ButtonText, tokens.text),
        (role.BrightText, tokens.failed),
        (role.ToolTipBase, tokens.raised),
        (role.ToolTipText, tokens.text),
        (role.Highlight, tokens.selection),
        (role.HighlightedText, tokens.text),
        (role.Link, tokens.accent),
        (role.LinkVisited, tokens.accent),
        (role.Accent, tokens.accent),
        (role.Light, tokens.raised),
        (role.Midlight, tokens.border),
        (role.Mid, tokens.border),
        (role.Dark, tokens.border),
        (role.Shadow, tokens.border),
    ):
        result.setColor(target, QColor(name))
    for target in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        result.setColor(QPalette.ColorGroup.Disabled, target, QColor(tokens.disabled))
    return result
