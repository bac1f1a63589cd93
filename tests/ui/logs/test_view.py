import struct
import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from desktop_aml.domain.runs import LogChunk
from desktop_aml.domain.summaries.log_notes import LogNotes, notes_of
from desktop_aml.ui.logs.ansi import PLAIN, Span
from desktop_aml.ui.logs.text import LogText
from desktop_aml.ui.logs.view import LINES_PER_TICK, LogView
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.look.colors import contrast


class Log:
    def __init__(self, data: bytes = b"") -> None:
        self.data = data

    def read(self, offset: int, limit: int) -> LogChunk:
        part = self.data[offset : offset + limit]
        return LogChunk(part, offset + len(part), len(self.data))


@pytest.fixture
def light(qapp):
    theme.apply(qapp, "light")
    yield
    theme.apply(qapp, "light")


def open_view(qtbot, bridge, log: Log, **options) -> LogView:
    view = LogView(bridge, log.read, **options)
    qtbot.addWidget(view)
    view.resize(600, 300)
    view.show()
    return view


def wait_for(qtbot, view: LogView, end: str) -> None:
    qtbot.waitUntil(lambda: view.text.toPlainText().endswith(end) and view.is_up_to_date(), timeout=20_000)


def test_the_log_grows_while_it_is_watched(qtbot, bridge):
    log = Log(b"one\n")
    view = open_view(qtbot, bridge, log)
    wait_for(qtbot, view, "one\n")
    log.data += "zwölf 🦊\nlast".encode()
    wait_for(qtbot, view, "one\nzwölf 🦊\nlast")


def test_a_progress_bar_stays_one_line(qtbot, bridge):
    log = Log(b"start\n")
    view = open_view(qtbot, bridge, log)
    wait_for(qtbot, view, "start\n")
    for percent in (10, 50, 100):
        log.data += b"\r%3d%%|####|" % percent
        wait_for(qtbot, view, f"start\n{percent:3d}%|####|")
    log.data += b"\ndone\n"
    wait_for(qtbot, view, "start\n100%|####|\ndone\n")


def test_an_ended_log_is_read_to_its_end(qtbot, bridge):
    log = Log(b"".join(b"line %d\n" % i for i in range(30_000)))
    view = open_view(qtbot, bridge, log)
    view.set_active(False)
    wait_for(qtbot, view, "line 29999\n")
    assert view.text.blockCount() == 30_001


def test_old_lines_leave_when_there_are_too_many(qtbot, bridge):
    view = open_view(qtbot, bridge, Log(b"".join(b"%d\n" % i for i in range(70_000))))
    wait_for(qtbot, view, "69999\n")
    assert view.text.blockCount() == 50_000


def test_a_log_that_grows_too_fast_is_skipped_and_says_so(qtbot, bridge, tmp_path):
    log = Log(b"x" * 99 + b"\n")
    log.data *= 200_000
    view = open_view(qtbot, bridge, log, find_file=lambda: tmp_path / "std_log.txt")
    wait_for(qtbot, view, "x\n")
    assert view.page_bar.isVisible()
    assert view.page_bar.label.text() == "The last 2.1 MB of 20 MB"
    assert "18 MB before this" in view.text.toPlainText()[:60]


LONG = 60_000


@pytest.fixture
def long_view(qtbot, bridge):
    """A log of sixty thousand lines, of which a text view keeps fifty thousand."""
    view = open_view(qtbot, bridge, Log(b"".join(b"step %d\n" % i for i in range(LONG))))
    view.set_active(False)
    wait_for(qtbot, view, f"step {LONG - 1}\n")
    return view


def shown_lines(view: LogView) -> list[str]:
    return view.text.toPlainText().splitlines()


def test_the_pages_of_a_long_log_lead_to_its_first_line_and_back(qtbot, long_view):
    view = long_view
    assert shown_lines(view)[0] != "step 0"
    qtbot.mouseClick(view.page_bar.first_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown_lines(view)[:1] == ["step 0"] and view.is_up_to_date(), timeout=20_000)
    assert view.page_bar.label.text() == f"Lines 1 to {formats.count(10_000)} of {formats.count(LONG)}"
    assert not view.page_bar.first_button.isEnabled()
    assert view.text.verticalScrollBar().value() == 0
    qtbot.mouseClick(view.page_bar.next_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown_lines(view)[:1] == ["step 10000"] and view.is_up_to_date(), timeout=20_000)
    qtbot.mouseClick(view.page_bar.last_button, Qt.MouseButton.LeftButton)
    wait_for(qtbot, view, f"step {LONG - 1}\n")
    assert view.text.is_following()
    view.text.setFocus()
    qtbot.keyClick(view.text, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: shown_lines(view)[:1] == ["step 0"] and view.is_up_to_date(), timeout=20_000)
    qtbot.keyClicks(view.page_bar.line_field, "12346")
    qtbot.keyClick(view.page_bar.line_field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.text.textCursor().selectedText() == "step 12345", timeout=20_000)
    qtbot.keyClick(view.text, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    wait_for(qtbot, view, f"step {LONG - 1}\n")


def test_the_search_finds_what_stands_in_no_part_that_is_shown(qtbot, long_view):
    view = long_view
    view.search.open()
    qtbot.keyClicks(view.search.field, "step 123")
    # step 123, 1230 to 1239, 12300 to 12399
    qtbot.waitUntil(lambda: view.search.count_label.text().endswith("111 found"), timeout=20_000)
    qtbot.keyClick(view.search.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.search.count_label.text() == "1 of 111" and view.is_up_to_date(), timeout=20_000)
    assert view.text.textCursor().block().text() == "step 123"
    for _ in range(10):
        qtbot.keyClick(view.search.field, Qt.Key.Key_Return)
    assert view.text.textCursor().block().text() == "step 1239"
    qtbot.keyClick(view.search.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view.text.textCursor().block().text() == "step 12300", timeout=20_000)
    qtbot.waitUntil(lambda: view.search.count_label.text() == "12 of 111")
    qtbot.keyClick(view.search.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: view.text.textCursor().block().text() == "step 1239", timeout=20_000)


def test_a_short_log_has_no_pages(qtbot, bridge):
    view = open_view(qtbot, bridge, Log(b"one\n"))
    wait_for(qtbot, view, "one\n")
    assert not view.page_bar.isVisible()


def test_nothing_is_read_while_it_is_hidden(qtbot, bridge):
    log = Log(b"one\n")
    view = open_view(qtbot, bridge, log)
    wait_for(qtbot, view, "one\n")
    view.hide()
    log.data += b"two\n"
    qtbot.waitUntil(lambda: not bridge.is_busy())
    assert view.text.toPlainText() == "one\n"
    view.show()
    wait_for(qtbot, view, "two\n")


def test_a_truncated_log_starts_again(qtbot, bridge):
    log = Log(b"old line\n")
    view = open_view(qtbot, bridge, log)
    wait_for(qtbot, view, "old line\n")
    log.data = b"new\n"
    wait_for(qtbot, view, "new\n")
    assert "old line" not in view.text.toPlainText()
    assert "truncated" in view.text.toPlainText()


def test_the_end_is_followed_until_the_user_scrolls_up(qtbot, bridge):
    log = Log(b"".join(b"line %d\n" % i for i in range(500)))
    view = open_view(qtbot, bridge, log)
    wait_for(qtbot, view, "line 499\n")
    bar = view.text.verticalScrollBar()
    assert bar.value() == bar.maximum()
    assert not view.jump_button.isVisible()
    bar.setValue(100)
    assert view.jump_button.isVisible()
    log.data += b"more\n" * 100
    wait_for(qtbot, view, "more\n")
    assert bar.value() == 100
    qtbot.mouseClick(view.jump_button, Qt.MouseButton.LeftButton)
    assert bar.value() == bar.maximum()
    assert not view.jump_button.isVisible()
    log.data += b"and more\n" * 100
    wait_for(qtbot, view, "and more\n")
    assert bar.value() == bar.maximum()


def test_what_is_read_stays_in_place_while_lines_leave_at_the_top(qtbot):
    text = LogText()
    qtbot.addWidget(text)
    text.setMaximumBlockCount(1000)
    text.resize(500, 200)
    text.show()
    text.add([(Span(f"line {i}", PLAIN),) for i in range(999)], ())
    text.verticalScrollBar().setValue(600)
    top = text.firstVisibleBlock().text()
    text.add([(Span(f"new {i}", PLAIN),) for i in range(300)], ())
    assert text.firstVisibleBlock().text() == top
    assert text.blockCount() == 1000


def test_search_finds_counts_and_goes_round(qtbot, bridge):
    log = Log("".join(f"epoch {i} loss 🦊\n" for i in range(40)).encode() + b"-\n" * 40 + b"EPOCH\n")
    view = open_view(qtbot, bridge, log)
    wait_for(qtbot, view, "EPOCH\n")
    view.text.setFocus()
    qtbot.keyClick(view.text, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert view.search.isVisible()
    qtbot.keyClicks(view.search.field, "epoch")
    qtbot.waitUntil(lambda: view.search.count_label.text() == "41 of 41")
    qtbot.keyClick(view.search.field, Qt.Key.Key_Return)
    assert view.search.count_label.text() == "1 of 41"
    qtbot.keyClick(view.search.field, Qt.Key.Key_Return)
    assert view.search.count_label.text() == "2 of 41"
    for _ in range(2):
        qtbot.keyClick(view.search.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert view.search.count_label.text() == "41 of 41"
    assert view.text.textCursor().selectedText() == "EPOCH"
    assert view.text.extraSelections()
    view.search.case_button.setChecked(True)
    qtbot.waitUntil(lambda: view.search.count_label.text().endswith("of 40"))
    qtbot.keyClick(view.search.field, Qt.Key.Key_Escape)
    assert not view.search.isVisible()
    assert not view.text.extraSelections()


def test_what_is_not_there_is_said(qtbot, bridge):
    view = open_view(qtbot, bridge, Log(b"one\n"))
    wait_for(qtbot, view, "one\n")
    view.search.open()
    view.search.field.setText("two")
    qtbot.waitUntil(lambda: view.search.count_label.text() == "No match")
    assert not view.search.next_button.isEnabled()


def test_copy_takes_everything_without_escapes(qtbot, bridge):
    view = open_view(qtbot, bridge, Log(b"\x1b[31mred\x1b[0m \x00\n"))
    wait_for(qtbot, view, "\n")
    view.copy()
    assert QApplication.clipboard().text() == "red \u2400\n"


def test_an_empty_log_says_so(qtbot, bridge):
    view = open_view(qtbot, bridge, Log())
    view.set_active(False, "The script printed nothing.")
    qtbot.waitUntil(view.is_up_to_date)
    assert view.stack.currentWidget() is view.empty
    assert view.empty.label.text() == "The script printed nothing."


def foreground_at(text: LogText, position: int) -> QColor:
    cursor = text.textCursor()
    cursor.setPosition(position + 1)
    return cursor.charFormat().foreground().color()


def test_colours_stay_readable_when_the_theme_changes(qtbot, qapp, bridge, light):
    view = open_view(qtbot, bridge, Log(b"\x1b[33myellow\x1b[0m plain \x1b[38;5;226mbright\n"))
    wait_for(qtbot, view, "bright\n")
    seen = {}
    for choice in ("light", "dark"):
        theme.apply(qapp, choice)
        surface = theme.color("surface")
        for position in (0, 14):
            color = foreground_at(view.text, position)
            seen[choice, position] = color.name()
            assert contrast(color.getRgb()[:3], surface.getRgb()[:3]) >= 4.5
    assert seen["light", 0] != seen["dark", 0]


@pytest.mark.timing
def test_a_chunk_of_usual_lines_costs_little_on_the_gui_thread(qtbot, bridge):
    view = open_view(qtbot, bridge, Log())
    lines = [
        (Span(f"epoch {i} loss=0.123456 accuracy=0.98765 learning_rate=0.001", PLAIN),) for i in range(LINES_PER_TICK)
    ]
    costs = []
    for _ in range(10):
        start = time.process_time()
        view.text.add(lines, ())
        costs.append(time.process_time() - start)
    assert min(costs) < 0.1


def test_opening_a_file_that_is_not_there_says_so(qtbot, bridge):
    view = open_view(qtbot, bridge, Log(), find_file=lambda: Path("/nonexistent/std_log.txt"))
    with qtbot.waitSignal(bridge.message_raised) as caught:
        view.open_file()
    assert caught.args[0].severity == "warning"


def noted(times: tuple[int, ...] = (), errors: tuple[int, ...] = ()) -> LogNotes:
    """Return notes: pairs of seconds and bytes, pairs of first and last bytes."""
    in_microseconds = [number * (1_000_000 if place % 2 == 0 else 1) for place, number in enumerate(times)]
    return notes_of(struct.pack(f"<{len(times)}q", *in_microseconds), [struct.pack(f"<{len(errors)}q", *errors)])


def colour_of(view: LogView, line: int) -> object:
    block = view.text.document().findBlockByNumber(line)
    brush = block.begin().fragment().charFormat().foreground()
    return brush.color().name() if brush.style() is not Qt.BrushStyle.NoBrush else None


def test_standard_error_has_a_colour_of_its_own_and_a_traceback_keeps_its_own(qtbot, bridge, light):
    text = b"out\nerr \xc3\xbc\n\x1b[32mgreen\x1b[0m\n"
    text += b'Traceback (most recent call last):\n  File "a.py", line 1\n    f()\nE: x\n'
    view = open_view(qtbot, bridge, Log(text), read_notes=lambda known: noted(errors=(4, len(text))))
    wait_for(qtbot, view, "E: x\n")
    assert view.text.toPlainText() == without_colours(text)
    out, err, green, head = (colour_of(view, line) for line in range(4))
    assert out is None
    assert contrast(rgb_of(err), (255, 255, 255)) >= 4.5
    assert len({err, green, head}) == 3
    assert colour_of(view, 5) is None, "the source line in a traceback"


def without_colours(data: bytes) -> str:
    return data.decode().replace("\x1b[32m", "").replace("\x1b[0m", "")


def rgb_of(name: object) -> tuple[int, int, int]:
    color = QColor(str(name))
    return color.red(), color.green(), color.blue()


def test_the_margin_says_when_lines_came_once_it_is_wanted(qtbot, bridge):
    notes = [noted((86_400, 0, 86_401, 4, 90_007, 14))]
    log = Log(b"one\nand\ntwo\nopen")
    view = open_view(qtbot, bridge, log, read_notes=lambda known: notes[0])
    wait_for(qtbot, view, "open")
    assert not view.text.shows_times()
    edge = view.text.viewport().geometry().left()
    qtbot.mouseClick(view.bar.times_button, Qt.MouseButton.LeftButton)
    assert view.text.shows_times()
    assert view.text.viewport().geometry().left() > edge + 40
    first, second, third, last = (view.text.time_words(line) for line in range(4))
    assert first == formats.exact_time(86_401)[-8:]
    assert second == third == formats.exact_time(90_007)[-8:] != first
    assert last == third, "the line that is open began before the last look"
    assert view.text.toPlainText() == "one\nand\ntwo\nopen", "what is copied and searched has no times"
    log.data += b" no more\nlast\n"
    wait_for(qtbot, view, "last\n")
    assert view.text.time_words(4) == "", "it is not known yet"
    notes[0] = noted((86_400, 0, 86_401, 4, 90_007, 14, 400_000, 40))
    qtbot.waitUntil(lambda: view.text.time_words(4) == formats.exact_time(400_000))
    assert view.text.time_words(0) == formats.exact_time(86_401), "over several days each time says its day"
    qtbot.mouseClick(view.bar.times_button, Qt.MouseButton.LeftButton)
    assert view.text.viewport().geometry().left() == edge


def test_the_times_of_lines_hold_when_old_ones_leave(qtbot, bridge):
    seconds = [number for line in range(0, 2_000, 100) for number in (line, 5 * (line + 100))]
    data = b"".join(b"%04d\n" % line for line in range(2_000))
    view = LogView(bridge, Log(data).read, read_notes=lambda known: noted(tuple(seconds)))
    qtbot.addWidget(view)
    view.text.setMaximumBlockCount(500)
    view.text.show_times(True)
    view.show()
    wait_for(qtbot, view, "1999\n")
    lines = shown_lines(view)
    assert len(lines) == 499
    for line in range(0, 499, 50):
        came = int(lines[line]) // 100 * 100
        assert view.text.time_words(line) == formats.exact_time(came)[-8:]


def test_a_log_on_which_nobody_takes_notes_offers_no_times(qtbot, bridge):
    view = open_view(qtbot, bridge, Log(b"one\n"))
    wait_for(qtbot, view, "one\n")
    assert not view.bar.times_button.isVisible()
