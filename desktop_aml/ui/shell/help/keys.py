"""Keys that lists, pages and forms hear themselves, beside those of the menus' actions."""

from __future__ import annotations

from typing import Final

from desktop_aml.ui.look.texts import QT_TRANSLATE_NOOP

PANE_KEYS: Final = (
    (
        QT_TRANSLATE_NOOP("keys", "lists of runs, models, environments, endpoints"),
        "Enter",
        QT_TRANSLATE_NOOP("keys", "opens what is selected"),
    ),
    (QT_TRANSLATE_NOOP("keys", "the same lists"), "Delete", QT_TRANSLATE_NOOP("keys", "deletes it, and asks first")),
    (
        QT_TRANSLATE_NOOP("keys", "runs table, registry"),
        "Ctrl+F",
        QT_TRANSLATE_NOOP("keys", "goes to the search field"),
    ),
    (QT_TRANSLATE_NOOP("keys", "runs table, a run's page"), "F2", QT_TRANSLATE_NOOP("keys", "renames the run")),
    (
        QT_TRANSLATE_NOOP("keys", "titles of a table's columns: Tab from the table"),
        "←, →, Enter",
        QT_TRANSLATE_NOOP("keys", "from title to title, sorts by it; with Ctrl moves the column, with Shift its width"),
    ),
    (
        QT_TRANSLATE_NOOP("keys", "line between two panes"),
        "←, →, ↑, ↓",
        QT_TRANSLATE_NOOP("keys", "moves it, once Tab has come to it"),
    ),
    (
        QT_TRANSLATE_NOOP("keys", "log"),
        "Ctrl+F, then Enter, Escape",
        QT_TRANSLATE_NOOP("keys", "finds, goes on to the next, closes the search"),
    ),
    (
        QT_TRANSLATE_NOOP("keys", "environment's editor"),
        "Ctrl+S",
        QT_TRANSLATE_NOOP("keys", "registers the text as the next version"),
    ),
    (
        QT_TRANSLATE_NOOP("keys", "form that tries an endpoint"),
        "Ctrl+Enter",
        QT_TRANSLATE_NOOP("keys", "sends the rows"),
    ),
    (
        QT_TRANSLATE_NOOP("keys", "plots"),
        "←, →",
        QT_TRANSLATE_NOOP("keys", "goes from point to point; Escape leaves it"),
    ),
    (QT_TRANSLATE_NOOP("keys", "pictures"), "+, -", QT_TRANSLATE_NOOP("keys", "larger, smaller")),
)
"""Where, which keys, what they do."""
