"""What would begin at once in a workspace, in words."""

from __future__ import annotations

from pathlib import Path

from desktop_aml.domain.runs import RunState, RunSummary
from desktop_aml.engine.core import spool, waiting_work
from desktop_aml.workspace import Workspace
from tests.strangers_workspace import WOULD_RUN, with_work


def test_queued_runs_requests_and_endpoints_are_named(tmp_path: Path) -> None:
    folder = with_work(tmp_path / "stick", tmp_path / "source")
    workspace = Workspace.open(folder.root)
    assert workspace.waiting_work() == WOULD_RUN
    workspace.close()
    assert not folder.owner_lock.exists()


def test_what_is_not_named_is_counted_and_a_stranger_cannot_push_it_out_of_sight(tmp_path: Path) -> None:
    run = RunSummary(
        "r", 1, "e", "x" * 500, RunState.QUEUED, "\x1b[8m\u202eyp.t\n  •  nothing", "local", "", 0.0, None, None
    )
    for number in range(2):
        (tmp_path / f"{number}.json").write_text("no request")
    said = waiting_work.in_words([run] * 6, tmp_path, [f"e{number}" for number in range(7)])
    assert said[5:] == (
        "1 more run",
        "2 waiting requests",
        *(f"the endpoint e{number}" for number in range(5)),
        "2 more endpoints",
    )
    assert all(len(line) < 200 and line.isprintable() for line in said)
    assert len(spool.waiting(tmp_path)) == 2
