"""How often the engine looks at what scripts leave."""

from __future__ import annotations

import pytest

from desktop_aml.domain.requests import UpdateRun
from desktop_aml.engine.core import spool
from desktop_aml.system import clock
from tests.conftest import DrivenEngine


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


def test_a_request_of_another_process_ends_the_wait_for_the_next_turn(
    driven: DrivenEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = driven.engine
    driven.folder.requests.mkdir(exist_ok=True)
    engine.tick()
    steps = []

    def step(seconds: float) -> bool:
        steps.append(seconds)
        if len(steps) == 3:
            (driven.folder.requests / "1-a.json").write_bytes(spool.encode(UpdateRun(run_id="none")))
        return False

    monkeypatch.setattr(engine._desk.woken, "wait", step)
    engine._wait(0.1)
    assert len(steps) == 3
    engine.tick()
    assert spool.waiting(driven.folder.requests) == []
    # Its reply is news once more, and nothing else is.
    engine.tick()
    steps[:] = [0.0] * 3
    engine._wait(0.1)
    assert len(steps) == 13
