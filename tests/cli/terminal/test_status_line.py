"""One line says how far a thing is, and gives way to what is printed for good."""

from __future__ import annotations

import io

import pytest

from desktop_aml.cli.terminal.status_line import StatusLine
from tests.cli.terminal.screens import Screen, plain


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm-256color")


def test_words_and_how_far_it_is_are_shown_in_place() -> None:
    screen = Screen()
    line = StatusLine(screen)
    line.show("2/4  best loss 6.261", 0.5)
    assert "50% 2/4  best loss 6.261" in plain(screen.getvalue())
    assert "\n" not in screen.getvalue()


def test_long_words_are_cut_and_break_no_line() -> None:
    screen = Screen()
    StatusLine(screen).show("Downloading " + "x" * 300)
    assert "Downloading xxx" in plain(screen.getvalue())
    assert max(len(part) for part in plain(screen.getvalue()).split("\r")) <= 60


def test_the_same_words_are_drawn_once() -> None:
    screen = Screen()
    line = StatusLine(screen)
    line.show("Waiting")
    before = screen.getvalue()
    line.show("Waiting")
    assert screen.getvalue() == before


def test_after_it_was_cleared_the_cursor_is_seen_again() -> None:
    screen = Screen()
    line = StatusLine(screen)
    line.show("Waiting")
    line.clear()
    line.clear()
    assert screen.getvalue().rindex("\x1b[?25h") > screen.getvalue().rindex("\x1b[?25l")


def test_a_pipe_gets_nothing() -> None:
    pipe = io.StringIO()
    StatusLine(pipe).show("Waiting", 0.5)
    assert not pipe.getvalue()
