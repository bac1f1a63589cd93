"""The question whether a workspace that this user did not make may run code, and what is said when it may not."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.ui.session.bridge import Message
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.shell.shell import Shell
from desktop_aml.ui.widgets.confirm import confirm


def _tr(text: str) -> str:
    return QCoreApplication.translate("trust", text)


def ask_for_trust(window: Shell) -> None:
    """Ask about the open workspace, saying what would run; without a yes it can be looked at, and runs nothing."""
    session = window.session
    if session is None or session.is_trusted:
        return
    found = session.workspace.verdict()
    if found.can_be_trusted:
        call_for(window, session.bridge, session.workspace.waiting_work, lambda waiting: _ask(window, waiting))
    else:
        window.messages.show_message(
            Message(found.obstacle, "warning", _tr("It can be looked at; nothing runs in it."))
        )


def _ask(window: Shell, waiting: tuple[str, ...]) -> None:
    session = window.session
    if session is None or session.is_trusted:
        return
    question = _tr("Let the workspace “{0}” run code?").format(session.workspace.name)
    found = session.workspace.verdict()
    told = [f"{found.obstacle} {_tr('What runs in it runs as you, with all your files.')}", ""]
    if waiting:
        told += [_tr("This would start at once:"), *(f"  •  {what}" for what in waiting)]
    else:
        told += [_tr("Nothing waits in it.")]
    told += ["", _tr("Without it you can look at everything, and nothing runs.")]
    box = confirm(window, question, "\n".join(told), _tr("Trust and run"), lambda: _trust(window))
    box.setObjectName("trust_question")


def _trust(window: Shell) -> None:
    session = window.session
    if session is None:
        return
    try:
        session.workspace.trust()
    except DesktopAMLError as error:
        window.messages.show_message(Message.of_error(error))
        return
    session.start()
    window.refresh_actions()
