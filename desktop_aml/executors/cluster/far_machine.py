"""What runs on a machine that is reached by ssh: says what there is, and serves as a worker when it is told to.

Its text travels to the machine and comes in by standard input, as all that it is told: lines of JSON. It answers on
standard output. It ends when its input does, whoever ended the connection. Standard library and Dask only.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import signal
import sys
import tempfile
import threading
from typing import Any

assert sys.platform != "win32", "machines by ssh are POSIX systems"


def sees(here: dict[str, Any]) -> bool:
    """Whether this process could as well have been started by the one that asks: the same files and processes."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as stream:  # noqa: PTH123 - as short as can be
            boot_id = stream.read().strip()
        found = os.stat(here["folder"])  # noqa: PTH116
        spaces = [os.readlink(f"/proc/self/ns/{name}") for name in ("pid", "net")]  # noqa: PTH115
    except OSError:
        return False
    return {
        "boot_id": boot_id,
        "inode": [found.st_dev, found.st_ino],
        "user": os.getuid(),
        "spaces": spaces,
    } == {name: here[name] for name in ("boot_id", "inode", "user", "spaces")}


def facts(here: dict[str, Any]) -> dict[str, Any]:
    """Return what there is on this machine."""
    found: dict[str, Any] = {"platform": sys.platform, "python": "%d.%d.%d" % sys.version_info[:3]}  # noqa: UP031
    try:
        import distributed

        found["distributed"] = distributed.__version__
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it is said
        found["why"] = f"{type(error).__name__}: {error}"[:300]
    found["cores"] = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    found["sees"] = sees(here)
    return found


async def serve(asked: dict[str, Any], scratch: str, say: Any) -> None:
    """Serve until the scheduler is gone or sends the worker home."""
    import dask
    from distributed import Security, Worker

    logging.getLogger("distributed").setLevel(logging.WARNING)
    key, certificate = asked["key"], asked["certificate"]
    security = Security(
        require_encryption=True,
        tls_ca_file=certificate,
        tls_worker_cert=certificate,
        tls_worker_key=key,
        tls_client_cert=certificate,
        tls_client_key=key,
    )
    with dask.config.set(asked["config"]):
        worker = Worker(
            asked["scheduler"],
            name=asked["name"],
            nthreads=asked["threads"],
            host=asked["host"],
            port=asked["port"],
            contact_address=asked["contact"],
            security=security,
            memory_limit=asked["memory"],
            local_directory=scratch,
            dashboard_address=asked["host"] + ":0",
            dashboard=False,
            death_timeout=30,
        )
        async with worker:
            say({"ready": True})
            await worker.finished()


def end_with_input(scratch: str) -> None:
    """End this process when its input ends, with what it started: its launchers end with their parent."""
    while sys.stdin.buffer.read(4096):
        pass
    shutil.rmtree(scratch, ignore_errors=True)
    os._exit(0)


def main() -> None:
    """Say what there is; go on when told how."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(words: dict[str, Any]) -> None:
        answers.write(json.dumps(words) + "\n")
        answers.flush()

    say(facts(json.loads(sys.stdin.buffer.readline())))
    line = sys.stdin.buffer.readline()
    if not line:
        return
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    scratch = tempfile.mkdtemp(prefix="desktop-aml-")
    threading.Thread(target=end_with_input, args=(scratch,), daemon=True).start()
    try:
        asyncio.run(serve(json.loads(line), scratch, say))
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


main()
