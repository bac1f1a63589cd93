"""What Azure ML v1's get_metrics() would return."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from desktop_aml.domain.metrics import (
    Curve,
    LoggedPoints,
    MetricSource,
    Point,
    PointColumns,
    Record,
    RunMetrics,
    number_of,
)


def curve(name: str, *values: float | str) -> Curve:
    return Curve(name, tuple(Point(index, value, None, 0.0) for index, value in enumerate(values)))


def record(name: str, kind: str, data: object, index: int = 0) -> Record:
    return Record(name, kind, index, 0.0, data)


def test_one_value_is_a_scalar_and_more_are_a_list() -> None:
    assert RunMetrics((curve("a", 1.5), curve("b", 1, 2, 3))).as_azure() == {"a": 1.5, "b": [1, 2, 3]}


def test_lists_of_the_same_name_are_joined() -> None:
    records = (record("l", "list", [1, 2]), record("l", "list", [3], 1), record("one", "list", [7]))
    assert RunMetrics((), records).as_azure() == {"l": [1, 2, 3], "one": 7}


def test_rows_and_tables_are_merged_by_column() -> None:
    records = (
        record("t", "row", {"x": 1, "y": 2}),
        record("t", "row", {"x": 3}, 1),
        record("c", "table", {"z": [1, 2]}),
    )
    assert RunMetrics((), records).as_azure() == {"t": {"x": [1, 3], "y": 2}, "c": {"z": [1, 2]}}


def test_the_first_kind_of_a_name_wins() -> None:
    records = (record("n", "list", [1]), record("n", "row", {"x": 1}), record("a", "image", {"path": "a.png"}))
    assert RunMetrics((curve("a", 1),), records).as_azure() == {"a": 1, "n": 1}


def test_data_of_an_unexpected_shape_is_passed_over() -> None:
    assert RunMetrics((), (record("l", "list", 3), record("r", "row", 4))).as_azure() == {"l": [], "r": {}}


def test_an_image_is_azure_mls_address_of_the_file() -> None:
    metrics = RunMetrics((), (record("i", "image", {"path": "a/i.png"}), record("i", "image", {"path": "b"}, 1)), "r_1")
    assert metrics.as_azure() == {"i": "aml://artifactId/ExperimentRun/dcid.r_1/a/i.png"}


def test_which_kind_came_first_is_told_by_time() -> None:
    early = Record("n", "list", 0, 1.0, [1, 2])
    late = Curve("n", (Point(0, 5, None, 2.0),))
    assert RunMetrics((late,), (early,)).as_azure() == {"n": [1, 2]}


@pytest.mark.parametrize(
    ("value", "drawn"),
    [(3, 3.0), (True, 1.0), (0.5, 0.5), (10**400, math.inf), (-(10**400), -math.inf), ("3", math.nan)],
)
def test_any_value_is_drawn_as_a_number_of_its_size(value, drawn) -> None:
    found = number_of(value)
    assert found == drawn or (math.isnan(found) and math.isnan(drawn))


def test_what_a_script_logged_itself_is_told_from_what_was_seen_of_it() -> None:
    curves = (curve("a", 1.0), replace(curve("seen", 2.0), source=MetricSource.CAPTURED))
    records = (record("l", "list", [1]), replace(record("printed", "list", [2]), source=MetricSource.PRINTED))
    found = RunMetrics(curves, records, "r")
    assert found.logged() == RunMetrics(curves[:1], records[:1], "r")
    assert found.sources() == {"seen": MetricSource.CAPTURED, "printed": MetricSource.PRINTED}


def test_values_are_told_by_the_time_of_the_first_of_their_name() -> None:
    late = replace(curve("late", 1, 2), points=(Point(0, 1, None, 5.0), Point(1, 2, None, 9.0)))
    records = (replace(record("between", "list", [3]), at=7.0), replace(record("first", "list", [4]), at=1.0))
    assert RunMetrics((late, Curve("none", ())), records).in_logging_order() == [
        ("first", "list", [4]),
        ("late", "scalar", 1),
        ("late", "scalar", 2),
        ("between", "list", [3]),
    ]


@pytest.mark.parametrize(
    "names",
    [
        *([f"m{n * n % count}" for n in range(200)] for count in (1, 3, 40)),
        *([f"m{n % count}" for n in range(200)] for count in (2, 7, 200)),
        ["a", "b", "c", *"abc" * 9, "a", "c", "b"],
        [*"abca", "val", *"bcabc"],
        [*"ab" * 5, "c"],
        [*"abbabb"],
    ],
)
def test_each_name_gets_its_own_points_in_their_order(names: list[str]) -> None:
    points = [(name, n if n % 2 else None, float(n), n / 3) for n, name in enumerate(names)]
    found = {name: list(zip(*columns, strict=True)) for name, columns in LoggedPoints(points).by_name()}
    assert list(found) == list(dict.fromkeys(point[0] for point in points))
    assert found == {name: [point[1:] for point in points if point[0] == name] for name in found}


def test_columns_hold_the_points_that_they_were_made_of() -> None:
    points = [Point(7 + n, n / 2, n, 1.0 * n) for n in range(5)]
    columns = PointColumns.of(points)
    assert (list(columns), columns[2], columns[-1]) == (points, points[2], points[4])
    assert list(columns[1:3]) == points[1:3]
    with pytest.raises(ValueError, match="without a step"):
        columns[::2]


def test_columns_that_follow_one_another_are_joined_and_others_are_not() -> None:
    points = [Point(n, n / 2, n, 1.0 * n) for n in range(9)]
    parts = [PointColumns.of(points[first : first + 3]) for first in (0, 3, 6)]
    joined = PointColumns.joined(parts)
    assert joined is not None
    assert list(joined) == points
    assert PointColumns.joined([parts[0], parts[2]]) is None


def test_no_points_are_no_columns() -> None:
    assert (list(PointColumns.of([])), list(LoggedPoints().by_name())) == ([], [])


def test_points_are_read_one_by_one_and_in_slices() -> None:
    points = LoggedPoints([("a", 0, 1.0, 0.5), ("b", 1, 2.0, 0.25)])
    assert points[1] == ("b", 1, 2.0, 0.25)
    assert points[:1] == [("a", 0, 1.0, 0.5)]
    assert list(points) == points[:]
