"""MLflow's filters mean here what they mean there, and what cannot be read is said with its column."""

from __future__ import annotations

import pytest

from desktop_aml.domain.filters import like, matches
from desktop_aml.domain.filters.clauses import InvalidFilter, parsed, parsed_order


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metrics.loss < 0.5", ("metric", "loss", "<", 0.5)),
        ("metric.`a b/c` >= -1e-3", ("metric", "a b/c", ">=", -1e-3)),
        ("params.\"my key\" = '1'", ("param", "my key", "=", "1")),
        ('parameters.C != "x y"', ("param", "C", "!=", "x y")),
        ("tags.mlflow.user ILIKE '%ann%'", ("tag", "mlflow.user", "ILIKE", "%ann%")),
        ("tag.t IS NOT NULL", ("tag", "t", "IS NOT NULL", None)),
        ("params.p is null", ("param", "p", "IS NULL", None)),
        ("status = 'FINISHED'", ("attribute", "status", "=", "FINISHED")),
        ("attributes.created > 5", ("attribute", "start_time", ">", 5.0)),
        ("`run name` like 'a%'", ("attribute", "run_name", "LIKE", "a%")),
        ("run.run_id NOT IN ('a', \"b\")", ("attribute", "run_id", "NOT IN", ("a", "b"))),
        ("datasets.context IN ('train')", ("dataset", "context", "IN", ("train",))),
        ("metrics.m == 1", ("metric", "m", "=", 1.0)),
    ],
)
def test_a_clause_is_read(text: str, expected: tuple[object, ...]) -> None:
    (clause,) = parsed(text)
    assert (clause.entity, clause.key, clause.op, clause.value) == expected


def test_clauses_are_joined_by_and_in_any_letters() -> None:
    assert [one.key for one in parsed("metrics.a > 1 AND params.b = 'and' and tags.c = 'x'")] == ["a", "b", "c"]
    assert parsed("") == parsed("  ") == ()


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("metrics.a > 'x'", 13),
        ("metrics.a LIKE 'x'", 1),
        ("params.a = 1", 12),
        ("params.a > '1'", 1),
        ("metrics.a > 1 OR metrics.b > 1", 15),
        ("metrics.a > 1 AND", 18),
        ("metrics.a >", 12),
        ("nothing = 'x'", 1),
        ("attributes.duration > 1", 1),
        ("run_name IN ('a')", 1),
        ("datasets.size = 'x'", 1),
        ("(metrics.a > 1)", 1),
        ("run_id IN ()", 12),
        ("run_id IN ('a' 'b')", 16),
        ("metrics.a ~ 1", 11),
        ("datasets.name > 'x'", 1),
        ("tags.a = 'x", 10),
        ("params.a = ''; drop table run", 14),
    ],
)
def test_what_is_no_filter_is_told_with_its_column(text: str, column: int) -> None:
    with pytest.raises(InvalidFilter, match=rf"\(column {column}\)"):
        parsed(text)


def test_in_the_terminal_parameters_compare_as_numbers() -> None:
    (clause,) = parsed("params.C > 0.5", typed=True)
    assert clause.value == 0.5
    assert parsed("params.C = 'x'", typed=True)[0].value == "x"
    with pytest.raises(InvalidFilter):
        parsed("params.C > 'x'", typed=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metrics.loss DESC", ("metric", "loss", True)),
        ("params.`a b`", ("param", "a b", False)),
        ("start_time asc", ("attribute", "start_time", False)),
    ],
)
def test_an_order_is_read(text: str, expected: tuple[object, ...]) -> None:
    found = parsed_order(text)
    assert (found.entity, found.key, found.descending) == expected


@pytest.mark.parametrize("text", ["", "metrics.a UP", "metrics.a DESC x", "datasets.name", "metrics.a, metrics.b"])
def test_what_is_no_order_is_refused(text: str) -> None:
    with pytest.raises(InvalidFilter):
        parsed_order(text)


def test_like_tells_capitals_apart_and_ilike_does_not() -> None:
    assert like("a%_c", "a12xc", ignore_case=False)
    assert not like("A%", "abc", ignore_case=False)
    assert like("A%", "abc", ignore_case=True)
    assert not like("a.c", "abc", ignore_case=False)


def test_a_missing_value_meets_nothing_but_is_null() -> None:
    values = {("tag", "a"): "x"}
    assert matches(parsed("tags.a = 'x' and tags.b IS NULL"), values.get)
    assert not matches(parsed("tags.b != 'x'"), values.get)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("run_id IN ('a', 'b')", "a", True),
        ("run_id NOT IN ('a', 'b')", "a", False),
        ("tags.t LIKE 'A%'", "ab", False),
        ("tags.t ILIKE 'A%'", "ab", True),
        ("metrics.m > 1", 1.0, False),
        ("metrics.m >= 1", 1.0, True),
        ("metrics.m < 1", 1.0, False),
        ("metrics.m <= 1", 1.0, True),
        ("tags.t IS NULL", None, True),
        ("tags.t = 'a'", None, False),
        ("tags.t = 'a'", "a", True),
        ("tags.t = 'a'", "b", False),
        ("tags.t != 'a'", "a", False),
        ("tags.t != 'a'", "b", True),
        ("metrics.m != 1", 1.0, False),
        ("metrics.m != 1", 0.5, True),
    ],
)
def test_a_clause_is_met_by_the_values_that_it_means(text: str, value: object, expected: bool) -> None:
    assert matches(parsed(text), lambda key: value) is expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("metrics.= 1", "After the dot the name stands"),
        ("tags.t IS 'a'", "Comparisons are"),
        ("tags.t contains 'a'", "Comparisons are"),
        ("run_id IN 'a'", "A list stands in parentheses"),
    ],
)
def test_what_cannot_be_read_is_told_in_words(text: str, words: str) -> None:
    with pytest.raises(InvalidFilter, match=words):
        parsed(text)


def test_what_a_thing_does_not_have_is_not_searched_by() -> None:
    with pytest.raises(InvalidFilter, match="A model version has no metrics to search by"):
        parsed("metrics.loss < 1", "model version")


def test_logged_models_are_found_among_a_list() -> None:
    assert parsed("model_id IN ('a', 'b')", "logged model")[0].value == ("a", "b")
