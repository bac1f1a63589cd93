"""What the job of a batch system carries out on its node: it calls the computer that wanted it, and does what is said.

Its text is a part of the job's, and its input are two parts: a line of JSON, and the certificate of the one it calls.
Each connection leads to a Python of its own, whose input and output it is, as ``ssh`` would make them. What the batch
system keeps of a job lets nobody in later: the ticket is good once. Standard library only.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import ssl
import sys
from typing import Any

assert sys.platform != "win32", "nodes of batch systems are POSIX systems"

PATIENCE_S = 15.0


async def carry(asked: dict[str, Any], context: ssl.SSLContext, part: str) -> None:
    """Connect, and be the way between the one who answers and a Python here, until one of them ends."""
    reader, writer = await asyncio.open_connection(asked["host"], asked["port"], ssl=context)
    # A head that is gone without a word must not leave this job in its node until its time is over.
    plain = writer.get_extra_info("socket")
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, name):
            plain.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    node = os.environ.get("SLURMD_NODENAME") or socket.gethostname()
    writer.write(json.dumps({"ticket": asked["ticket"], "part": part, "node": node}).encode() + b"\n")
    await writer.drain()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-u", "-c", asked["start"], stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    ways = {asyncio.ensure_future(pump(reader, process.stdin)), asyncio.ensure_future(pump(process.stdout, writer))}
    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    assert process.stdin is not None
    process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), PATIENCE_S)
    except TimeoutError:
        process.kill()
    writer.close()
    for way in ways:
        way.cancel()


async def pump(source: Any, target: Any) -> None:
    """Pass on all that comes."""
    try:
        while True:
            data = await source.read(1 << 16)
            if not data:
                return
            target.write(data)
            await target.drain()
    except (OSError, ConnectionError):
        return


async def main() -> None:
    """Do both parts; the job ends with the first, which is the node's own."""
    asked = json.loads(sys.stdin.readline())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # By its certificate alone, which came with the job.
    context.check_hostname = False
    context.load_verify_locations(cadata=sys.stdin.read())
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    other = asyncio.ensure_future(carry(asked, context, "porter"))
    await carry(asked, context, "machine")
    await asyncio.wait({other}, timeout=PATIENCE_S)


try:
    asyncio.run(main())
except OSError as error:
    sys.exit("desktop-aml: the computer that wanted this node cannot be reached: " + str(error))
