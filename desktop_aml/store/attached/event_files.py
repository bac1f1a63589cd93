"""Event files of TensorBoard, read without TensorFlow: records with lengths, in them messages of protocol buffers.

Only scalars are read. A file may be a stranger's, or being written: a length is believed when its checksum fits, what
is large is passed over unread, and reading ends where something makes no sense.
"""

from __future__ import annotations

import hashlib
import math
import os
import struct
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final

from desktop_aml.domain.errors import StorageError
from desktop_aml.domain.metrics import Point
from desktop_aml.domain.runs import RunState
from desktop_aml.store.attached.values import MOST_RUNS, Kind, SourceRun, clipped
from desktop_aml.system.files import open_regular

_MARK: Final = "tfevents"
_LARGEST_RECORD: Final = 1 << 20
_MOST_FOLDERS, _DEEPEST, _MOST_METRICS = 100_000, 16, 100_000
_POLYNOMIAL: Final = 0x82F63B78
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_WALL_TIME, _STEP, _SUMMARY = 1, 2, 5
_VALUE, _TAG, _SIMPLE, _TENSOR = 1, 1, 2, 8
_DTYPE, _CONTENT, _FLOATS, _DOUBLES = 1, 4, 5, 6
_NUMBERS: Final = {1: struct.Struct("<f"), 2: struct.Struct("<d")}
_LONGEST_VARINT: Final = 70


def _is_one(path: Path) -> bool:
    return path.is_dir() and next(_places(path), None) is not None


def _places(root: Path) -> Iterator[tuple[Path, list[Path]]]:
    """Return the folders with event files below a folder, links left out, each with its files in the order of names."""
    waiting, looked_at = [(root, 0)], 0
    while waiting and looked_at < _MOST_FOLDERS:
        place, depth = waiting.pop()
        looked_at += 1
        try:
            with os.scandir(place) as entries:
                found = sorted(entries, key=lambda one: one.name)
        except OSError:
            continue
        files = [place / one.name for one in found if _MARK in one.name and one.is_file(follow_symlinks=False)]
        if files:
            yield place, files
        if depth < _DEEPEST:
            folders = [place / one.name for one in found if one.is_dir(follow_symlinks=False)]
            waiting.extend((one, depth + 1) for one in reversed(folders))


def _runs(path: Path) -> Iterator[SourceRun]:
    if not path.is_dir():
        raise StorageError(f"“{path}” is gone.", "Put it back, or detach it: desktop-aml attach --detach NAME")
    for count, (place, files) in enumerate(_places(path)):
        if count >= MOST_RUNS:
            return
        key = place.relative_to(path).as_posix()
        curves = _curves(files)
        times = [point.at for points in curves.values() for point in (points[0], points[-1])]
        digest = hashlib.sha256(os.fsencode(place)).hexdigest()[:16]
        yield SourceRun(
            key=key,
            id=f"tensorboard-{digest}",
            name=clipped(path.name if key == "." else key),
            experiment=clipped(path.name),
            state=RunState.COMPLETED,
            created_at=min(times, default=files[0].stat().st_mtime),
            ended_at=max(times, default=files[-1].stat().st_mtime),
            curves=list(curves.items()),
        )


def _points(path: Path, key: str, name: str) -> list[Point]:
    place = path / key
    files = next((files for folder, files in _places(place) if folder == place), None) if place.is_dir() else None
    if files is None:
        raise StorageError(f"“{place}” is gone.", "Read the folder again: desktop-aml attach --refresh NAME")
    try:
        looks = tuple((file, (seen := file.stat()).st_size, seen.st_mtime_ns) for file in files)
    except OSError as error:
        raise StorageError(f"“{place}” cannot be read: {error.strerror}.", "Check the folder.") from error
    return _curves_as(looks).get(name, [])


@lru_cache(maxsize=1)
def _curves_as(looks: tuple[tuple[Path, int, int], ...]) -> dict[str, list[Point]]:
    """Return the curves of files as they look now: those of one run are asked for one after the other."""
    return _curves([file for file, _, _ in looks])


def _curves(files: list[Path]) -> dict[str, list[Point]]:
    found: dict[str, list[Point]] = {}
    for file in files:
        try:
            with open_regular(file) as stream:
                for at, step, tag, value in _scalars(stream):
                    if tag in found or len(found) < _MOST_METRICS:
                        points = found.setdefault(tag, [])
                        points.append(Point(len(points), value, step, at))
        except OSError:
            continue
    return found


def _scalars(stream: BinaryIO) -> Iterator[tuple[float, int, str, float]]:
    for record in _records(stream):
        try:
            yield from _of_event(record)
        except (ValueError, struct.error, IndexError):
            continue


def _records(stream: BinaryIO) -> Iterator[bytes]:
    """Return the records of a file up to where it is torn or damaged."""
    end = os.fstat(stream.fileno()).st_size
    while len(head := stream.read(12)) == 12:
        length, checksum = struct.unpack("<QI", head)
        if _masked(_crc(head[:8])) != checksum or length > end - stream.tell() - 4:
            return
        if length > _LARGEST_RECORD:
            stream.seek(length + 4, os.SEEK_CUR)
            continue
        record = stream.read(length)
        stream.seek(4, os.SEEK_CUR)
        yield record


def _of_event(record: bytes) -> Iterator[tuple[float, int, str, float]]:
    at, step = 0.0, 0
    summaries: list[bytes] = []
    for number, kind, value in _fields(record):
        if number == _WALL_TIME and kind == _FIXED64:
            at = struct.unpack("<d", _as_bytes(value))[0]
        elif number == _STEP and kind == _VARINT:
            step = _signed(value)
        elif number == _SUMMARY and kind == _BYTES:
            summaries.append(_as_bytes(value))
    if not math.isfinite(at):
        return
    for summary in summaries:
        for number, kind, value in _fields(summary):
            if number == _VALUE and kind == _BYTES and (scalar := _scalar(_as_bytes(value))) is not None:
                yield at, step, *scalar


def _scalar(message: bytes) -> tuple[str, float] | None:
    tag, found = "", None
    for number, kind, value in _fields(message):
        if number == _TAG and kind == _BYTES:
            tag = clipped(_as_bytes(value).decode("utf-8", "replace"))
        elif number == _SIMPLE and kind == _FIXED32:
            found = struct.unpack("<f", _as_bytes(value))[0]
        elif number == _TENSOR and kind == _BYTES:
            found = _of_tensor(_as_bytes(value))
    return (tag, float(found)) if tag and found is not None else None


def _of_tensor(message: bytes) -> float | None:
    """Return the one number that a tensor holds; None where it holds another number of them, or none."""
    dtype, numbers = 0, b""
    for number, kind, value in _fields(message):
        if number == _DTYPE and kind == _VARINT:
            dtype = _signed(value)
        elif number in {_CONTENT, _FLOATS, _DOUBLES} and kind in {_BYTES, _FIXED32, _FIXED64}:
            numbers = _as_bytes(value)
    packed = _NUMBERS.get(dtype)
    return packed.unpack(numbers)[0] if packed is not None and len(numbers) == packed.size else None


def _fields(message: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """Return number, kind and value of each field of a message."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        kind = key & 7
        if kind == _VARINT:
            value, place = _varint(message, place)
            yield key >> 3, kind, value
            continue
        if kind == _BYTES:
            length, place = _varint(message, place)
        else:
            length = {_FIXED64: 8, _FIXED32: 4}.get(kind, -1)
        if not 0 <= length <= len(message) - place:
            raise ValueError("A field is longer than its message, or of no kind.")
        yield key >> 3, kind, message[place : place + length]
        place += length


def _varint(message: bytes, place: int) -> tuple[int, int]:
    number = shift = 0
    while shift < _LONGEST_VARINT:
        byte = message[place]
        place += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, place
        shift += 7
    raise ValueError("A number has no end.")


def _signed(value: int | bytes) -> int:
    number = int(value) & ((1 << 64) - 1) if isinstance(value, int) else 0
    return number - (1 << 64) if number >> 63 else number


def _as_bytes(value: int | bytes) -> bytes:
    return value if isinstance(value, bytes) else b""


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return tuple(table)


_TABLE: Final = _crc_table()


def _crc(data: bytes) -> int:
    value = 0xFFFFFFFF
    for byte in data:
        value = (value >> 8) ^ _TABLE[(value ^ byte) & 0xFF]
    return value ^ 0xFFFFFFFF


def _masked(crc: int) -> int:
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


TENSORBOARD: Final = Kind("TensorBoard folder", _is_one, _runs, _points)
