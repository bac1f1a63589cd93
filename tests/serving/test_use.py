"""How an endpoint is used is counted where the answers leave, and found in a file that is never half written."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_aml.domain.summaries.endpoint_use import REQUESTS, SPAN_S, SPANS, UseSpan
from desktop_aml.serving.use import USE_FILE, Tally, read_use


class Clock:
    """A clock that stands until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_answers_are_counted_by_kind_and_the_last_minute_passes() -> None:
    clock = Clock()
    tally = Tally(clock)
    for status in (200, 200, 204, 400, 404, 500, 503, 503):
        tally.count(status, 0.010)
    clock.now += 30.5
    tally.count(200, 0.010)
    told = tally.told()
    assert (told.answered, told.refused, told.failed, told.total) == (4, 2, 3, 9)
    assert (told.since, told.at, told.last_minute) == (1000.0, 1030.5, 9)
    clock.now += 30
    assert tally.told().last_minute == 1
    clock.now += 60
    assert tally.told().last_minute == 0
    assert tally.told().total == 9


def test_a_request_leaves_a_line_and_its_part_of_a_curve_and_old_ones_go() -> None:
    clock = Clock()
    tally = Tally(clock)
    for _ in range(3):
        tally.count(200, 0.25, 7)
    tally.count(400, 0.05)
    clock.now += SPAN_S
    tally.count(500, 0.5, 1)
    told = tally.told()
    assert told.spans == (UseSpan(1000, 4, 1, 0, 200.0, 250.0), UseSpan(1000 + SPAN_S, 1, 0, 1, 500.0, 500.0))
    assert [(one.at, one.status, one.rows, one.took_ms) for one in told.requests[-2:]] == [
        (1000.0, 400, None, 50.0),
        (1000.0 + SPAN_S, 500, 1, 500.0),
    ]
    clock.now += SPAN_S * (SPANS - 1)
    assert [span.begun for span in tally.told().spans] == [1000 + SPAN_S]
    for _ in range(2 * REQUESTS):
        tally.count(200, 0.001, 1)
    assert len(tally.told().requests) == REQUESTS


def test_times_are_those_of_the_latest_answers() -> None:
    tally = Tally(Clock())
    assert (tally.told().median_ms, tally.told().most_ms) == (None, None)
    for _ in range(5000):
        tally.count(200, 9.0)
    for number in range(1, 1001):
        tally.count(200, number / 1000)
    assert (tally.told().median_ms, tally.told().most_ms) == (500.0, 950.0)


def test_what_was_written_is_read_and_only_what_changed_is_written(tmp_path: Path) -> None:
    assert read_use(tmp_path) is None
    clock = Clock()
    tally = Tally(clock)
    tally.write(tmp_path)
    assert read_use(tmp_path) == tally.told()
    tally.count(200, 0.25)
    tally.write(tmp_path)
    assert read_use(tmp_path) == tally.told()
    (tmp_path / USE_FILE).unlink()
    clock.now += 1
    tally.write(tmp_path)
    assert not (tmp_path / USE_FILE).exists()
    clock.now += 60
    tally.write(tmp_path)
    found = read_use(tmp_path)
    assert found is not None
    assert (found.total, found.last_minute) == (1, 0)


@pytest.mark.parametrize("content", [b"", b"{", b'{"since": "x"}', b"[]"])
def test_a_file_that_says_nothing_is_no_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / USE_FILE).write_bytes(content)
    assert read_use(tmp_path) is None
