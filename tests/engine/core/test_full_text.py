"""When the words of ended runs are read into their index."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from desktop_aml.domain.events import RunMoved
from desktop_aml.domain.runs import RunState
from desktop_aml.engine.core.full_text import FullTextKeeping
from desktop_aml.run_folder.indexing import full_text
from desktop_aml.system import clock


class DeskOfOne:
    """Does work at once, on the thread that asks."""

    folder = readers = None

    def later(self, work: Callable[[], int], then: Callable[[int], None]) -> None:
        then(work())


@pytest.fixture
def turns(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Return the runs that were looked at, a list for each turn."""
    turns: list[list[str]] = []

    def catch_up(_folder: object, _seconds: float, only: list[str], **_: object) -> int:
        turns.append(only)
        return 0

    monkeypatch.setattr(full_text, "catch_up", catch_up)
    return turns


def test_runs_that_end_while_others_go_on_are_read_every_three_seconds(
    turns: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = 100.0
    monkeypatch.setattr(clock, "monotonic", lambda: at)
    keeping = FullTextKeeping(DeskOfOne())  # type: ignore[arg-type]
    for number in range(20):
        keeping.see(RunMoved(f"r{number:02}", RunState.COMPLETED, at, number, ""))
        keeping.look(is_quiet=False)
        at += 0.3
    assert [len(one) for one in turns] == [1, 11]
    assert not keeping.is_idle()
    keeping.look(is_quiet=True)
    assert turns[-1] == [f"r{number}" for number in range(12, 20)], "Nothing else is done: nobody waits for more."
    assert keeping.is_idle()
