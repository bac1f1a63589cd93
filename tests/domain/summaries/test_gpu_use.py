"""What a run used of GPUs: the curve in its file keeps the most, whatever it is made shorter by."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop_aml.domain.summaries.gpu_use import GpuPoint, curve_of, halved, peaks
from desktop_aml.domain.summaries.machine_use import GPU, GPU_MEMORY, as_properties, of_properties

BUSY = st.none() | st.integers(0, 800).map(lambda hundredths: hundredths / 100)
POINTS = st.lists(
    st.builds(GpuPoint, st.integers(0, 10**6).map(float), BUSY, st.none() | st.integers(0, 1 << 50)), max_size=9
)


@given(POINTS)
def test_a_curve_is_read_as_it_was_written(points: list[GpuPoint]) -> None:
    assert curve_of(point.as_line() for point in points) == tuple(points)


@given(POINTS)
def test_half_a_curve_has_the_same_peaks_and_the_same_end(points: list[GpuPoint]) -> None:
    half = halved(points)
    assert peaks(half) == peaks(points)
    assert len(half) == (len(points) + 1) // 2
    assert [one.seconds for one in half[-1:]] == [one.seconds for one in points[-1:]]


def test_lines_that_are_none_are_left_out() -> None:
    lines = [b"seconds,gpus,memory_bytes", b"1.0,0.5,100", b"2,nan,1", b"3,-1,5", b"4,,", b"5,1", b"\xff,1,2"]
    assert curve_of(lines) == (GpuPoint(1.0, 0.5, 100), GpuPoint(4.0, None, None))


def test_peaks_are_properties_of_the_run_and_what_no_driver_told_is_none() -> None:
    found = peaks([GpuPoint(1, 0.25, None), GpuPoint(2, 1.75, 5 << 30), GpuPoint(3, None, 1)])
    assert found == {GPU: 1.75, GPU_MEMORY: 5 << 30}
    assert of_properties(as_properties(found)) == found
    assert peaks([GpuPoint(1, None, None)]) == {}
