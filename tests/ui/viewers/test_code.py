"""Code is shown with line numbers and right colours, and stays readable in both themes."""

from __future__ import annotations

import pytest
from pygments.lexers import get_lexer_for_filename
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from desktop_aml.ui.look import theme
from desktop_aml.ui.viewers import code as code_view
from desktop_aml.ui.viewers.code import CodeView
from desktop_aml.ui.viewers.code_highlighter import CodeHighlighter, lexer_of

SOURCE = '"""One\ntwo # not a comment\nthree"""\n\ndef train(x):  # comment\n    return "é🙂" + str(x)\n'


@pytest.fixture
def view(qtbot, qapp):
    theme.apply(qapp, "light")
    made = CodeView()
    qtbot.addWidget(made)
    return made


def shown(view: CodeView, qtbot, text: str = SOURCE, name: str = "train.py") -> CodeHighlighter:
    view.show_text(text, name)
    qtbot.waitUntil(lambda: not view.highlighter.is_reading())
    return view.highlighter


def test_a_string_over_several_lines_is_one_string(view, qtbot) -> None:
    colored = shown(view, qtbot)
    assert [colored.spans(line) for line in range(3)] == [
        [(0, 6, "secondary")],
        [(0, 19, "secondary")],
        [(0, 8, "secondary")],
    ]


def test_columns_are_counted_as_qt_counts_them(view, qtbot) -> None:
    colored = shown(view, qtbot)
    assert [span for span in colored.spans(5) if span[2] == "accent"] == [(19, 3, "accent")]


def test_colours_are_put_on_the_text(view, qtbot) -> None:
    shown(view, qtbot)
    formats = view.document().findBlockByNumber(4).layout().formats()
    assert formats[0].format.foreground().color() == theme.color("preparing")


def test_a_change_of_theme_changes_the_colours(view, qtbot, qapp) -> None:
    shown(view, qtbot)
    theme.apply(qapp, "dark")
    formats = view.document().findBlockByNumber(4).layout().formats()
    assert formats[0].format.foreground().color() == theme.color("preparing")
    theme.apply(qapp, "light")


def test_a_second_text_replaces_the_first(view, qtbot) -> None:
    view.show_text(SOURCE * 500, "long.py")
    colored = shown(view, qtbot, "# only\n", "short.py")
    assert view.toPlainText() == "# only\n"
    assert colored.spans(0) == [(0, 6, "secondary")]
    assert colored.spans(5) == []


def test_an_unknown_language_is_shown_plain(view, qtbot) -> None:
    assert shown(view, qtbot, "def x", "data.unknownending").spans(0) == []


def test_foreign_line_ends_and_marks_do_not_move_the_colours(view, qtbot) -> None:
    colored = shown(view, qtbot, "\ufeffdef a():\r\n    pass\r\n", "a.py")
    assert view.toPlainText() == "def a():\n    pass\n"
    assert colored.spans(0)[0] == (0, 3, "preparing")
    assert colored.spans(1) == [(4, 4, "preparing")]


def test_a_very_long_text_is_cut_and_says_so(view, monkeypatch) -> None:
    monkeypatch.setattr(code_view, "MAX_CHARACTERS", 1000)
    view.show_text("x" * 1001, "x.txt")
    assert view.toPlainText().endswith("[the rest of this file is not shown]")


def test_reading_a_long_file_never_holds_the_window(view, qtbot) -> None:
    view.show_text(SOURCE * 2000, "long.py")
    assert view.highlighter.is_reading()


def test_going_to_a_line_shows_it_and_bad_places_do_no_harm(view, qtbot) -> None:
    shown(view, qtbot, SOURCE * 50)
    view.go_to(120, 5)
    assert (view.textCursor().blockNumber(), view.textCursor().positionInBlock()) == (119, 4)
    view.go_to(10**6, 10**6)
    view.go_to(0, 0)
    assert view.textCursor().blockNumber() == 0


def test_the_size_changes_by_keyboard_and_comes_back(view, qtbot) -> None:
    before = view.font().pointSizeF()
    qtbot.keyClick(view, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert view.font().pointSizeF() == before + 1
    qtbot.keyClick(view, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert view.font().pointSizeF() == before


def test_line_numbers_take_more_room_for_more_lines(view) -> None:
    view.show_text("a", "a.txt")
    narrow = view.numbers_width()
    view.show_text("a\n" * 5000, "a.txt")
    assert view.numbers_width() > narrow


def test_the_text_can_be_copied_but_not_changed(view, qtbot) -> None:
    shown(view, qtbot)
    qtbot.keyClicks(view, "abc")
    assert view.toPlainText() == SOURCE
    view.selectAll()
    view.copy()
    assert QGuiApplication.clipboard().text() == SOURCE


def test_a_language_is_found_without_a_look_at_other_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("train.py", "folder/train.py", "conda.yml", "Dockerfile", "config.json", "notes.md", "fit.R", "a.h")
    wanted = {name: type(get_lexer_for_filename(name)) for name in names}
    looked: list[str] = []
    monkeypatch.setattr("pygments.lexers.find_plugin_lexers", lambda: looked.append("the metadata of all") or ())
    lexer_of.cache_clear()
    assert {name: lexer_of(name) for name in names} == wanted
    assert lexer_of("no.such-language") is None
    assert looked == []
