"""The queue: its order, whether it goes on, why a run in it waits, and where one is that seems to wait for ever."""

from __future__ import annotations

from desktop_aml.domain.organising.needs import Needs
from desktop_aml.domain.organising.queue import ChangeQueue, QueuedRun
from desktop_aml.domain.runs import DOCKER, LOCAL, RunDetail, RunState, RunSummary
from desktop_aml.domain.summaries.stacks import ProcessStack
from desktop_aml.domain.targets import ClusterSpec
from desktop_aml.store import pools, runs
from desktop_aml.store.organising import needs
from desktop_aml.workspace.run.stalling import seems_stalled
from desktop_aml.workspace.service import Service


class RunQueue(Service):
    """Runs that wait.

    Examples
    --------
    >>> workspace.runs.queue.pause()
    >>> workspace.runs.queue.is_paused()
    True
    >>> workspace.runs.queue.resume()
    >>> workspace.runs.queue.waiting()
    ()
    """

    def waiting(self, limit: int = 200) -> tuple[str, ...]:
        """Return the ids of the first queued runs, as they stand in the queue."""
        return tuple(pools.waiting(self._db, limit))

    def listed(self, limit: int = 200_000) -> tuple[QueuedRun, ...]:
        """Return the first queued runs in few words, as they stand in the queue."""
        return tuple(pools.waiting_rows(self._db, limit))

    def is_paused(self) -> bool:
        """Whether queued runs wait until `resume`."""
        return self._folder.pause_mark.exists()

    def pause(self) -> None:
        """Let no further run begin; what executes goes on."""
        self._client.ask(ChangeQueue(is_paused=True))

    def resume(self) -> None:
        """Let queued runs begin again."""
        self._client.ask(ChangeQueue(is_paused=False))

    def set_priority(self, wanted: str, priority: int) -> None:
        """Have a queued run begin before those of a lower priority; 0 is usual.

        Raises
        ------
        Conflict
            When the run does not wait.
        """
        self._client.ask(ChangeQueue(run_id=self._client.find_run(wanted), priority=priority))

    def move(self, wanted: str, before: str = "") -> None:
        """Put a queued run before another one, whose priority it gets; without one, to the end of its own priority.

        Raises
        ------
        Conflict
            When one of them does not wait.
        """
        other = self._client.find_run(before) if before else ""
        self._client.ask(ChangeQueue(run_id=self._client.find_run(wanted), before=other))

    def put_first(self, wanted: str) -> None:
        """Put a queued run before all others.

        Raises
        ------
        Conflict
            When it does not wait.
        """
        self._client.ask(ChangeQueue(run_id=self._client.find_run(wanted), is_first=True))

    def stalled(self, run: RunSummary) -> str:
        """Return in words that a run seems stalled; empty for one that does not."""
        return seems_stalled(self._folder, run)

    def stacks(self, wanted: str) -> tuple[ProcessStack, ...]:
        """Return where the processes of a run are just now: each thread's stack, of those that are Python and can tell.

        It changes nothing of what they do, and takes at most two seconds for each that gives no answer.

        Raises
        ------
        Conflict
            When the run does not execute.
        NotFound
            When none of its processes can be seen from here, as on another computer.
        """
        # Imported here: only who asks needs it.
        from desktop_aml.workspace.run.stacks import stacks_of

        return stacks_of(self._db, self._client.find_run(wanted))

    def reason(self, detail: RunDetail) -> str:
        """Return in words why a run waits, or that it seems stalled; empty for one that goes on or is over."""
        run = detail.summary
        if run.state is not RunState.QUEUED:
            return seems_stalled(self._folder, run)
        with self._db.reading():
            # It may have begun since it was read: then it is one of those that would be counted below.
            return self._reason(detail) if runs.state_of(self._db, run.id) is RunState.QUEUED else ""

    def _reason(self, detail: RunDetail) -> str:
        run = detail.summary
        if self.is_paused():
            return "The queue is paused; it goes on with: desktop-aml run queue resume"
        # Imported here, with what it loads: a list of runs only asks whether they seem stalled.
        from desktop_aml.store import azure_records

        pool = detail.properties.get(pools.COMPUTE_TARGET, "")
        record = azure_records.computes(self._folder).get(pool) if pool else None
        if record is not None and pools.active_by_compute(self._db).get(pool, 0) >= record.max_nodes:
            return f"The compute target “{pool}” has all of its {record.max_nodes} runs at once."
        clusters = azure_records.clusters(self._folder)
        busy = pools.count_active(self._db, [run.target] if run.target in clusters else None, without=list(clusters))
        if run.target in clusters:
            return _of_cluster(clusters[run.target], busy)
        limit = self._client.settings.max_concurrent_runs
        if busy >= limit:
            return f"As many runs execute ({busy}) as the settings allow at once ({limit})."
        missing = needs.lack(self._db, Needs.of(detail.properties)) if run.target in {LOCAL, DOCKER} else ""
        if missing:
            return missing
        return "Its turn comes next." if (detail.queue_position or 1) == 1 else "Other runs stand before it."


def _of_cluster(cluster: ClusterSpec, busy: int) -> str:
    if cluster.is_own and busy >= cluster.max_nodes:
        return f"All {cluster.max_nodes} nodes of the compute “{cluster.name}” have a run."
    return f"It waits for a node of the compute “{cluster.name}”."
