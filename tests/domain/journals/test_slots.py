"""Slots of numbers as they are read: exact, in order, and whatever is wrong with one costs no other."""

from __future__ import annotations

import json
import math
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_aml.domain.journal import JournalBatch
from desktop_aml.domain.journals.slots import read_slots, salt_of, written

SALT = 0x1234567
NAMES = {0: "loss", 1: "accuracy"}


def marked(body: bytes, place: int) -> bytes:
    return body + struct.pack("<I", (SALT + place * 32) & 0xFFFFFFFF)


def number(value: float, step: int | None = None, name: int = 0, at: float = 1.5) -> bytes:
    form, kinds = ("<ddqHBB", b"fF") if isinstance(value, float) else ("<dqqHBB", b"iI")
    return struct.pack(form, at, value, step or 0, name, 0, kinds[step is not None])


def text(kind: bytes, words: bytes, name: int = 0, checksum: int | None = None) -> list[bytes]:
    total = zlib.crc32(words) if checksum is None else checksum
    parts = [words[at : at + 27].ljust(27, b"\0") + b"C" for at in range(0, len(words), 27)]
    return [struct.pack("<dqqHBB", 1.5, len(words), total, name, 0, kind[0]), *parts]


def read(*bodies: bytes | None, names: dict[int, str] | None = None) -> JournalBatch:
    data = b"".join(marked(body, place) if body else bytes(32) for place, body in enumerate(bodies))
    return read_slots(data, 0, SALT, dict(NAMES) if names is None else names)


@pytest.mark.parametrize("value", [0.5, -0.0, math.inf, -math.inf, 5e-324, 0, -1, 2**63 - 1, -(2**63)])
@pytest.mark.parametrize("step", [None, 0, -(2**63), 7])
def test_numbers_come_back_as_they_were(value: float, step: int | None) -> None:
    (found,) = read(number(value, step)).points
    assert (found[:3], repr(found[3])) == (("loss", step, 1.5), repr(value))


def test_numbers_of_all_kinds_follow_one_another() -> None:
    batch = read(number(0.5), number(3, 1), number(math.nan, 2), number(4, name=1))
    assert repr(list(batch.points)) == repr(
        [("loss", None, 1.5, 0.5), ("loss", 1, 1.5, 3), ("loss", 2, 1.5, math.nan), ("accuracy", None, 1.5, 4)]
    )
    assert (batch.consumed, batch.damaged) == (4 * 32, 0)


def test_names_and_what_is_no_number_stand_between_them() -> None:
    entry = json.dumps({"t": 2.5, "k": "m", "name": "words", "v": "x" * 100, "s": 9}).encode()
    names: dict[int, str] = {}
    batch = read(
        *text(b"N", b'"a name of more than one slot"', 5), number(1.0, name=5), *text(b"T", entry), names=names
    )
    assert list(batch.points) == [("a name of more than one slot", None, 1.5, 1.0), ("words", 9, 2.5, "x" * 100)]
    assert names == {5: "a name of more than one slot"}


def test_nothing_is_taken_beyond_a_slot_that_is_not_written() -> None:
    batch = read(number(1.0), None, number(2.0))
    assert ([point[3] for point in batch.points], batch.consumed, batch.damaged) == ([1.0], 32, 0)


@pytest.mark.parametrize("there", [1, 2])
def test_a_text_waits_for_its_rest(there: int) -> None:
    slots = text(b"N", b'"' + b"x" * 60 + b'"', 2)
    batch = read(number(1.0), *slots[:there])
    assert (batch.consumed, batch.damaged) == (32, 0)
    assert read(number(1.0), *slots).consumed == (1 + len(slots)) * 32


@pytest.mark.parametrize(
    "wrong",
    [
        [number(2.0, name=9)],
        [number(2.0, at=-1.0)],
        [number(2.0, at=math.nan)],
        [number(2.0, at=1e300)],
        [b"?" * 28],
        [text(b"N", b'"x"', 3, checksum=1)[0], text(b"N", b'"x"')[1]],
        [text(b"N", b"no json", 3)[0], text(b"N", b"no json", 3)[1]],
        [text(b"N", b'"' + b"x" * 60 + b'"', 3)[0]],
        [struct.pack("<dqqHBB", 1.5, 1 << 60, 0, 0, 0, ord("N"))],
    ],
)
def test_what_is_wrong_is_counted_and_costs_no_other(wrong: list[bytes]) -> None:
    batch = read(number(1.0), *wrong, number(3.0))
    assert ([point[3] for point in batch.points], batch.damaged) == ([1.0, 3.0], 1)
    assert batch.consumed == (2 + len(wrong)) * 32


def test_a_slot_of_another_place_is_damaged() -> None:
    data = marked(number(1.0), 0) + marked(number(2.0), 7) + marked(number(3.0), 2)
    batch = read_slots(data, 0, SALT, dict(NAMES))
    assert ([point[3] for point in batch.points], batch.damaged) == ([1.0, 3.0], 1)
    assert written(data, 0, SALT) == [True, False, True]


def test_marks_go_round_where_a_file_is_greater_than_they_are() -> None:
    start = 1 << 37
    data = number(1.0) + struct.pack("<I", (SALT + start) & 0xFFFFFFFF)
    assert [point[3] for point in read_slots(data, start, SALT, dict(NAMES)).points] == [1.0]


@given(st.lists(st.tuples(st.binary(min_size=27, max_size=27), st.sampled_from(b"fFiINTCH?\0")), max_size=30))
def test_whatever_a_script_puts_into_slots_raises_nothing(bodies: list[tuple[bytes, int]]) -> None:
    batch = read(*(body + bytes([kind]) for body, kind in bodies))
    assert batch.consumed <= 32 * len(bodies)
    assert len(batch.points) + batch.damaged <= len(bodies)


@given(st.binary(max_size=200))
def test_noise_raises_nothing(noise: bytes) -> None:
    assert read_slots(noise, 0, SALT, {}).consumed <= len(noise)
    assert salt_of(noise) is None
