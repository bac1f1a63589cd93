"""How often the engine looks at what scripts leave."""

from __future__ import annotations

import queue
import threading
from types import SimpleNamespace

import pytest

from desktop_aml.domain.requests import UpdateRun
from desktop_aml.engine.core import spool
from desktop_aml.system import clock
from desktop_aml.system.files import write_durably
from desktop_aml.system.folder_watch import arrivals
from tests.conftest import DEADLINE_S, DrivenEngine


@pytest.mark.parametrize(("grows", "least", "most"), [(True, 7, 9), (False, 18, 21)])
def test_journals_that_grow_are_stored_four_times_a_second_and_looked_at_ten_times(
    driven: DrivenEngine, monkeypatch: pytest.MonkeyPatch, grows: bool, least: int, most: int
) -> None:
    looks = []
    monkeypatch.setattr(driven.engine._runs, "ingest", lambda: looks.append(1) or grows)
    start = clock.monotonic() + 10
    for step in range(200):  # two seconds
        monkeypatch.setattr(clock, "monotonic", lambda at=start + step / 100: at)
        driven.engine.tick()
    assert least <= len(looks) <= most


def test_a_request_of_another_process_wakes_the_engine_and_its_own_replies_do_not(
    driven: DrivenEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, folder = driven.engine, driven.folder.requests
    folder.mkdir(exist_ok=True)
    woken, heard = threading.Event(), queue.SimpleQueue[str]()

    def hear(name: str) -> None:
        engine._hear_of(name)
        heard.put(name)

    # Its own workers wake the engine, too: here it is asked for what it hears alone.
    with monkeypatch.context() as patch, arrivals(folder, hear):
        patch.setattr(engine, "_desk", SimpleNamespace(woken=woken))
        write_durably(folder / "1-a.reply.json", b"{}")
        while heard.get(timeout=DEADLINE_S) != "1-a.reply.json":
            pass
        assert not woken.is_set()
        write_durably(folder / "2-b.json", spool.encode(UpdateRun(run_id="none")))
        assert woken.wait(DEADLINE_S)
    engine.tick()
    assert spool.waiting(folder) == []
