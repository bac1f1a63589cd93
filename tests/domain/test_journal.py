"""The journal's wire format: whole lines count, torn and damaged ones do not."""

from __future__ import annotations

import json
import math
import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_aml.domain import journal
from desktop_aml.domain.journal import Captured, JournalBatch, decode, encode, encode_point, is_finite, is_plottable
from desktop_aml.domain.metrics import MetricSource


def line(entry: object) -> bytes:
    body = json.dumps(entry).encode()
    return b"%08x %s\n" % (zlib.crc32(body), body)


def point(name: str, value: object, number: int = 0, step: int | None = None) -> dict[str, object]:
    return {"n": number, "t": 1.5, "k": "m", "name": name, "v": value, "s": step}


def test_scalars_come_back_in_writing_order_with_step_and_time() -> None:
    batch = decode(line(point("loss", 0.5, step=3)) + line(point("loss", 0.25)))
    assert batch.points == [("loss", 3, 1.5, 0.5), ("loss", None, 1.5, 0.25)]


@pytest.mark.parametrize("value", [math.inf, -math.inf, 0, -1, 2**70, True, None, "text", "", 1e308])
def test_every_kind_of_scalar_comes_back_as_it_was(value: object) -> None:
    assert decode(line(point("x", value))).points[0][3] == value


def test_nan_is_kept() -> None:
    assert math.isnan(float(decode(line(point("x", math.nan))).points[0][3] or 0))


@settings(max_examples=25, deadline=None)
@given(
    name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    value=st.one_of(st.floats(), st.integers(), st.booleans(), st.none(), st.text(max_size=5)),
    at=st.floats(min_value=0, max_value=4e9),
    step=st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
)
def test_what_is_written_is_read_back_to_the_bit(name: str, value: object, at: float, step: int | None) -> None:
    entry = {"n": 3, "t": at, "k": "m", "name": name, "v": value, "s": step}
    is_point = isinstance(value, float) and isinstance(step, int)
    for written in (encode(entry), encode_point(3, at, name, value, step) if is_point else encode(entry)):
        assert written.count(b"\n") == 1
        assert repr(json.loads(written[9:])) == repr(entry)
        (found,) = decode(written).points
        assert repr((found[1], found[2], found[3])) == repr((step, at, value))


@given(st.integers(min_value=0, max_value=200))
def test_a_torn_tail_is_left_for_later(cut: int) -> None:
    whole, torn = line(point("a", 1)), line(point("b", 2))
    batch = decode(whole + torn[: min(cut, len(torn) - 1)])
    assert [entry[0] for entry in batch.points] == ["a"]
    assert batch.consumed == len(whole)
    assert batch.damaged == 0


@given(st.data())
def test_a_changed_byte_is_noticed(data: st.DataObject) -> None:
    good = line(point("a", 1.25))
    at = data.draw(st.integers(0, len(good) - 2))
    bad = bytearray(good)
    bad[at] ^= data.draw(st.integers(1, 255).filter(lambda bit: good[at] ^ bit != 10 and good[at] ^ bit != 13))
    batch = decode(bytes(bad) + good)
    # Hexadecimal digits read the same in both cases; every other change makes the line count as damaged.
    assert batch.points[-1] == ("a", None, 1.5, 1.25)
    assert batch.damaged == 1 or batch.points[0] == batch.points[1]


@given(st.binary(max_size=300))
def test_noise_never_raises(noise: bytes) -> None:
    assert decode(noise).consumed <= len(noise)


@pytest.mark.parametrize(
    "entry", [[], {}, {"k": "m"}, {"k": "m", "name": "x", "t": "now", "v": 1}, {"k": "tag", "v": 1}, 3, "x", None]
)
def test_a_line_that_is_not_a_record_is_counted_as_damaged(entry: object) -> None:
    assert decode(line(entry)).damaged == 1


def test_records_labels_and_names_are_kept_apart() -> None:
    batch = decode(
        b"".join(
            line({"n": 0, "t": 1, **entry})
            for entry in (
                {"k": "list", "name": "l", "v": [1, 2]},
                {"k": "tag", "key": "a", "v": "1"},
                {"k": "tag", "key": "b", "v": None},
                {"k": "untag", "key": "a"},
                {"k": "prop", "key": "p", "v": 7},
                {"k": "name", "v": "new name"},
                {"k": "fail", "message": "no data"},
                {"k": "file", "path": "x", "size": 1},
            )
        )
    )
    assert batch.records == [("l", "list", 1.0, [1, 2])]
    assert batch.tags == {"a": None, "b": ""}
    assert (batch.properties, batch.display_name, batch.failure) == ({"p": "7"}, "new name", "no data")
    assert not batch.is_empty()


def test_an_empty_stretch_is_empty() -> None:
    assert decode(b"").is_empty()
    assert decode(b"half a line").is_empty()


def test_a_lone_surrogate_does_not_reach_the_database() -> None:
    assert decode(line(point("\ud800x", 1))).points[0][0] == "\\ud800x"
    batch = decode(line({"k": "tag", "key": "\ud800", "v": "\udfff!"}) + line({"k": "name", "v": "\ud800n"}))
    assert (batch.tags, batch.display_name) == ({"\\ud800": "\\udfff!"}, "\\ud800n")


@pytest.mark.parametrize("time", ["NaN", "Infinity", "-1", "1e300", "1" + "0" * 400, "1" + "0" * 5000, '"x"', "null"])
def test_a_time_that_is_no_moment_counts_as_damaged(time: str) -> None:
    for kind in ('"k":"m","s":null', '"k":"list"'):
        body = f'{{"n":0,"t":{time},{kind},"name":"a","v":1}}'.encode()
        batch = decode(b"%08x %s\n" % (zlib.crc32(body), body) + line(point("b", 1)))
        assert (batch.damaged, len(batch.points), batch.records) == (1, 1, [])


def test_a_long_name_is_kept_whole() -> None:
    assert decode(line(point("n" * 5000, 1))).points[0][0] == "n" * 5000


def test_only_numbers_are_plotted() -> None:
    assert [is_plottable(value) for value in (1, 1.5, math.nan, True, "1", None)] == [True, True, True] + [False] * 3
    assert [is_finite(value) for value in (1, math.nan, math.inf, True, "1", 0, 10**400)] == [
        True,
        False,
        False,
        False,
        False,
        True,
        False,
    ]


def test_parameters_documents_and_the_experiment_of_a_run_are_taken():
    batch = decode(
        encode({"k": "param", "t": 1.0, "key": "C", "v": "1.5"})
        + encode({"k": "doc", "t": 1.0, "kind": "data set", "key": "rows", "v": {"rows": 3}})
        + encode({"k": "experiment", "t": 1.0, "v": "churn"})
    )
    assert (batch.parameters, batch.documents) == ({"C": "1.5"}, {("data set", "rows"): {"rows": 3}})
    assert (batch.experiment, batch.damaged) == ("churn", 0)


@pytest.mark.parametrize(
    ("entry", "tells"),
    [
        ({"k": "m", "name": "loss", "v": 1, "s": None}, False),
        ({"k": "tag", "key": "a", "v": "b"}, True),
        ({"k": "name", "v": "swift"}, True),
        ({"k": "experiment", "v": "churn"}, True),
        ({"k": "param", "key": "C", "v": "1"}, True),
        ({"k": "list", "name": "l", "v": [1]}, True),
    ],
)
def test_only_what_is_more_than_points_tells_of_the_run(entry, tells):
    batch = decode(encode({"n": 0, "t": 1.0, **entry}))
    assert batch.damaged == 0
    assert batch.tells_of_the_run() is tells


@pytest.mark.parametrize("body", [b"{", b"", b"1,2", b'{"k":"m"},{}', b"[" * 100_000, b"1" * 5000, b"\xff"])
def test_a_whole_line_that_is_no_json_costs_no_other(body: bytes) -> None:
    bad = b"%08x %s\n" % (zlib.crc32(body), body)
    batch = decode(line(point("a", 1)) + bad + line(point("b", 2)))
    assert [entry[0] for entry in batch.points] == ["a", "b"]
    assert batch.damaged == 1


def told(kind: str, /, **fields: object) -> dict[str, object]:
    return {"n": 0, "t": 1.5, "k": kind, **fields}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (told("row", name="scores", v={"a": 1}), {"records": [("scores", "row", 1.5, {"a": 1})]}),
        (told("tag", key="stage", v="test"), {"tags": {"stage": "test"}}),
        (told("tag", key="stage", v=None), {"tags": {"stage": ""}}),
        (told("untag", key="stage"), {"tags": {"stage": None}}),
        (told("prop", key="p", v=3), {"properties": {"p": "3"}}),
        (told("param", key="C", v=0.5), {"parameters": {"C": "0.5"}}),
        (told("doc", kind="model", key="m", v=[1]), {"documents": {("model", "m"): [1]}}),
        (
            told("cm", name="acc", by="captured", s=3, v=0.5),
            {"captured": Captured(points=[(MetricSource.CAPTURED, ("acc", 3, 1.5, 0.5))])},
        ),
        (
            told("cm", name="acc", by="log", s="x", v=1),
            {"captured": Captured(points=[(MetricSource.PRINTED, ("acc", None, 1.5, 1))])},
        ),
        (
            told("crec", name="roc", by="captured", kind="table", v=[2]),
            {"captured": Captured(records=[(MetricSource.CAPTURED, ("roc", "table", 1.5, [2]))])},
        ),
        (told("cparam", key="C", v=1), {"captured": Captured(parameters={"C": "1"})}),
        (told("experiment", v="iris"), {"experiment": "iris"}),
        (told("name", v="first"), {"display_name": "first"}),
    ],
)
def test_every_kind_of_record_is_taken_for_what_it_is(entry: dict[str, object], expected: dict[str, object]) -> None:
    written = line(entry)
    batch = decode(written)
    assert batch == JournalBatch(**{"consumed": len(written), **expected})  # type: ignore[arg-type]
    assert batch.tells_of_the_run()


@pytest.mark.parametrize(
    ("entry", "failure"),
    [(told("fail", message="no rows"), "no rows"), (told("fail", message=None), ""), (told("fail"), "")],
)
def test_a_failure_that_the_code_tells_is_no_news_of_the_run(entry: dict[str, object], failure: str) -> None:
    written = line(entry)
    assert decode(written) == JournalBatch(failure=failure, consumed=len(written))
    assert not decode(written).tells_of_the_run()


@pytest.mark.parametrize(
    "entry",
    [
        told("cm", name="acc", by="nobody", v=0.5),
        told("cm", name="acc", by="captured", v="high"),
        told("cm", name="acc", by="captured", v=True),
        told("crec", name="roc", by="nobody", kind="table", v=1),
        told("tag", v="no key"),
        {**told("param", key="C", v=1), "k": ["param"]},
        {**told("row", name="r", v=1), "t": 253_402_300_800.0},
        {**told("row", name="r", v=1), "t": -0.5},
        {**point("m", 1), "t": 253_402_300_800.0},
        {**point("m", 1), "t": -0.5},
        [1],
        None,
    ],
)
def test_what_makes_no_sense_is_damage_and_nothing_else(entry: object) -> None:
    written = line(entry)
    assert decode(written) == JournalBatch(damaged=1, consumed=len(written))


@pytest.mark.parametrize("at", [0.0, 253_402_300_799.0])
def test_the_first_and_last_moment_that_count(at: float) -> None:
    assert decode(line({**point("m", 1), "t": at})).points == [("m", None, at, 1)]
    assert decode(line({**told("row", name="r", v=1), "t": at})).records == [("r", "row", at, 1)]


@pytest.mark.parametrize("entry", [told("crec", name="roc", by="captured", kind="song", v=1), told("unheard", v=1)])
def test_kinds_of_a_newer_program_are_passed_over(entry: dict[str, object]) -> None:
    written = line(entry)
    assert decode(written) == JournalBatch(consumed=len(written))


def _odd_entry(pick: random.Random) -> bytes:
    entry = {
        "t": pick.choice([1.5, 1.7e9, 5, "3.5", -1, 1e20, None, math.nan]),
        "k": pick.choice([*["m"] * 9, "tag", "untag", "param", "doc", "cm", "row", "name", "fail", "zz", None, ["m"]]),
        "name": pick.choice(["a", "b", "é\ud800", 5, None]),
        "v": pick.choice([1, 0.5, math.nan, math.inf, 10**40, 2**63, True, None, "x", [1], {"a": 1}, -0.0, 1e-320]),
        "s": pick.choice([None, 1, 2.5, True, 10**30, "x"]),
        "key": "q", "kind": pick.choice(["row", "x"]), "by": pick.choice(["captured", "zz"]),
    }  # fmt: skip
    kept = {key: value for key, value in entry.items() if pick.random() > 0.04}
    odd = (b"[1]", b"1,2", b'{"k":"m"', b'"t":1.5}', b'{"k":"m","name":"a","t":1.5,"v":1E400}', b"\xff", b"null", b"")
    return pick.choice(odd) if pick.random() < 0.02 else json.dumps(kept).encode()


def test_records_say_the_same_whichever_reader_takes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    pick = random.Random(7)
    stretches = []
    for _ in range(400):
        bodies = [_odd_entry(pick) for _ in range(pick.randrange(8))]
        stretches.append(b"".join(b"%08x %s\n" % (zlib.crc32(body), body) for body in bodies))
    quickly = [repr(decode(data)) for data in stretches]

    def refuse(data: bytes) -> list[object]:
        raise ValueError

    monkeypatch.setattr(journal, "_reader", lambda: refuse)
    assert [repr(decode(data)) for data in stretches] == quickly
    one_by_one = [
        [repr(point) for line in data.splitlines(True) for point in decode(line).points] for data in stretches
    ]
    assert [[repr(point) for point in decode(data).points] for data in stretches] == one_by_one
