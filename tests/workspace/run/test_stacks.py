"""A run that hangs tells where it is, and goes on as before; what does not listen is left alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_aml.domain.errors import Conflict, NotFound
from desktop_aml.domain.runs import RunState
from desktop_aml.domain.summaries.stacks import ProcessStack, in_words
from desktop_aml.executors.attempt_files import Handle
from desktop_aml.executors.local_process import NONCE_VARIABLE
from desktop_aml.system.processes import find_bearers, identity_of
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until
from tests.contracts.places import WarmPlace, begin, finish

HANGS = """
import ctypes, os, subprocess, sys, threading
child = subprocess.Popen([sys.executable, "-ISc", "input()"], stdin=subprocess.PIPE)
def hangs_in_c():
    ctypes.CDLL(None).sleep(60)
threading.Thread(target=hangs_in_c, daemon=True).start()
def waits_for_the_word():
    with open("fifo") as word:
        print(word.read())
os.mkfifo("fifo")
waits_for_the_word()
child.communicate(b"go\\n")
"""


def test_a_run_that_hangs_tells_where_it_is_and_goes_on(
    workspace: Workspace, write_script: Callable[..., Path]
) -> None:
    run_id = workspace.runs.submit(write_script(HANGS))
    fifo = Path(workspace.runs.get(run_id).run_directory) / "snapshot" / "fifo"
    wait_until(fifo.exists, "the script")

    def words() -> str:
        return in_words(workspace.runs.queue.stacks(run_id))

    wait_until(lambda: "in waits_for_the_word" in words() and "in hangs_in_c" in words(), "both stacks")
    script, child = workspace.runs.queue.stacks(run_id)
    assert script.text.count("in waits_for_the_word") == 1
    assert (child.text, "-ISc" in child.command) == ("", True)
    assert "It tells nothing" in words()
    assert workspace.runs.state(run_id) is RunState.RUNNING
    fifo.write_text("the word")
    workspace.runs.wait(run_id)
    assert workspace.runs.state(run_id) is RunState.COMPLETED
    assert "the word" in (fifo.parents[1] / "logs" / "std_log.txt").read_text()
    with pytest.raises(Conflict, match="does not execute: it is Completed"):
        workspace.runs.queue.stacks(run_id)


def test_a_process_that_does_not_listen_is_sent_nothing() -> None:
    with subprocess.Popen([sys.executable, "-ISc", "input()"], stdin=subprocess.PIPE) as process:
        found = identity_of(process.pid)
        assert found is not None
        assert found.stack() == ""
        process.communicate(b"go\n")
    assert process.returncode == 0


def test_a_run_of_which_no_process_is_here_says_where_it_may_be(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, write_script: Callable[..., Path]
) -> None:
    run_id = workspace.runs.submit(write_script("import threading\nthreading.Event().wait()\n"))
    wait_until(lambda: workspace.runs.state(run_id) is RunState.RUNNING, "the script")
    monkeypatch.setattr("desktop_aml.workspace.run.stacks.find_bearers", lambda *_: ())
    with pytest.raises(NotFound, match="No process of the run"):
        workspace.runs.queue.stacks(run_id)
    workspace.runs.cancel(run_id)
    workspace.runs.wait(run_id)


def test_those_that_tell_nothing_say_why() -> None:
    text = in_words((ProcessStack(1, "python a.py", "Thread 1\n"), ProcessStack(2, "sh", "")))
    assert text.startswith("Process 1: python a.py\nThread 1\n\nProcess 2: sh\n  It tells nothing: ")


def test_a_script_that_was_forked_from_a_warm_interpreter_tells_it_too(
    tmp_path: Path, marked_processes: object
) -> None:
    place = WarmPlace(tmp_path)
    executor = place.executor()
    try:
        job = place.job(
            "def waits():\n    open('ready', 'w').close()\n    import threading; threading.Event().wait()\nwaits()\n"
        )
        handle = begin(place, executor, job)
        assert Handle.parse(handle).files().how_started()["how"] == "warm"
        [script] = [one for one in find_bearers(NONCE_VARIABLE, job.nonce) if one.stack()]
        assert "in waits" in script.stack()
        executor.stop(handle, force=True)
        finish(executor, handle)
    finally:
        executor.close()
