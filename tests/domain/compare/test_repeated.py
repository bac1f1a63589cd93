"""What counts as the same result, and how it is said."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_aml.domain.compare.repeated import (
    Change,
    Condition,
    FileChange,
    MetricChange,
    Sameness,
    Verdict,
    changed_files,
    changed_metric,
    file_in_words,
    flat,
    in_words,
    is_time,
    judged,
    metric_in_words,
)

scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(["", "a", "nan"]))


@given(st.lists(scalars, max_size=8))
def test_values_are_the_same_as_themselves_also_where_they_are_nan(values: list[object]) -> None:
    assert changed_metric("m", values, list(values)) is None


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=8), st.integers(0, 7))
def test_one_other_bit_is_found_where_it_is(values: list[float], where: int) -> None:
    index = where % len(values)
    others = [*values]
    others[index] = math.nextafter(values[index], math.inf)
    found = changed_metric("m", values, others)
    assert found is not None
    assert (found.index, found.before, found.after) == (index, values[index], others[index])


@pytest.mark.parametrize(("before", "after"), [(0.0, -0.0), (1, 1.0), (1, True), ("1", 1), (None, 0)])
def test_what_only_looks_equal_is_not_the_same(before: object, after: object) -> None:
    assert changed_metric("m", [before], [after]) is not None  # type: ignore[list-item]


def test_points_that_only_one_run_logged_are_no_small_difference() -> None:
    found = changed_metric("m", [1.0, 2.0], [1.0])
    assert found is not None
    assert (found.index, found.before, found.after, found.relative) == (1, 2.0, None, math.inf)


def test_files_are_told_apart_by_their_digests() -> None:
    found = changed_files({"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "9", "d": "4"})
    assert found == (FileChange("b", Change.CHANGED), FileChange("c", Change.MISSING), FileChange("d", Change.ADDED))


def test_times_are_known_by_their_names() -> None:
    assert all(map(is_time, ("fit_time", "elapsed", "mean_fit_time", "durationMs", "train/seconds", "Time")))
    assert not any(map(is_time, ("accuracy", "timid", "estimate", "loss")))


def test_a_table_without_its_columns_of_times_is_compared() -> None:
    table = {"param": [1, 2], "mean_fit_time": [0.1, 0.2], "score": [0.5, None]}
    assert list(flat([table])) == ["param", 1, 2, "score", 0.5, None]


def verdict(files: list[FileChange], metrics: list[MetricChange]) -> Verdict:
    return judged("b", "a", files=files, metrics=metrics, conditions=[], files_same=2, metrics_same=1)


def test_a_verdict_says_what_is_the_same_and_what_is_not() -> None:
    other_bytes = FileChange("outputs/m.pkl", Change.CHANGED, 7)
    last_bit = MetricChange("loss", Change.CHANGED, 0.1, math.nextafter(0.1, 1), 0, 1.4e-16)
    far = MetricChange("loss", Change.CHANGED, 0.5, 0.25, 3, 0.5)
    gone = FileChange("outputs/x", Change.MISSING)
    assert verdict([], []).sameness is Sameness.IDENTICAL
    assert in_words(verdict([], [])) == "Identical: 2 files and 1 metric are the same to the last bit."
    assert verdict([other_bytes], [last_bit]).sameness is Sameness.SAME_NUMBERS
    assert in_words(verdict([other_bytes], [last_bit])) == (
        "The same numbers; 1 file has different bytes and 1 metric differs by at most 1e-16 of the value."
    )
    assert verdict([other_bytes], [far]).sameness is Sameness.DIFFERS
    assert verdict([gone], []).sameness is Sameness.DIFFERS, "a file that is missing is more than other bytes"
    assert in_words(verdict([gone], [far])) == "Differs in 1 file and 1 metric; 2 files and 1 metric are the same."
    assert [file_in_words(one) for one in (other_bytes, gone)] == [
        "different from byte 7 on",
        "only the earlier run has it",
    ]
    assert metric_in_words(far) == "0.5 before, 0.25 now at point 4, at most 0.5 of the value"


def test_two_runs_that_left_nothing_are_not_called_identical_results() -> None:
    nothing = judged("b", "a", files=[], metrics=[], conditions=[], files_same=0, metrics_same=0)
    assert "nothing to compare" in in_words(nothing)


def test_a_reason_stands_for_the_verdict_where_runs_cannot_be_compared() -> None:
    condition = Condition("arguments", "--C", "1", "2")
    found = Verdict("b", "a", Sameness.NOT_COMPARABLE, conditions=(condition,), reason="“b” is Failed.")
    assert in_words(found) == "“b” is Failed."


def test_what_one_run_alone_has_is_said_of_files_and_metrics_alike() -> None:
    assert file_in_words(FileChange("a.csv", Change.MISSING)) == "only the earlier run has it"
    assert file_in_words(FileChange("a.csv", Change.ADDED)) == "only the later run has it"


@pytest.mark.parametrize(("before", "after"), [(10**400, 10**400 + 1), ("a", "b"), (1, "1"), (-1e308, 1e308)])
def test_no_relative_difference_is_told_where_there_is_none(before: object, after: object) -> None:
    found = changed_metric("m", [before], [after])
    assert found is not None
    assert math.isinf(found.relative)
    assert "of the value" not in metric_in_words(found)


def test_what_is_no_scalar_in_a_table_is_passed_over() -> None:
    assert list(flat({"a": [1, object(), None]})) == ["a", 1, None]
