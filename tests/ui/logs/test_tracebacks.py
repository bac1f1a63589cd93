"""Tracebacks in a log are coloured, and their lines lead to places."""

from __future__ import annotations

import pytest

from desktop_aml.ui.logs.ansi import PLAIN, AnsiParser, Span
from desktop_aml.ui.logs.tracebacks import Place, TracebackMarker, place_in

SHOWN = """before
Traceback (most recent call last):
  File "/tmp/with space/train.py", line 12, in <module>
    main()
    ^^^^^^
  File "lib.py", line 3
    raise ValueError("no rows")
custom.errors.NoRows: no rows
after: all
"""


def marked(text: str) -> list[tuple[Span, ...]]:
    marker = TracebackMarker()
    return [marker.mark(line) for line in AnsiParser().feed(text).lines]


def test_the_head_the_paths_and_the_exception_are_coloured_and_nothing_else():
    lines = marked(SHOWN)
    assert "".join(span.text for line in lines for span in (*line, Span("\n", PLAIN))) == SHOWN
    assert lines[1][0].style.foreground == 1
    assert [span.text for span in lines[2] if span.style.underline] == ["/tmp/with space/train.py"]
    assert [span.text for span in lines[5] if span.style.underline] == ["lib.py"]
    assert lines[7][0].style == PLAIN._replace(foreground=1, bold=True)
    for plain in (0, 3, 4, 6, 8):
        assert all(span.style == PLAIN for span in lines[plain]), lines[plain]


def test_what_has_colours_of_its_own_keeps_them():
    lines = marked("\x1b[32mTraceback (most recent call last):\x1b[0m\nValueError\n")
    assert lines[0][0].style.foreground == 2
    assert lines[1][0].style.bold


def test_words_that_look_like_an_exception_are_none_outside_a_traceback():
    assert marked("ValueError: not really\n")[0][0].style == PLAIN


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('  File "/a/b.py", line 7, in f', Place("/a/b.py", 7)),
        ('  | File "x y.py", line 10', Place("x y.py", 10)),
        ("File b.py, line 7", None),
        ("", None),
        ('  File "a.py", line 99999999999999999999', Place("a.py", 999999999)),
    ],
)
def test_a_line_names_a_place(text: str, place: Place | None):
    assert place_in(text) == place
