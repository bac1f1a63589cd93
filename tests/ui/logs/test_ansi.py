import itertools

from hypothesis import given
from hypothesis import strategies as st

from desktop_aml.ui.logs.ansi import LINE_CAP, PLAIN, AnsiParser, Rendered, Span, Style, parse_sgr


def rendered(*pieces: str) -> Rendered:
    parser = AnsiParser()
    lines = []
    open_line = ()
    for piece in pieces:
        result = parser.feed(piece)
        lines.extend(result.lines)
        open_line = result.open_line
    return Rendered(tuple(lines), open_line)


def texts(*pieces: str) -> list[str]:
    result = rendered(*pieces)
    return ["".join(span.text for span in line) for line in (*result.lines, result.open_line)]


def test_plain_lines_stay_as_they_are():
    assert texts("one\ntwo\n\nlast") == ["one", "two", "", "last"]


def test_windows_line_ends_lose_nothing():
    assert texts("one\r\ntwo\r\n") == ["one", "two", ""]


def test_colours_become_spans():
    line = rendered("a\x1b[31mred\x1b[0mb\n").lines[0]
    assert line == (Span("a", PLAIN), Span("red", Style(foreground=1)), Span("b", PLAIN))


def test_a_colour_lasts_over_line_ends():
    lines = rendered("\x1b[32mone\ntwo\n").lines
    assert lines[1] == (Span("two", Style(foreground=2)),)


def test_256_and_true_colours_are_read_in_both_notations():
    assert parse_sgr("38;5;208", PLAIN).foreground == 208
    assert parse_sgr("48;2;1;2;3", PLAIN).background == (1, 2, 3)
    assert parse_sgr("38:2::10:20:30", PLAIN).foreground == (10, 20, 30)
    assert parse_sgr("38:5:99", PLAIN).foreground == 99
    assert parse_sgr("1;38;5;9;4", PLAIN) == Style(foreground=9, bold=True, underline=True)


def test_malformed_colours_change_nothing():
    for parameters in ("38", "38;5", "38;5;999", "38;2;1;2", "38;9", "999", "38:2:1", "48;2;256;0;0", "x"):
        assert parse_sgr(parameters, PLAIN) == PLAIN, parameters


def test_bright_colours_and_resets():
    style = parse_sgr("93;101;3", PLAIN)
    assert style == Style(foreground=11, background=9, italic=True)
    assert parse_sgr("39;49;23", style) == PLAIN
    assert parse_sgr("", style) == PLAIN


def test_a_progress_bar_is_its_last_state():
    assert texts("\r 10%|#    |\r 50%|##   |\r100%|#####|\ndone") == ["100%|#####|", "done"]


def test_a_shorter_update_leaves_the_tail_of_the_longer_one():
    assert texts("abcdef\rxy") == ["xycdef"]


def test_a_million_updates_make_one_line():
    assert texts(*[f"\r step {i:07d}" for i in range(0, 1_000_000, 100)], "\n") == [" step 0999900", ""]


def test_backspaces_move_back():
    assert texts("abc\b\bX") == ["aXc"]
    assert texts("\b\bok") == ["ok"]


def test_erasing_the_line_erases_it():
    assert texts("working...\r\x1b[Kdone") == ["done"]
    assert texts("working...\x1b[2K\rdone") == ["done"]


def test_links_titles_and_queries_are_stripped():
    assert texts("\x1b]0;title\x07a\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\b\x1b[6n\x1b[c\x1bPq#\x1b\\c\x1b(Bd") == [
        "alinkbcd"
    ]


def test_a_stray_string_sequence_does_not_swallow_the_next_line():
    assert texts("\x1b]0;never ended\nnext\n")[1:] == ["next", ""]


def test_control_characters_become_pictures():
    assert texts("a\x00b\x01\x7f\x07c\n") == ["a\u2400b\u2401\u2421c", ""]


def test_characters_that_would_split_a_text_block_are_replaced():
    shown = texts("a\u2029b\u2028c\ufdd0d\n")[0]
    assert shown == "a b c\ufffdd"


def test_a_long_line_is_cut_and_says_so():
    line = texts("x" * (LINE_CAP + 1234) + "\nnext")[0]
    assert line == "x" * LINE_CAP + " … [1,234 more characters]"


def test_an_endless_line_keeps_memory_bounded():
    parser = AnsiParser()
    for _ in range(200):
        open_line = parser.feed("y" * 10_000).open_line
    assert sum(len(span.text) for span in open_line) < LINE_CAP + 100


def test_an_endless_escape_is_shown_not_hoarded():
    body = "z" * 5000
    assert texts("\x1b]" + body, "\nnext")[0].startswith("]zzz")


HOSTILE = st.text(st.sampled_from("ab\r\n\b\x1b[]0123;mKGDC\x07\\?P(B\x00\u2029é\x9b"), max_size=60)


@given(HOSTILE, st.lists(st.integers(0, 60), max_size=5))
def test_pieces_give_the_same_lines_as_the_whole(text: str, cuts: list[int]):
    edges = sorted({0, len(text), *(min(cut, len(text)) for cut in cuts)})
    pieces = [text[a:b] for a, b in itertools.pairwise(edges)]
    assert rendered(*pieces) == rendered(text) or not text


@given(HOSTILE)
def test_nothing_that_a_terminal_would_obey_comes_out(text: str):
    for line in texts(text):
        assert not set(line) & set("\x1b\r\n\b\x00\x07\u2029\u2028\x9b")


def overwritten(text: str) -> list[str]:
    """Draw plain text with returns and backspaces one character at a time."""
    lines = []
    cells: list[str] = []
    cursor = 0
    for character in text:
        if character == "\n":
            lines.append("".join(cells))
            cells, cursor = [], 0
        elif character == "\r":
            cursor = 0
        elif character == "\b":
            cursor = max(cursor - 1, 0)
        else:
            cells[cursor : cursor + 1] = [character]
            cursor += 1
    return [*lines, "".join(cells)]


@given(st.text(st.sampled_from("abcdefg\r\r\n\b"), max_size=80))
def test_returns_overwrite_as_a_terminal_does(text: str):
    assert texts(text) == overwritten(text)


@given(st.text(st.sampled_from("0123456789;:"), max_size=20))
def test_any_colour_parameters_give_a_style(parameters: str):
    style = parse_sgr(parameters, PLAIN)
    for color in (style.foreground, style.background):
        assert color is None or isinstance(color, tuple) or 0 <= color <= 255
