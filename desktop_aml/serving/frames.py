"""The frames between front and model process, seen from the front. Their layout: ``inside_model/worker.py``."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from desktop_aml.inside_model.predicting import ANSWER

LENGTH: Final = struct.Struct("!I")
REQUEST: Final = struct.Struct("!IBBIII")
MAX_FRAME_BYTES: Final = 1 << 30


class FrameError(Exception):
    """The other side does not speak frames."""


def frame(kind: bytes, *parts: bytes) -> bytes:
    """Return one frame of `kind`."""
    return b"".join((LENGTH.pack(sum(map(len, parts)) + 1), kind, *parts))


class FrameReader:
    """Cuts a stream of bytes into frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield the kind and body of each frame that `data` completes.

        Raises
        ------
        FrameError
            A frame claims an absurd length.
        """
        buffer = self._buffer
        buffer += data
        while len(buffer) >= LENGTH.size:
            (length,) = LENGTH.unpack_from(buffer)
            if not 0 < length <= MAX_FRAME_BYTES:
                raise FrameError(f"a frame of {length} bytes")
            end = LENGTH.size + length
            if len(buffer) < end:
                return
            whole = bytes(buffer[LENGTH.size : end])
            del buffer[:end]
            yield whole[:1], whole[1:]


def answers(body: bytes) -> Iterator[tuple[int, int, float, bytes]]:
    """Yield ``(id, status, seconds, payload)`` of each answer in a frame."""
    at = 0
    try:
        while at < len(body):
            number, status, seconds, size = ANSWER.unpack_from(body, at)
            at += ANSWER.size
            yield number, status, seconds, body[at : at + size]
            at += size
    except struct.error as error:
        raise FrameError("a torn answer") from error
