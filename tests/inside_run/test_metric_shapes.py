"""The shapes of get_metrics, as rules that hold for whatever was logged."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from desktop_aml.inside_run.site.desktop_aml_run import metric_shapes

SCALARS = st.one_of(st.integers(-(2**70), 2**70), st.floats(allow_nan=False), st.booleans(), st.none(), st.text())
NAMES = st.sampled_from(["a", "b", "c"])
ROWS = st.dictionaries(NAMES, SCALARS, min_size=1)
ENTRIES = st.one_of(
    st.tuples(NAMES, st.just("scalar"), SCALARS),
    st.tuples(NAMES, st.just("list"), st.lists(SCALARS, min_size=1)),
    st.tuples(NAMES, st.just("row"), ROWS),
    st.tuples(NAMES, st.just("table"), st.dictionaries(NAMES, st.lists(SCALARS, min_size=2, max_size=2), min_size=1)),
    st.tuples(NAMES, st.sampled_from(sorted(metric_shapes.ARTIFACT_KINDS)), st.builds(lambda p: {"path": p}, NAMES)),
)


def shaped(*entries: tuple[str, str, object]) -> dict[str, object]:
    return metric_shapes.shaped(entries, lambda kind, path: f"{kind}:{path}")


def as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


@given(st.lists(SCALARS, min_size=1))
def test_scalars_come_back_in_logging_order_and_one_alone(values: list[object]) -> None:
    found = shaped(*(("x", "scalar", value) for value in values))["x"]
    assert as_list(found) == values
    assert isinstance(found, list) is (len(values) > 1)


@given(st.lists(st.lists(SCALARS, min_size=1), min_size=1))
def test_lists_are_joined_however_they_were_cut(parts: list[list[object]]) -> None:
    whole = [value for part in parts for value in part]
    assert shaped(*(("x", "list", part) for part in parts)) == shaped(("x", "list", whole))
    assert as_list(shaped(("x", "list", whole))["x"]) == whole


@given(st.lists(st.tuples(SCALARS, SCALARS), min_size=1))
def test_rows_in_a_loop_look_like_one_table(rows: list[tuple[object, object]]) -> None:
    table = {"u": [row[0] for row in rows], "v": [row[1] for row in rows]}
    looped = shaped(*(("t", "row", {"u": u, "v": v}) for u, v in rows))
    assert looped == shaped(("t", "table", table))
    assert {column: as_list(cells) for column, cells in looped["t"].items()} == table


@given(st.lists(ENTRIES))
def test_every_name_is_there_and_the_first_kind_of_a_name_wins(entries: list[tuple[str, str, object]]) -> None:
    first: dict[str, str] = {}
    for name, kind, _ in entries:
        first.setdefault(name, metric_shapes.family(kind))
    assert shaped(*entries) == shaped(*(one for one in entries if metric_shapes.family(one[1]) == first[one[0]]))
    assert list(shaped(*entries)) == list(first)


@given(st.lists(st.one_of(st.integers(), st.floats()), min_size=1))
def test_whole_numbers_stay_whole_unless_there_is_a_float_among_them(values: list[float]) -> None:
    found = as_list(shaped(*(("x", "scalar", value) for value in values))["x"])
    kind = float if any(isinstance(value, float) for value in values) else int
    assert {type(value) for value in found} == {kind}
    assert all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(found, map(kind, values), strict=True))


def test_numbers_beyond_every_float_stay_as_they_are() -> None:
    assert shaped(("x", "scalar", 10**400), ("x", "scalar", 0.5)) == {"x": [10**400, 0.5]}


def test_truth_values_and_text_are_not_taken_for_numbers() -> None:
    assert repr(shaped(("x", "list", [True, 1, 0.5]), ("y", "list", [1, "a", 0.5]))) == (
        "{'x': [True, 1, 0.5], 'y': [1, 'a', 0.5]}"
    )


def test_the_first_file_of_a_name_counts() -> None:
    assert shaped(("i", "image", {"path": "one"}), ("i", "image", {"path": "two"})) == {"i": "image:one"}


def test_a_kind_of_a_later_version_is_passed_over() -> None:
    assert shaped(("x", "hologram", {}), ("y", "scalar", 1)) == {"y": 1}
