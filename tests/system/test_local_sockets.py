"""Sockets in folders are reached however long their path is."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from desktop_aml.system import local_sockets


def test_a_socket_with_a_long_path_is_served_and_reached(tmp_path: Path) -> None:
    path = tmp_path / ("long" * 40) / "door"
    path.parent.mkdir()

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.readline()).upper())
        writer.close()

    def ask() -> bytes:
        with local_sockets.new() as one, local_sockets.short_path(path) as short:
            assert local_sockets.is_local(one)
            one.connect(short)
            one.sendall(b"who\n")
            return one.recv(10)

    async def both() -> bytes:
        with local_sockets.short_path(path) as short:
            server = await local_sockets.serve(meet, short)
        async with server:
            return await asyncio.to_thread(ask)

    assert asyncio.run(both()) == b"WHO\n"


def test_a_socket_of_the_network_is_none_in_a_folder() -> None:
    with socket.socket() as one:
        assert not local_sockets.is_local(one)


def test_the_path_of_a_folder_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), local_sockets.short_path(tmp_path / "gone" / "door"):
        pass
