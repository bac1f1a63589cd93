"""Mapped files of numbers are followed as they are written; gaps that a power cut left cost what is in them alone."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

import pytest

from desktop_aml.run_folder.journals import slot_files
from desktop_aml.run_folder.journals.slot_files import SlotFiles

SALT = 77


def slot(body: bytes, place: int) -> bytes:
    return body.ljust(28, b"\0") + struct.pack("<I", SALT + place * 32)


def head() -> bytes:
    return slot(b"DAML scalars 1".ljust(27, b"\0") + b"H", 0)


def number(value: float, place: int) -> bytes:
    return slot(struct.pack("<ddqHBB", 1.5, value, 0, 0, 0, ord("f")), place)


def file_of(count: int) -> bytes:
    name = slot(struct.pack("<dqqHBB", 1.5, 3, 0xF60EF986, 0, 0, ord("N")), 1) + slot(b'"x"'.ljust(27, b"\0") + b"C", 2)
    return head() + name + b"".join(number(float(one), 3 + one) for one in range(count))


def values(path: Path, start: int = 0) -> tuple[list[object], int]:
    batches = list(slot_files.tail(path, start))
    return [point[3] for batch in batches for point in batch.points], sum(batch.damaged for batch in batches)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "1-a.scalars"


def test_reading_goes_on_anywhere_with_the_names_that_were_written_before(path: Path) -> None:
    path.write_bytes(file_of(10) + bytes(4096))
    assert values(path) == ([float(one) for one in range(10)], 0)
    assert values(path, (3 + 6) * 32) == ([6.0, 7.0, 8.0, 9.0], 0)


def test_what_comes_later_is_seen_though_the_size_is_the_same(path: Path) -> None:
    path.write_bytes(file_of(1) + bytes(320))
    files, start, found = SlotFiles(), 0, list[object]()
    with path.open("r+b") as writer, path.open("rb") as stream:
        for one in range(1, 5):
            while (batch := files.next("key", stream, start)) is not None:
                start += batch.consumed
                found += [point[3] for point in batch.points]
            writer.seek((3 + one) * 32)
            writer.write(number(float(one), 3 + one))
            writer.flush()
    assert found == [0.0, 1.0, 2.0, 3.0]


def test_what_is_copied_while_it_is_being_written_is_copied_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_bytes(file_of(2) + bytes(64))
    real, torn = slot_files._read, [True]

    def read(stream: BinaryIO, start: int, size: int) -> bytes:
        data = real(stream, start, size)
        if len(data) < 5 * 32 or not torn:
            return data
        torn.clear()  # the mark of the second number was there when the copy came to it, and nothing else yet
        return data[: 4 * 32] + bytes(27) + b"f" + data[5 * 32 - 4 :]

    monkeypatch.setattr(slot_files, "_read", read)
    assert values(path, 0) == ([0.0, 1.0], 0)
    assert not torn


def test_a_file_that_is_just_being_made_is_left_for_later(path: Path) -> None:
    for data in (b"", bytes(4096), head()[:27] + bytes(4096)):
        path.write_bytes(data)
        assert values(path) == ([], 0)


@pytest.mark.parametrize("gap", [1, 128, 200_000])
def test_what_lies_beyond_a_gap_is_kept_and_the_gap_is_counted(path: Path, gap: int) -> None:
    path.write_bytes(file_of(3))
    with path.open("r+b") as stream:
        stream.seek((6 + gap) * 32)
        stream.write(number(5.0, 6 + gap) + number(6.0, 7 + gap) + bytes(64))
    assert values(path) == ([0.0, 1.0, 2.0, 5.0, 6.0], gap)
    assert values(path, (7 + gap) * 32) == ([6.0], 0)


def test_what_is_no_file_of_ours_is_counted_once(path: Path) -> None:
    path.write_bytes(b"rubbish " * 1000)
    assert values(path) == ([], 1)


def test_a_file_of_terabytes_without_content_takes_no_time(path: Path) -> None:
    path.write_bytes(file_of(3))
    with path.open("r+b") as stream:
        stream.truncate(1 << 43)
    assert values(path) == ([0.0, 1.0, 2.0], 0)
