"""The order of the queue, its pause, and why runs wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from desktop_aml.domain.errors import Conflict, InvalidInput
from desktop_aml.domain.runs import RunState
from desktop_aml.store import pools
from desktop_aml.store.azure_records import ComputeRecord
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until


@pytest.fixture
def submitted(workspace: Workspace, write_script: Callable[..., Path]) -> list[str]:
    """Four runs in a queue that is paused; each notes when it ran."""
    workspace.runs.queue.pause()
    script = write_script("import sys\nopen(sys.argv[1], 'a').write(sys.argv[2] + ' ')\n")
    notes = str(workspace.path / "order.txt")
    return [workspace.runs.submit(script, arguments=[notes, name]) for name in "abcd"]


def reason(workspace: Workspace, run_id: str) -> str:
    return workspace.runs.queue.reason(workspace.runs.get(run_id))


def test_a_paused_queue_begins_nothing_and_says_so(workspace: Workspace, submitted: list[str]) -> None:
    assert workspace.runs.queue.waiting() == tuple(submitted)
    assert workspace.runs.queue.is_paused()
    assert "paused" in reason(workspace, submitted[0])
    waiting = workspace.runs.get(submitted[0])
    # What the engine is asked meanwhile it does.
    workspace.runs.cancel(submitted[3])
    assert workspace.runs.state(submitted[0]) is RunState.QUEUED
    workspace.runs.queue.resume()
    for run_id in submitted[:3]:
        assert workspace.runs.wait(run_id).summary.state is RunState.COMPLETED
        assert reason(workspace, run_id) == ""
    # Who read it before it began is told that it waits no more.
    assert workspace.runs.queue.reason(waiting) == ""


def test_no_engine_stays_for_a_queue_that_is_paused(
    workspace: Workspace, submitted: list[str], marked_processes: Callable[[], list[psutil.Process]]
) -> None:
    workspace.close()
    assert marked_processes() == []
    with Workspace.open(workspace.path) as later:
        # What is asked is done by an engine that ends then.
        later.runs.cancel(submitted[3])
        wait_until(lambda: marked_processes() == [], "the end of the engine")
        assert later.runs.state(submitted[0]) is RunState.QUEUED
        later.runs.queue.resume()
        assert later.runs.wait(submitted[2]).summary.state is RunState.COMPLETED


def test_runs_begin_in_the_order_that_people_gave_them(workspace: Workspace, submitted: list[str]) -> None:
    a, b, c, d = submitted
    queue = workspace.runs.queue
    queue.set_priority(d, 5)
    queue.put_first(c)
    queue.move(a)
    assert queue.waiting() == (c, d, b, a)
    assert [workspace.runs.get(one).queue_position for one in (c, d, b, a)] == [1, 2, 3, 4]
    # Moved before another one, a run gets its priority.
    assert [workspace.runs.get(one).priority for one in (c, d, b, a)] == [5, 5, 0, 0]
    workspace._client.set_run_limit(1)
    queue.resume()
    for run_id in submitted:
        workspace.runs.wait(run_id)
    assert (workspace.path / "order.txt").read_text().split() == ["c", "d", "b", "a"]
    with pytest.raises(Conflict, match="does not wait"):
        queue.set_priority(a, 1)


def test_a_run_is_put_first_also_when_the_first_one_began_meanwhile(
    workspace: Workspace, submitted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, c, d = submitted
    queue, ask = workspace.runs.queue, workspace._client.ask

    def late(request: object) -> object:
        monkeypatch.setattr(workspace._client, "ask", ask)
        workspace.runs.cancel(a)
        return ask(request)

    monkeypatch.setattr(workspace._client, "ask", late)
    queue.put_first(d)
    assert queue.waiting() == (d, b, c)
    queue.put_first(d)
    assert queue.waiting() == (d, b, c)
    with pytest.raises(Conflict, match="does not wait"):
        queue.put_first(a)


def test_a_priority_that_is_none_is_refused(workspace: Workspace, submitted: list[str]) -> None:
    with pytest.raises(InvalidInput, match="no priority"):
        workspace.runs.queue.set_priority(submitted[0], 10**9)
    workspace.runs.cancel(submitted[1])
    with pytest.raises(Conflict):
        workspace.runs.queue.move(submitted[0], before=submitted[1])


def test_places_never_run_out_between_two_runs(workspace: Workspace, submitted: list[str]) -> None:
    a, b, c, d = submitted
    with Database(WorkspaceFolder(workspace.path).database, read_only=False) as db:
        for _ in range(120):
            with db.transaction():
                pools.move_before(db, c, b)
                pools.move_before(db, d, b)
            assert pools.waiting(db, 9) == [a, c, d, b]


def test_what_fills_a_place_is_named(workspace: Workspace, write_script: Callable[..., Path]) -> None:
    workspace._client.set_run_limit(2)
    script = write_script("import time\nwhile True: time.sleep(60)\n")
    workspace.computes.put("small", ComputeRecord(kind="AmlCompute", created_at=1.0, max_nodes=1))
    one, two = (workspace.runs.submit(script, properties={pools.COMPUTE_TARGET: "small"}) for _ in range(2))
    wait_until(lambda: workspace.runs.state(one) is RunState.RUNNING, "the first")
    assert reason(workspace, two) == "The compute target “small” has all of its 1 runs at once."
    third = workspace.runs.submit(script)
    wait_until(lambda: workspace.runs.state(third) is RunState.RUNNING, "another")
    fourth = workspace.runs.submit(script)
    assert "runs execute (2)" in reason(workspace, fourth)
    for run_id in (fourth, two, one, third):
        workspace.runs.cancel(run_id)
    for run_id in (one, third):
        workspace.runs.wait(run_id)


@pytest.mark.timing
def test_the_next_of_very_many_is_chosen_at_once(workspace: Workspace, submitted: list[str]) -> None:
    with Database(WorkspaceFolder(workspace.path).database, read_only=False) as db:
        with db.transaction():
            db.run(
                "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 100000)"
                " INSERT INTO run (id, number, experiment, display_name, state, script, target, environment,"
                " created_at)"
                " SELECT 'many' || i, i, 'source', 'x', 'Queued', 's.py', iif(i % 2, 'local', 'docker'), 'e', i FROM c"
            )
        spent = []
        for number in range(20):
            start = time.process_time()
            assert pools.queued(db, ["local", "docker"], 1) == [submitted[0]]
            with db.transaction():
                pools.move_before(db, f"many{number + 5}", "many3")
            spent.append(time.process_time() - start)
        assert sorted(spent)[10] < 0.005
