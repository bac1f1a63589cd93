"""The menu of named sets of arguments: take one, keep what is filled in, forget one."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QMenu, QWidget

from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.submit.argument_form import ArgumentForm
from desktop_aml.ui.submit.runner_memory import RunnerMemory
from desktop_aml.ui.widgets.text_question import ask_text


def _tr(text: str) -> str:
    return QCoreApplication.translate("presets", text)


def show_presets(memory: RunnerMemory, script: str, form: ArgumentForm, bridge: Bridge) -> None:
    """Open the menu below the form's button; `script` is a whole path."""
    button = form.presets_button
    presets_menu(form, memory, script, form, bridge).popup(button.mapToGlobal(button.rect().bottomLeft()))


def presets_menu(parent: QWidget, memory: RunnerMemory, script: str, form: ArgumentForm, bridge: Bridge) -> QMenu:
    """Return the menu for the form of `script`, a whole path."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setToolTipsVisible(True)
    known = memory.presets(script)
    for name, words in known.items():
        action = menu.addAction(name.replace("&", "&&"))
        action.setToolTip(" ".join(words) or _tr("The script's defaults"))
        action.triggered.connect(lambda _=False, words=words: form.set_argv(words))
    if known:
        menu.addSeparator()

    def keep(name: str) -> None:
        if name.strip() and not memory.keep_preset(script, name.strip(), form.argv()):
            hint = _tr("Give secrets by environment variables; they are asked for.")
            bridge.tell(_tr("A value looks like a secret, so this set is not kept."), "warning", hint)

    def drop(name: str) -> None:
        memory.forget_preset(script, name)
        words = _tr("The values “{0}” are forgotten.").format(name)
        bridge.tell_undoable(words, lambda: memory.keep_preset(script, name, known[name]))

    menu.addAction(_tr("Keep these values as…")).triggered.connect(
        lambda: ask_text(parent, _tr("Keep values"), _tr("Name of this set of values"), _tr("Keep"), keep)
    )
    if known:
        forget = menu.addMenu(_tr("Forget"))
        for name in known:
            action = forget.addAction(name.replace("&", "&&"))
            action.triggered.connect(lambda _=False, name=name: drop(name))
    return menu
