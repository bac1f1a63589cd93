"""What waits for room on the disk is written by the process that logged it, once, however that process ends."""

from __future__ import annotations

import pytest

from tests.inside_run.conftest import RunFolder

HEAD = """
import errno, multiprocessing, os, sys, threading
from azureml.core import Run
run, write = Run.get_context(), os.write
def full(descriptor, data): raise OSError(errno.ENOSPC, "no")
def free(): os.write = write
def soon():
    timer = threading.Timer(0.3, free)
    timer.daemon = True
    timer.start()
"""
WAYS = {
    "a fork that leaves at once": """
os.write = full
child = os.fork()
if child == 0:
    run.log("x", 1)
    soon()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
""",
    "a process of multiprocessing": """
def work():
    os.write = full
    run.log("x", 1)
    soon()
child = multiprocessing.get_context("fork").Process(target=work)
child.start()
child.join()
assert child.exitcode == 0
""",
    "the script itself": """
os.write = full
run.log("x", 1)
soon()
os._exit(0)
""",
    "a fork of a process whose values wait": """
os.write = full
run.log("x", 1)
for leave in (os._exit, sys.exit):
    child = os.fork()
    if child == 0:
        os.write = write
        leave(0)
    assert os.waitpid(child, 0)[1] == 0
soon()
""",
}


@pytest.mark.parametrize("way", WAYS)
def test_what_waits_for_room_is_written_once(run_folder: RunFolder, edge_python: str, way: str) -> None:
    ended = run_folder.script(edge_python, HEAD + WAYS[way])
    assert ended.returncode == 0, ended.stderr
    assert [record["v"] for record in run_folder.records()] == [1]
