"""A holder that stands still: it reads nothing and says nothing, and nobody waits for it."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.targets import ClusterSpec
from desktop_aml.executors.attempt_files import Handle
from desktop_aml.executors.cluster import executor as module
from desktop_aml.executors.cluster.executor import ClusterExecutor
from desktop_aml.executors.cluster.porters import carry as carrying
from desktop_aml.executors.cluster.porters.porter import PorterLost
from desktop_aml.system.processes import identity_of
from tests.conftest import wait_until
from tests.contracts.places import LocalPlace

MANY = 5000
SPEC = ClusterSpec(name="lab", hosts=("root@far",))


@pytest.fixture
def still(tmp_path: Path) -> Iterator[tuple[ClusterExecutor, list[str]]]:
    """An executor, and the jobs of which its holder has said that they are under way before it stood still."""
    door = socket.socket(socket.AF_UNIX)
    home = tmp_path / "cluster"
    home.mkdir()
    here = Path.cwd()
    os.chdir(home)  # the path of a socket is short
    door.bind("door")
    os.chdir(here)
    door.listen()
    jobs: list[str] = []

    def serve() -> None:
        taken, _ = door.accept()
        stages = {"waits": "waiting", "runs": "started"}
        told = {nonce: {"stage": stages[nonce.partition("-")[0]]} for nonce in jobs}
        taken.sendall(json.dumps({"state": {"is_up": True}, "jobs": told}).encode() + b"\n")
        kept.append(taken)

    kept: list[socket.socket] = []
    threading.Thread(target=serve, daemon=True).start()
    made = ClusterExecutor(SPEC, home)
    yield made, jobs
    made.close()
    for one in (door, *kept):
        one.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be sure of a silence at once."""
    for name, value in (("_SILENT_S", 0.2), ("_HEARD_S", 0.2), ("_SURE_S", 0.05)):
        monkeypatch.setattr(module, name, value)


def test_nobody_waits_for_a_holder_that_reads_nothing(still: tuple[ClusterExecutor, list[str]]) -> None:
    executor, _ = still
    wait_until(lambda: executor.state().is_up, "the first words")

    def tell() -> None:
        for number in range(MANY):
            executor._link.tell({"do": "stop", "nonce": f"{number}", "force": False})

    telling = threading.Thread(target=tell, daemon=True)
    telling.start()
    telling.join(20)
    assert not telling.is_alive()
    assert executor._link.is_queued("x") is False


@pytest.mark.usefixtures("impatient")
def test_what_is_canceled_while_the_holder_stands_still_ends_and_is_begun_by_nobody(
    still: tuple[ClusterExecutor, list[str]], tmp_path: Path
) -> None:
    executor, jobs = still
    place = LocalPlace(tmp_path)
    waiting, running = place.job("pass", nonce="waits-1"), place.job("pass", nonce="runs-1")
    jobs += [waiting.nonce, running.nonce]
    handles = [executor.handle_for(job) for job in (waiting, running)]
    for handle in handles:
        Handle.parse(handle).files().make()
    owner = identity_of(os.getpid())
    assert owner is not None
    files = Handle.parse(handles[1]).files()
    assert files.claim_for(owner, machine="root@far", nonce=running.nonce)
    assert [executor.poll(handle) for handle in handles] == [None, None]
    for handle in handles:
        executor.stop(handle)
    found = []
    for handle in handles:
        wait_until(lambda handle=handle: (outcome := executor.poll(handle)) and not found.append(outcome), "its end")
    assert [one.reason for one in found] == ["canceled", "canceled"]
    assert "“lab” has said nothing for 0.2 s. The run on root@far ended with that" in found[1].message
    # Who begins the first of them now finds it claimed, and who comes home with the second finds it over.
    assert not Handle.parse(handles[0]).files().claim_for(owner, machine="root@far", nonce=waiting.nonce)
    late = object.__new__(carrying.Carry)
    late._files, late.asked = files, {"nonce": running.nonce}
    late.porter = _Deaf()
    with pytest.raises(PorterLost, match="given up"):
        late._see_that_it_goes_on()


class _Deaf:
    def tell(self, _words: object) -> None:
        raise PorterLost("gone")
