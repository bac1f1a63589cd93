"""Searches as a person writes them, and what cannot be read is said with its column."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_aml.domain.filters import moments
from desktop_aml.domain.filters.clauses import Clause, InvalidFilter, parsed
from desktop_aml.domain.filters.finding import read, read_order
from desktop_aml.domain.filters.keys import written_key
from desktop_aml.domain.filters.nodes import (
    AllOf,
    AnyOf,
    Comparison,
    KeyOrdering,
    Loose,
    Not,
    Source,
    Span,
    Words,
    Written,
    asks_texts,
    own_keys,
    stray_words,
)

NOW = datetime.fromisoformat("2026-11-29 13:30").timestamp()


def compared(text: str) -> tuple[object, ...]:
    found = read(text, NOW)
    assert isinstance(found, Comparison)
    return found.source, found.key, found.op, found.values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("kernel = rbf", (Source.ANY, "kernel", "=", (Loose("rbf"),))),
        ("kernel='RBF'", (Source.ANY, "kernel", "=", ("RBF",))),
        ("loss<1.1", (Source.ANY, "loss", "<", (1.1,))),
        ("`learning rate` >= 1e-3", (Source.ANY, "learning rate", ">=", (1e-3,))),
        ("C between 1 and 10", (Source.ANY, "C", "BETWEEN", (1.0, 10.0))),
        ("C in (1, ten, 'x y')", (Source.ANY, "C", "IN", (1.0, Loose("ten"), "x y"))),
        ("best.val/loss < inf", (Source.BEST, "val/loss", "<", (float("inf"),))),
        ("min.`a b` > 0", (Source.LEAST, "a b", ">", (0.0,))),
        ("args.lr != 3", (Source.ARGUMENT, "lr", "!=", (3.0,))),
        ("tags.fold > 3", (Source.TAG, "fold", ">", (3.0,))),
        ("params.C ~ 1e", (Source.PARAMETER, "C", "~", (Loose("1e"),))),
        ("Name ~ otter", (Source.OWN, "name", "~", (Loose("otter"),))),
        ("notes LIKE '%later%'", (Source.OWN, "notes", "LIKE", ("%later%",))),
        ("duration > 1h30m", (Source.OWN, "duration", ">", (5400.0,))),
        ("duration <= 90", (Source.OWN, "duration", "<=", (90.0,))),
        ("created > 2d ago", (Source.OWN, "created", ">", (Span(NOW - 172800, NOW - 172800),))),
        ("status = failed", (Source.OWN, "status", "=", (Loose("Failed"),))),
        ("state in (failed, FINISHED)", (Source.OWN, "status", "IN", (Loose("Failed"), Loose("Finished")))),
        ("state = 'Failed'", (Source.OWN, "state", "=", ("Failed",))),
        ("failed", (Source.OWN, "status", "=", (Loose("Failed"),))),
        ("cancelled", (Source.OWN, "status", "=", (Loose("Canceled"),))),
        ("running = 3", (Source.ANY, "running", "=", (3.0,))),
        ("duration > 5 min", (Source.OWN, "duration", ">", (300.0,))),
        ("duration between 1 hour 30 minutes and 2:00:00", (Source.OWN, "duration", "BETWEEN", (5400.0, 7200.0))),
        ("duration > 0:41", (Source.OWN, "duration", ">", (41.0,))),
        ("created > 7 days ago", (Source.OWN, "created", ">", (Span(NOW - 604800, NOW - 604800),))),
        ("created since an hour ago", (Source.OWN, "created", ">=", (Span(NOW - 3600, NOW - 3600),))),
        ("created > today", (Source.OWN, "created", ">=", (moments.span("today", NOW),))),
        ("created today", (Source.OWN, "created", "=", (moments.span("today", NOW),))),
        ("ended after yesterday", (Source.OWN, "ended", ">", (moments.span("yesterday", NOW),))),
        ("started before last week", (Source.OWN, "started", "<", (moments.span("last week", NOW),))),
        ("name contains otter", (Source.OWN, "name", "~", (Loose("otter"),))),
        ("script like fit%", (Source.OWN, "script", "LIKE", (Loose("fit%"),))),
        ("loss ≥ 1", (Source.ANY, "loss", ">=", (1.0,))),
        ("loss =< 1", (Source.ANY, "loss", "<=", (1.0,))),
    ],
)
def test_a_comparison_is_read(text: str, expected: tuple[object, ...]) -> None:
    assert compared(text) == expected


def test_or_binds_less_than_and_not_most_and_words_stand_beside_comparisons() -> None:
    found = read("a or b c AND not (d OR e=1)", NOW)
    inner = AnyOf((Words("d"), Comparison(Source.ANY, "e", "=", (1.0,), 24, 1)))
    assert found == AnyOf((Words("a"), AllOf((Words("b"), Words("c"), Not(inner)))))


def test_not_and_or_are_also_written_as_programmers_write_them() -> None:
    for text in ("!a && b || !(c)", "not a & b | ! (c)"):
        assert read(text, NOW) == AnyOf((AllOf((Not(Words("a")), Words("b"))), Not(Words("c"))))
    assert read("R&D", NOW) == Words("R&D")


def test_a_key_is_written_as_a_search_takes_it() -> None:
    for name in ("loss", "val/loss", "Accuracy (%)", "val loss"):
        assert compared(f"{written_key('min', name)} > 1") == (Source.LEAST, name, ">", (1.0,))


def test_words_that_may_be_of_a_name_or_a_value_are_known() -> None:
    assert stray_words(read("val loss < 1 or not 'a b' x", NOW)) == ("val", "x")
    assert stray_words(read("val", NOW)) == stray_words(read("val < 1", NOW)) == stray_words(None) == ()


@pytest.mark.parametrize(
    "text", ["metrics.loss < 0.5 and params.kernel = 'rbf'", "status = 'FAILED'", "tags.a IS NULL", "created > 5"]
)
def test_what_mlflow_takes_is_read_as_mlflow_reads_it(text: str) -> None:
    assert read(text, NOW) == AllOf(parsed(text, typed=True))


def test_a_metric_with_its_prefix_is_mlflows_latest_also_beside_or() -> None:
    found = read("metrics.a > 1 or metrics.b between 2 and 3", NOW)
    both = AllOf((Clause("metric", "b", ">=", 2.0, 18), Clause("metric", "b", "<=", 3.0, 18)))
    assert found == AnyOf((AllOf((Clause("metric", "a", ">", 1.0, 1),)), both))


@pytest.mark.parametrize(
    ("text", "phrase"),
    [("rbf", "rbf"), ("'swift otter'", "swift otter"), ("don't", "don't"), ("train.py", "train.py"), ("50%", "50%")],
)
def test_what_is_no_comparison_is_words(text: str, phrase: str) -> None:
    assert read(text, NOW) == Words(phrase)


@pytest.mark.parametrize("text", ["run in docker", "nothing like it", "what is it", "in between"])
def test_words_of_the_language_alone_are_words(text: str) -> None:
    assert read(text, NOW) == AllOf(tuple(map(Words, text.split())))


@pytest.mark.parametrize(
    ("text", "column", "length"),
    [
        ("loss <", 7, 1),
        ("(a or b", 1, 1),
        ("a)", 2, 1),
        ("= 3", 1, 1),
        ("a and", 6, 1),
        ("'abc", 1, 4),
        ("loss < 1 or metrics.acc > x", 27, 1),
        ("duration > soon", 12, 4),
        ("created < someday or x", 11, 7),
        ("name > 3", 1, 4),
        ("run.colour = red", 1, 10),
        ("metrics.loss ~ 3", 1, 12),
        ("min. < 3", 1, 4),
        ("C in (1 2)", 9, 1),
        ("C between 1 and", 16, 1),
        ("(" * 60, 51, 1),
        ("a " * 500, 801, 1),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(text: str, column: int, length: int) -> None:
    with pytest.raises(InvalidFilter) as caught:
        read(text, NOW)
    assert (caught.value.column, caught.value.length) == (column, length)


@given(st.text("ab .,'\"`()=<>!~\\%\n1é😀", max_size=30))
def test_any_text_is_read_or_refused_within_itself(text: str) -> None:
    column = 1
    try:
        read(text, NOW)
    except InvalidFilter as error:
        column = error.column
    assert 1 <= column <= len(text) + 1


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("2026-11-28", "2026-11-28 00:00:00", "2026-11-29 00:00:00"),
        ("2026-11-28 9:30", "2026-11-28 09:30:00", "2026-11-28 09:31:00"),
        ("2026-11-28T09:30:05", "2026-11-28 09:30:05", "2026-11-28 09:30:06"),
        ("Today", "2026-11-29 00:00:00", "2026-11-30 00:00:00"),
        ("yesterday", "2026-11-28 00:00:00", "2026-11-29 00:00:00"),
        ("now", "2026-11-29 13:30:00", "2026-11-29 13:30:00"),
        ("this week", "2026-11-23 00:00:00", "2026-11-30 00:00:00"),
        ("last week", "2026-11-16 00:00:00", "2026-11-23 00:00:00"),
        ("last month", "2026-10-01 00:00:00", "2026-11-01 00:00:00"),
        ("this year", "2026-01-01 00:00:00", "2027-01-01 00:00:00"),
        ("2024-02", "2024-02-01 00:00:00", "2024-03-01 00:00:00"),
    ],
)
def test_a_time_is_as_wide_as_it_was_written(text: str, begin: str, end: str) -> None:
    wide = Span(*(datetime.fromisoformat(one).timestamp() for one in (begin, end)))
    assert moments.span(text, NOW) == wide


@pytest.mark.parametrize(
    "text", ["2026-13-01", "2026-02-30", "28.11.2026", "ago", "2x ago", "9999-12-31", "2026-13", "this", ""]
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert moments.span(text, NOW) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("args.lr is not null", (Source.ARGUMENT, "lr", "IS NOT NULL", ())),
        ("metrics.loss is not null", (Source.LAST, "loss", "IS NOT NULL", ())),
        ("name is not null", (Source.OWN, "name", "IS NOT NULL", ())),
    ],
)
def test_that_something_is_there_is_asked(text: str, expected: tuple[object, ...]) -> None:
    assert compared(text) == expected
    there = read(text, NOW)
    missing = read(text.replace("is not null", "is null") + " or x", NOW)
    assert isinstance(missing, AnyOf)
    assert isinstance(missing.parts[0], Not)
    assert isinstance(there, Comparison)


def test_data_sets_and_times_in_milliseconds_are_mlflows_also_beside_or() -> None:
    found = read("datasets.name IN ('a', 'b') or x", NOW)
    assert isinstance(found, AnyOf)
    assert found.parts[0] == Clause("dataset", "name", "IN", ("a", "b"), 1)
    single = read("datasets.digest = 'a' or start_time > 1700000000000", NOW)
    assert single == AnyOf(
        (Clause("dataset", "digest", "=", "a", 1), Clause("attribute", "start_time", ">", 1700000000000.0, 26))
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("args.'l r' or x", "a comparison should stand"),
        ("datasets.name > 3 or x", "Data sets are compared with"),
        ("datasets.size = 3 or x", "searched by name, digest and context"),
        ("C between 1 2 and 3 or x", "Between two values AND stands"),
        ("duration ~ 3 or x", "so ~ does not compare it"),
    ],
)
def test_what_cannot_be_compared_is_told_in_words(text: str, words: str) -> None:
    with pytest.raises(InvalidFilter, match=words):
        read(text, NOW)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("duration > soon", "Such as: 90 (seconds), 5m, 1h30m, 2d"),
        ("created > 7d", "Write: 7d ago"),
        ("created > 7 days", "Write: 7 days ago"),
        ("state = complted", "Did you mean Completed?"),
        ("status in (done, failed)", "There is: Queued,"),
        ("0.9 < accuracy", "Such as: loss > 0.9"),
        ("C = 0,1", "A number has a point: 0.1"),
        ("kernel in [rbf, poly]", "in parentheses: C IN (1, 10)"),
        ("tag:x", "Write: tag.x IS NOT NULL, or tag.x = …"),
        ("is:starred", "Write: starred"),
        ("state:failed", "Write: state = failed"),
        ("name:otter", "Write: name ~ otter"),
        ("metrics.m > high", "Such as: 1.1, 1e-3, inf"),
        ("starred = perhaps", "neither true nor false"),
    ],
)
def test_what_is_no_value_comes_with_some_that_are(text: str, hint: str) -> None:
    with pytest.raises(InvalidFilter) as caught:
        read(text, NOW)
    assert hint in f"{caught.value} {caught.value.hint}"


def test_both_ends_of_a_time_may_be_two_words() -> None:
    found = read("created between 2d ago and 1d ago", NOW)
    assert isinstance(found, Comparison)
    assert found.values == (moments.span("2d ago", NOW), moments.span("1d ago", NOW))


def test_words_are_looked_for_in_logs_and_source_by_contains_alone() -> None:
    assert read('log ~ "out of memory"', 0) == Written(("log",), "out of memory")
    assert read("Source ~ fit or not text ~ rbf", 0) == AnyOf(
        (Written(("source",), "fit"), Not(Written(("log", "source"), "rbf", anywhere=True)))
    )
    found = read("source = web and log < 3", 0)
    assert isinstance(found, AllOf)
    assert [(one.source, one.key) for one in found.parts] == [(Source.ANY, "source"), (Source.ANY, "log")]  # type: ignore[union-attr]
    assert asks_texts(read("a = 1 and (b = 2 or not log ~ x)", 0))
    assert not asks_texts(read("name ~ log or log = 3", 0))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("best.loss DESC", (Source.BEST, "loss", True)),
        ('best."val loss"', (Source.BEST, "val loss", False)),
        ("script desc", (Source.OWN, "script", True)),
        ("duration", (Source.OWN, "duration", False)),
        ("C asc", (Source.ANY, "C", False)),
        ("args.--C", (Source.ARGUMENT, "--C", False)),
    ],
)
def test_runs_are_ordered_by_whatever_they_are_searched_by(text: str, expected: tuple[Source, str, bool]) -> None:
    found = read_order(text)
    assert isinstance(found, KeyOrdering)
    assert (found.source, found.key, found.descending) == expected


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("< 3", 1, "begins with a key"),
        ("C DESC please", 8, "nothing else"),
        ("C upwards", 3, "nothing else"),
        ("dataset.name", 1, "by data sets"),
        ("", 1, "ends where a key"),
    ],
)
def test_what_is_no_order_is_said_with_its_column(text: str, column: int, words: str) -> None:
    with pytest.raises(InvalidFilter, match=words) as caught:
        read_order(text)
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("archived < 3", "is archived or it is not"),
        ("archived = perhaps", "neither true nor false"),
        ("name < 3", "a text, which <"),
        ("duration ~ 3", "no text, so ~"),
        ("number > many", "is no number"),
        ("duration > long", "is no duration"),
        ("dataset.name < a", "compared with =, !=, LIKE"),
        ("metrics.loss ~ a", "compared as a number"),
        ("best. < 3", "a name should stand"),
        ("run.colour = red", "has no “colour”"),
        ("C in (1 2)", "parted by commas"),
        ("C =", "ends where a value"),
        ("C = <", "a value is missing"),
        (" ".join(["a"] * 401), "too long"),
        ("(" * 51 + "a", "too many parentheses"),
        ("a )", "closes nothing"),
        ("( a", "is not closed"),
        ('best."val loss"', "a comparison should stand"),
    ],
)
def test_each_slip_has_words_of_its_own(text: str, words: str) -> None:
    with pytest.raises(InvalidFilter) as caught:
        read(text, NOW)
    assert words in caught.value.message
    assert 1 <= caught.value.column <= len(text) + 1


def test_what_every_run_has_is_found_wherever_it_is_compared() -> None:
    assert own_keys(read("not archived or (starred and C = 1 or name ~ a) words", NOW)) == {
        "archived",
        "starred",
        "name",
    }
    assert own_keys(None) == own_keys(read("C = 1", NOW)) == own_keys(read("words", NOW)) == frozenset()


@pytest.mark.parametrize(
    "same",
    [
        ("metric", "metrics"),
        ("param", "params", "parameter", "parameters"),
        ("arg", "args", "argument", "arguments"),
        ("tag", "tags"),
        ("attr", "attribute", "attributes", "run"),
        ("dataset", "datasets"),
    ],
)
def test_every_word_before_the_dot_means_the_same_in_singular_plural_and_short(same: tuple[str, ...]) -> None:
    value = "1" if same[0] == "metric" else "'x'"
    found = [read(f"{word}.name = {value}", NOW) for word in same]
    # And something else than text that is looked for.
    assert not any(isinstance(one, Words) for one in found)
    assert len({re.sub(r"(column|length)=\d+", "", repr(one)) for one in found}) == 1
