"""How often the engine looks at what scripts leave."""

from __future__ import annotations

import pytest

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
