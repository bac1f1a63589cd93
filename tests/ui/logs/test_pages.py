"""Pages of a log hold every byte once, begin with lines, and say how often something is on each."""

from __future__ import annotations

import random

import pytest

from desktop_aml.domain.runs import LogChunk
from desktop_aml.ui.logs import pages
from desktop_aml.ui.logs.pages import PageIndex


def reader(data: bytes):
    def read(offset: int, limit: int) -> LogChunk:
        part = data[offset : offset + limit]
        return LogChunk(part, offset + len(part), len(data))

    return read


LOGS = {
    "empty": b"",
    "one line": b"one",
    "short lines": b"x\n" * 50_000,
    "long lines": (b"y" * 3000 + b"\n") * 1000,
    "one endless line": b"z" * 2_000_000,
    "endless lines": (b"z" * 700_000 + b"\n") * 4,
    "nothing but breaks": b"\n" * 30_000,
    "exactly a page": b"a" * (pages.PAGE_BYTES - 1) + b"\n",
    "mixed": b"".join(random.Random(5).choice([b"\n", b"ab\n", b"c" * 9000, b"d" * 80 + b"\n"]) for _ in range(20_000)),
}


@pytest.mark.parametrize("name", LOGS)
def test_pages_hold_every_byte_once_and_know_their_lines(name: str):
    data = LOGS[name]
    index = pages.index_of(reader(data))
    parts = [pages.bytes_of(reader(data), index, page) for page in range(len(index))]
    assert b"".join(parts) == data
    for part, first, after in zip(parts, index.lines[:-1], index.lines[1:], strict=True):
        assert len(part) <= pages.PAGE_BYTES
        assert part.count(b"\n") <= pages.PAGE_LINES
        assert after - first == part.count(b"\n")
    for page, start in enumerate(index.starts[1:], 1):
        is_line_start = data[start - 1 : start] == b"\n"
        assert is_line_start or b"\n" not in parts[page - 1], "only a line that fills a page is cut"
    assert index.lines[-1] == data.count(b"\n")


def test_a_line_is_found_on_its_page():
    data = b"".join(b"step %d\n" % i for i in range(25_000))
    index = pages.index_of(reader(data))
    for line in (0, 9_999, 10_000, 24_999):
        page = index.page_of_line(line)
        shown = ["".join(span.text for span in one) for one in pages.lines_of(reader(data), index, page)]
        assert shown[line - index.lines[page]] == f"step {line}"
    assert index.page_of_line(10**9) == len(index) - 1


def test_matches_are_counted_in_what_is_shown():
    colored = b"\x1b[31mer\x1b[0mror one\n" + b"plain\n" * 12_000 + b"50%\r100% Error\n"
    index = pages.index_of(reader(colored))
    assert len(index) == 2

    def found(needle: str, *, has_case: bool = False) -> tuple[int, ...]:
        return pages.count_matches(reader(colored), index, needle, has_case=has_case, is_wanted=lambda: True)

    assert found("error") == (1, 1)
    assert found("Error", has_case=True) == (0, 1)
    assert found("50%") == (0, 0), "it was overwritten"
    assert sum(found("plain")) == 12_000


def test_counting_stops_when_nobody_wants_it():
    data = b"x\n" * 50_000
    index = pages.index_of(reader(data))
    answers = iter([True, False])
    found = pages.count_matches(reader(data), index, "x", has_case=True, is_wanted=lambda: next(answers))
    assert len(found) == 1 < len(index)


def test_a_log_that_was_cut_meanwhile_has_what_is_left():
    index = PageIndex((0, 100), (0, 50, 100), 200)
    assert pages.bytes_of(reader(b"a" * 120), index, 1) == b"a" * 20


def test_each_line_of_a_page_has_its_byte():
    data = "".join(f"ü{line}\n" for line in range(25_000)).encode() + b"open"
    read = reader(data)
    index = pages.index_of(read)
    assert len(index) > 1
    for page in range(len(index)):
        lines, places = pages.placed_lines_of(read, index, page)
        assert len(places) == len(lines) + 1
        assert places[-1] == index.span(page)[1]
        for line, start, end in list(zip(lines, places, places[1:], strict=False))[::1_000]:
            assert data[start:end].decode().rstrip("\n") == "".join(span.text for span in line)
