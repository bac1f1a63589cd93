import struct
import sys

import pytest

from desktop_aml.domain.summaries.log_notes import notes_of


def pairs(*numbers: int) -> bytes:
    return struct.pack(f"<{len(numbers)}q", *numbers)


def test_a_byte_came_when_the_log_was_first_longer_than_it():
    known = notes_of(pairs(1_000_000, 0, 2_000_000, 10, 3_500_000, 11), ())
    assert [known.time_of(byte) for byte in (-1, 0, 9, 10, 11)] == [None, 2.0, 2.0, 3.5, None]


def test_after_a_truncation_only_what_came_since_counts():
    known = notes_of(pairs(1_000_000, 10, 2_000_000, 20, 3_000_000, 5, 4_000_000, 12), ())
    assert [known.time_of(byte) for byte in (0, 5, 11, 12)] == [3.0, 4.0, 4.0, None]
    again = notes_of(b"", [pairs(0, 10, 10, 30, 5, 8)])
    assert [again.is_error(*span) for span in ((0, 4), (5, 8), (10, 30))] == [False, True, False]


@pytest.mark.parametrize(
    ("span", "wanted"),
    [((0, 5), True), ((0, 10), True), ((0, 11), False), ((20, 25), True), ((4, 21), False), ((7, 7), False)],
)
def test_a_line_is_of_standard_error_when_half_of_it_is(span: tuple[int, int], wanted: bool):
    known = notes_of(b"", [pairs(0, 5), pairs(20, 24, 24, 30)])
    assert known.is_error(*span) is wanted


def test_torn_and_senseless_pairs_are_ignored():
    known = notes_of(pairs(-1, 3, 1 << 62, 4, 5_000_000, -7, 6_000_000, 8) + b"torn", [pairs(9, 3, -4, -2) + b"\0"])
    assert list(known.sizes) == [8]
    assert not known.starts


def test_notes_are_read_alike_on_a_processor_that_writes_numbers_the_other_way(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "byteorder", "big" if sys.byteorder == "little" else "little")
    mirrored = struct.pack(">2q" if sys.byteorder == "big" else "<2q", 1_000_000, 10)
    assert notes_of(mirrored, ()).time_of(3) == 1.0
