"""The application's style sheet, written from the colour tokens. Kept small: Fusion and the palette do the rest."""

from __future__ import annotations

from string import Template
from typing import Final

from desktop_aml import resources
from desktop_aml.ui.look.tokens import DARK, Tokens

_SHEET: Final = Template("""
QToolTip { color: $text; background: $raised; border: 1px solid $border; padding: 4px; }

QPushButton { min-height: 26px; padding: 0 12px; border: 1px solid $border; border-radius: 6px; background: $raised;
    color: $text; }
QPushButton:hover { background: $hover; }
QPushButton:pressed, QPushButton:checked { background: $pressed; }
QPushButton:focus { border: 1px solid $accent; }
QPushButton:disabled { color: $disabled; background: $window; }
QPushButton[primary="true"] { min-height: 30px; padding: 0 16px; border: 1px solid $accent; background: $accent;
    color: $accent_text; font-weight: 600; }
QPushButton[primary="true"]:hover, QPushButton[primary="true"]:pressed { background: $accent_hover;
    border-color: $accent_hover; }
QPushButton[primary="true"]:focus { border: 2px solid $text; padding: 0 15px; min-height: 28px; }
QPushButton[primary="true"]:disabled { background: $pressed; border-color: $pressed; color: $secondary; }
QPushButton[primary="false"] { min-height: 30px; padding: 0 16px; font-weight: 600; }
QPushButton[quiet="true"] { border: 1px solid transparent; background: transparent; padding: 0 8px; }
QPushButton[quiet="true"]:hover { background: $hover; }
QPushButton[quiet="true"]:focus { border: 1px solid $accent; }
QPushButton[danger="true"] { color: $failed; }

QToolButton { border: 1px solid transparent; border-radius: 6px; padding: 4px; background: transparent; color: $text; }
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked { background: $pressed; }
QToolButton[heading="true"] { padding: 4px 0; }
QToolButton[heading="true"]:checked { background: transparent; }
QToolButton[heading="true"]:checked:hover { background: $hover; }
QToolButton:focus { border: 1px solid $accent; }
QToolButton:disabled { color: $disabled; }
QToolButton[popupMode="2"]::menu-indicator { image: none; }

QLineEdit { min-height: 26px; padding: 0 6px; border: 1px solid $border; border-radius: 6px; background: $surface;
    color: $text; selection-background-color: $selection; selection-color: $text; }
QLineEdit, QPlainTextEdit, QTextEdit { placeholder-text-color: $secondary; }
QLineEdit:focus { border: 1px solid $accent; }
QLineEdit:disabled { color: $disabled; background: $window; }
QLineEdit[invalid="true"] { border: 1px solid $failed; }
QComboBox { min-height: 26px; padding: 0 6px; border: 1px solid $border; border-radius: 6px; background: $raised;
    color: $text; }
QComboBox:editable { background: $surface; }
QComboBox:hover { background: $hover; }
QComboBox:focus, QComboBox:on { border: 1px solid $accent; }
QComboBox:disabled { color: $disabled; background: $window; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url("$style/down-$name.svg"); width: 16px; height: 16px; }
QComboBox QLineEdit { border: none; min-height: 24px; padding: 0; background: transparent; }
QComboBox QAbstractItemView { border: 1px solid $border; background: $raised; padding: 4px; }
QAbstractSpinBox { min-height: 26px; max-height: 26px; padding: 0; border: 1px solid $border; border-radius: 6px;
    background: $surface; color: $text; selection-background-color: $selection; selection-color: $text; }
QAbstractSpinBox:focus { border: 1px solid $accent; }
QAbstractSpinBox:disabled { color: $disabled; background: $window; }
QAbstractSpinBox QLineEdit { border: none; min-height: 0; padding: 0 6px; background: transparent; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 18px; border: none; background: transparent; }
QAbstractSpinBox::up-button { subcontrol-position: top right; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $hover; }
QAbstractSpinBox::up-arrow { image: url("$style/up-$name.svg"); width: 12px; height: 12px; }
QAbstractSpinBox::down-arrow { image: url("$style/down-$name.svg"); width: 12px; height: 12px; }

QCheckBox, QRadioButton { spacing: 8px; min-height: 20px; }
QCheckBox::indicator, QRadioButton::indicator, QAbstractItemView::indicator { width: 14px; height: 14px;
    border: 1px solid $outline; background: $surface; border-radius: 4px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border-color: $accent; }
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked { background: $accent; border-color: $accent;
    image: url("$style/check-$name.svg"); }
QCheckBox::indicator:indeterminate, QAbstractItemView::indicator:indeterminate { background: $accent;
    border-color: $accent; image: url("$style/dash-$name.svg"); }
QRadioButton::indicator:checked { background: $accent; border-color: $accent; image: url("$style/dot-$name.svg"); }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { border-color: $border; background: $window; }
QCheckBox:focus, QRadioButton:focus { color: $accent; }

QPlainTextEdit, QTextEdit, QTextBrowser { border: 1px solid $border; border-radius: 6px; background: $surface;
    color: $text; selection-background-color: $selection; selection-color: $text; }
QPlainTextEdit:focus, QTextEdit:focus { border: 1px solid $accent; }
QPlainTextEdit[flat="true"], QTextEdit[flat="true"], QTextBrowser[flat="true"] { border: none; border-radius: 0; }

QTabBar { qproperty-drawBase: 0; background: transparent; }
QTabBar::tab { padding: 6px 12px; border: none; border-bottom: 2px solid transparent; background: transparent;
    color: $secondary; }
QTabBar::tab:hover { color: $text; background: $hover; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabBar::tab:focus { color: $accent; border: 1px solid $accent; border-bottom: 2px solid $accent; padding: 5px 11px 6px;
    border-top-left-radius: 4px; border-top-right-radius: 4px; }
QTabBar::close-button { image: url("$style/close-$name.svg"); subcontrol-position: right; border-radius: 4px; }
QTabBar::close-button:hover { background: $pressed; }
QTabWidget::pane { border: none; border-top: 1px solid $border; background: $surface; top: -1px; }

QMenuBar { background: $window; color: $text; padding: 2px 4px; }
QMenuBar::item { padding: 4px 8px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $raised; color: $text; border: 1px solid $border; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 8px; border-radius: 4px; }
QMenu::item:selected { background: $selection; color: $text; }
QMenu::item:disabled { color: $disabled; background: transparent; }
QMenu::separator { height: 1px; background: $border; margin: 4px 8px; }
QMenu::icon { padding-left: 8px; }

QToolBar { background: $window; border: none; border-bottom: 1px solid $border; spacing: 4px; padding: 6px; }
QToolBar::separator { width: 1px; background: $border; margin: 6px 4px; }
QStatusBar { background: $window; border-top: 1px solid $border; color: $secondary; }
QStatusBar::item { border: none; }
QStatusBar QPushButton { color: $secondary; }
QMainWindow::separator { background: $border; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QSplitter::handle { background: $border; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover { background: $accent; }
QDialog#palette, QDialog#quick_open { background: $raised; border: 1px solid $outline; }
QDockWidget { color: $secondary; titlebar-close-icon: url("$style/close-$name.svg");
    titlebar-normal-icon: url("$style/float-$name.svg"); }

QAbstractItemView { border: none; background: $surface; alternate-background-color: $window; color: $text;
    selection-background-color: $selection; selection-color: $text; outline: 0; }
QTreeView[pane="true"] { background: $window; }
QTreeView[pane="true"]::item:selected { background: $selection; color: $text; }
QTreeView::branch:has-children:closed { image: url("$style/right-$name.svg"); }
QTreeView::branch:has-children:open { image: url("$style/down-$name.svg"); }
QTreeView, QListView { show-decoration-selected: 1; }
QListView[completions="true"] { border: 1px solid $border; background: $raised; padding: 4px; }
QHeaderView { background: $surface; }
QHeaderView::section { background: $surface; color: $secondary; border: none; border-bottom: 1px solid $border;
    padding: 4px 8px; }
QHeaderView::section:hover { color: $text; background: $hover; }
/* Above the title the mark of the order covers no letter of it, wherever the title stands. */
QHeaderView::up-arrow { image: url("$style/up-$name.svg"); width: 10px; height: 10px;
    subcontrol-origin: border; subcontrol-position: top center; }
QHeaderView::down-arrow { image: url("$style/down-$name.svg"); width: 10px; height: 10px;
    subcontrol-origin: border; subcontrol-position: top center; }
QTableCornerButton::section { background: $surface; border: none; }

QProgressBar { border: none; border-radius: 2px; background: $border; max-height: 4px; min-height: 4px;
    color: transparent; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }

QScrollBar:vertical { width: 12px; background: transparent; margin: 0; }
QScrollBar:horizontal { height: 12px; background: transparent; margin: 0; }
QScrollBar::handle { background: $border; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 24px; }
QScrollBar::handle:horizontal { min-width: 24px; }
QScrollBar::handle:hover { background: $disabled; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QScrollArea { border: none; background: transparent; }
QAbstractScrollArea::corner { border: none; background: transparent; }

QLabel[role="secondary"] { color: $secondary; }
QLabel[role="error"] { color: $failed; }
QLabel[role="warning"] { color: $warning; }
QLabel[role="link"] { color: $accent; }
QLabel[cell="code"] { background: $window; border-left: 2px solid $border; padding: 8px 12px; }
QLabel[cell="output"] { color: $text; padding: 0 12px; }
QLabel[cell="error"] { color: $failed; padding: 0 12px; }
QFrame[hairline="true"] { background: $border; border: none; }
QWidget[surface="true"] { background: $surface; }
QFrame[banner="true"] { background: $raised; border: none; border-bottom: 1px solid $border;
    border-left: 3px solid $warning; }
QFrame[card="true"] { background: $surface; border: 1px solid $border; border-radius: 6px; }
""")


def stylesheet(tokens: Tokens) -> str:
    """Return the style sheet for `tokens`. Its few pictures lie beside the icons, drawn for either theme."""
    values = {name: getattr(tokens, name) for name in tokens.__dataclass_fields__}
    pictures = resources.path("icons", "style").as_posix()
    return _SHEET.substitute(values, name="dark" if tokens is DARK else "light", style=pictures)
