"""What a run used is read from files that its script can write, too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_aml.domain.summaries.machine_use import UsePoint, as_properties, curve_of, of_properties, sums
from desktop_aml.domain.summaries.stalled import QUIET_CORES, STALLED_AFTER_S, quiet_for, words


def test_sums_are_those_of_the_record_and_come_back_from_properties() -> None:
    record = {"cpu_s": 12.345, "peak_memory_bytes": 5, "max_rss_bytes": 7, "written_bytes": 0, "read_bytes": 3}
    found = sums(record)
    assert found == {"cpu_s": 12.345, "peak_memory_bytes": 7, "written_bytes": 0, "read_bytes": 3}
    assert of_properties(as_properties(found)) == {
        **found,
        "cpu_s": 12.35 if f"{12.345:.2f}" == "12.35" else 12.35 - 0.01,
    }


@pytest.mark.parametrize("value", [None, True, "12", -1, float("nan"), float("inf"), 1 << 62, [1]])
def test_a_sum_that_makes_no_sense_is_left_out(value: object) -> None:
    names = ("cpu_s", "peak_memory_bytes", "max_rss_bytes", "written_bytes", "read_bytes")
    assert sums(dict.fromkeys(names, value)) == {}


def test_a_processor_time_of_nothing_was_not_measured() -> None:
    assert sums({"cpu_s": 0, "peak_memory_bytes": 0, "written_bytes": 0}) == {"written_bytes": 0}


def test_properties_that_are_no_numbers_are_passed_over() -> None:
    assert of_properties({"desktop_aml.use.cpu_s": "much", "desktop_aml.use.read_bytes": "7", "else": "1"}) == {
        "read_bytes": 7.0
    }


def test_lines_of_a_curve_that_are_none_are_left_out() -> None:
    lines = [
        b"0.5,0.98,1000,,\n",
        b"1.5,2.0,2000,10,20\n",
        b"2.5,2.0,20",
        b"-1,0,0,0,0\n",
        b"nan,0,0,0,0\n",
        b"3,0,99999999999999999999,0,0\n",
        b"\xff\n",
    ]
    assert curve_of(lines) == (UsePoint(0.5, 0.98, 1000, None, None), UsePoint(1.5, 2.0, 2000, 10, 20))


@given(st.lists(st.binary(max_size=40)))
def test_no_rubbish_stops_the_reading_of_a_curve(lines: list[bytes]) -> None:
    assert len(curve_of(lines)) <= len(lines)


def point(seconds: float, cores: float) -> UsePoint:
    return UsePoint(seconds, cores, 0, None, None)


@pytest.mark.parametrize(
    ("curve", "sampled_at", "written_at", "quiet"),
    [
        ([], 1000.0, 0.0, 0.0),
        ([point(900, 1.0)], 1000.0 - STALLED_AFTER_S - 1, 0.0, 0.0),
        ([point(100, 1.0), point(900, QUIET_CORES)], 1000.0, 0.0, 800.0),
        ([point(100, 1.0), point(900, QUIET_CORES)], 1000.0, 950.0, 50.0),
        ([point(900, QUIET_CORES)], 1000.0, 0.0, 900.0),
        ([point(900, 1.0)], 1000.0, 0.0, 0.0),
        ([point(900, 1.0)], 1000.0, 2000.0, 0.0),
    ],
    ids=[
        "never measured",
        "not measured now",
        "idle",
        "idle but writing",
        "idle since it began",
        "busy",
        "clock set back",
    ],
)
def test_a_run_is_quiet_since_it_last_wrote_or_used_a_core(
    curve: list[UsePoint], sampled_at: float, written_at: float, quiet: float
) -> None:
    assert quiet_for(curve, sampled_at=sampled_at, written_at=written_at, now=1000.0) == quiet


def test_it_seems_stalled_after_ten_minutes() -> None:
    assert not words(STALLED_AFTER_S - 1)
    assert "for 10 min" in words(STALLED_AFTER_S)
