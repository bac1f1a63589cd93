"""Addresses in a log are links: found whole, without what ends the sentence, opened by mouse and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QTextCursor
from pytestqt.qtbot import QtBot

from desktop_aml.domain.runs import LogChunk
from desktop_aml.ui.logs.ansi import PLAIN, Span
from desktop_aml.ui.logs.tracebacks import TracebackMarker
from desktop_aml.ui.logs.view import LogView
from desktop_aml.ui.logs.web_links import LINK, addresses_in
from desktop_aml.ui.session.bridge import Bridge

GREEN = PLAIN._replace(foreground=2)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("View run at https://wandb.ai/me/p/runs/1a?x=1&y=2#top.", ["https://wandb.ai/me/p/runs/1a?x=1&y=2#top"]),
        (
            "(see http://a.org/b_(c)), or http://127.0.0.1:8787/status!",
            ["http://a.org/b_(c)", "http://127.0.0.1:8787/status"],
        ),
        ("[https://a.org]: 'https://b.org/x'", ["https://a.org", "https://b.org/x"]),
        ("file:///etc/passwd javascript://x ftp://a http:// https://.", []),
        ("loss: 0.1", []),
    ],
)
def test_an_address_is_found_without_what_stands_around_it(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in addresses_in(text)] == found


def test_an_address_is_underlined_and_keeps_colours_of_its_own() -> None:
    line = (Span("at ht", PLAIN), Span("tps://a.org", GREEN), Span(" now", PLAIN))
    assert TracebackMarker().mark(line) == (
        Span("at ", PLAIN),
        Span("ht", LINK),
        Span("tps://a.org", GREEN._replace(underline=True)),
        Span(" now", PLAIN),
    )


def test_a_click_and_enter_open_the_browser(qtbot: QtBot, bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"loss 0.1\nlook at http://127.0.0.1:6006/ now\n"
    view = LogView(bridge, lambda offset, limit: LogChunk(text[offset : offset + limit], len(text), len(text)))
    qtbot.addWidget(view)
    view.resize(600, 300)
    view.show()
    qtbot.waitUntil(lambda: "now" in view.text.toPlainText())
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()) or len(opened) < 3)
    cursor = QTextCursor(view.text.document().findBlockByNumber(1))
    cursor.movePosition(QTextCursor.MoveOperation.NextCharacter, n=12)
    place = view.text.cursorRect(cursor).center()
    qtbot.mouseClick(view.text.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened == ["http://127.0.0.1:6006/"]
    cursor.movePosition(QTextCursor.MoveOperation.StartOfBlock)
    view.text.setTextCursor(cursor)
    qtbot.keyClick(view.text, Qt.Key.Key_Return)
    assert opened == ["http://127.0.0.1:6006/"] * 2
    with qtbot.waitSignal(bridge.message_raised) as told:
        qtbot.keyClick(view.text, Qt.Key.Key_Return)
    assert "No browser" in str(told.args[0])
