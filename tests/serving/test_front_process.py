"""The first moments of a front: whoever stops or removes its endpoint finds it, however young it is."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from desktop_aml.domain.errors import StorageError
from desktop_aml.domain.registry import EndpointState
from desktop_aml.serving import front_process
from desktop_aml.system.processes import start_time
from tests.conftest import words_of
from tests.serving.conftest import wait_until


@pytest.mark.parametrize("end", [front_process.stop_front, front_process.remove_endpoint])
def test_a_front_that_is_only_starting_is_waited_for_and_ended(
    deploy, classifier, tmp_path, monkeypatch, marked_processes, end
):
    endpoint = deploy(classifier, start=False)
    gate, slow = tmp_path / "gate", tmp_path / "python"
    os.mkfifo(gate)
    slow.write_text(f'#!/bin/sh\nread -r _ < "{gate}"\nexec "{sys.executable}" "$@"\n')
    slow.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(slow))
    starting = threading.Thread(target=front_process.spawn_front, args=(endpoint.folder,))
    starting.start()
    wait_until(lambda: any(str(slow) in words_of(one) for one in marked_processes()), "the interpreter to begin")
    ending = threading.Thread(target=end, args=(endpoint.folder,))
    ending.start()
    with gate.open("w") as opened:
        opened.write("go\n")
    starting.join()
    ending.join()
    wait_until(lambda: not marked_processes(), "nothing to be left")
    if end is front_process.remove_endpoint:
        assert not endpoint.folder.exists()
        assert not list(endpoint.folder.parent.glob(".removed-*"))
    else:
        assert endpoint.state.state is EndpointState.STOPPED


def test_a_front_whose_starter_dies_does_nothing(deploy, classifier):
    endpoint = deploy(classifier, start=False)
    words = [sys.executable, "-P", "-m", "desktop_aml.serving", str(endpoint.folder)]
    starter = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True, timeout=30)
    wait_until(lambda: start_time(int(starter.stdout)) == 0, "the front to end")
    assert not (endpoint.folder / "state.json").exists()
    assert not (endpoint.folder / "front.lock").exists()


@pytest.mark.parametrize("name", ["state.json", "endpoint.json", "log.txt"])
def test_a_fifo_among_the_files_of_an_endpoint_is_a_fault_and_no_wait(deploy, classifier, name):
    endpoint = deploy(classifier, start=False)
    (endpoint.folder / name).unlink(missing_ok=True)
    os.mkfifo(endpoint.folder / name)
    if name == "state.json":
        # As for a state that cannot be read otherwise.
        assert front_process.read_state(endpoint.folder).lost
    else:
        with pytest.raises(StorageError, match=r"not a plain file|cannot be written"):
            front_process.spawn_front(endpoint.folder)
