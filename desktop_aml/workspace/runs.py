"""Runs: handed in, watched, compared, changed, removed."""

from __future__ import annotations

import math
import os
import stat
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.pythons import THIS_PYTHON
from desktop_aml.domain.runs import RunDetail, RunQuery, RunState, RunSummary
from desktop_aml.store import runs
from desktop_aml.system.files import looks_below, used_bytes
from desktop_aml.workspace.run.parts import RunParts

if TYPE_CHECKING:
    from desktop_aml.domain.captured.facts import CapturedFacts
    from desktop_aml.domain.compare.runs import RunComparison
    from desktop_aml.domain.datasets import DatasetUse
    from desktop_aml.domain.metrics import RunMetrics
    from desktop_aml.domain.sweeps.records import SweepSpec
    from desktop_aml.store.run_table.view import RunView

_POLL_S: Final = 0.05
_LOOK_AFTER_S: Final = 10.0
"""How often who waits makes sure that there is an engine. Starting one takes a second or two."""


class Runs(RunParts):
    """The runs of a workspace.

    Attributes
    ----------
    files : RunFiles
        What runs wrote: outputs, logs.
    code : RunCode
        What runs executed.
    curves : RunCurves
        What runs logged, as arrays.
    data : RunData
        What runs read from elsewhere.
    external : ExternalRuns
        Runs that another program records.

    Examples
    --------
    >>> run = workspace.runs.submit(script, arguments=["3"], tags={"try": "first"})
    >>> print(workspace.runs.wait(run, timeout_s=60).summary.state)
    Completed
    >>> [curve] = workspace.runs.metrics(run).curves
    >>> curve.name, [point.value for point in curve.points]
    ('loss', [1.0, 0.5, 0.25])
    >>> print(workspace.runs.files.read_log(run).data.decode(), end="")
    3 steps
    >>> again = workspace.runs.rerun(run, arguments=["2"])
    >>> _ = workspace.runs.wait(again, timeout_s=60)
    >>> [row.values for row in workspace.runs.compare([run, again]).rows if row.name == "loss"]
    [(0.25, 0.5)]
    """

    def submit(
        self,
        script: Path | str,
        *,
        source_directory: Path | str | None = None,
        experiment: str = "default",
        environment: str = THIS_PYTHON,
        target: str = "local",
        arguments: Sequence[str] = (),
        display_name: str = "",
        tags: Mapping[str, str] | None = None,
        env_vars: Mapping[str, str] | None = None,
        properties: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
        compatibility: bool | None = None,
        capture: bool | None = None,
        as_module: bool = False,
        parent: str = "",
        submitters: Mapping[str, str] | None = None,
        progress: Callable[[int, int], None] | None = None,
        warn: Callable[[str], object] | None = None,
        any_number: bool = False,
        sweep: SweepSpec | None = None,
        sweep_properties: Mapping[str, str] | None = None,
        run_id: str = "",
    ) -> str:
        """Copy the source, queue a run of `script`, and return the run's id.

        Parameters
        ----------
        script : Path or str
            The script or notebook; relative to `source_directory` when that is given.
        source_directory : Path or str, optional
            The folder that is copied; by default the script's own.
        experiment : str
            The name that the run is gathered under.
        environment : str
            ``name`` or ``name:version``; by default the Python that Desktop AML runs in.
        target : str
            ``"local"`` for a process of this computer, ``"docker"`` for a container.
        arguments : sequence of str
            The words of the script's command line.
        display_name : str
            Empty: one is made up.
        tags, properties : mapping of str, optional
            Labels: tags can be changed later, properties cannot.
        timeout_s : float, optional
            The run is ended after so many seconds.
        compatibility : bool, optional
            Whether to restore for the script what newer libraries removed; without a word, as the settings say.
        capture : bool, optional
            Whether to record what a plain script does; without a word, as the workspace says.
        as_module : bool
            Whether `script` names a module of the source, to be started as ``python -m`` does from its top folder.
        parent : str
            The run that this one is to be a child of.
        env_vars : mapping of str, optional
            Variables for the script beyond those of `submitters`. What looks like a secret is not kept after the start.
        submitters : mapping of str, optional
            The variables of the process that wants the run; by default this one's.
        progress : callable, optional
            Called with bytes copied and bytes in all.
        warn : callable, optional
            Called with each thing that a person should know of what is copied and what is not.
        any_number : bool
            Whether to copy very many files without a warning.
        sweep : SweepSpec, optional
            Makes it a sweep: the run has trials in place of a script, which do not get `sweep_properties`.
        run_id : str
            Chosen by the caller; by default a new one.

        Raises
        ------
        NotFound
            When there is no such script, folder or environment.
        InvalidInput
            When the script lies outside the source directory, or a name breaks a rule.
        """
        from desktop_aml.workspace.run import submission

        wanted = submission.Wanted(
            script=script,
            source_directory=source_directory,
            experiment=experiment,
            environment=environment,
            target=target,
            arguments=arguments,
            display_name=display_name,
            tags=tags or {},
            env_vars=env_vars or {},
            properties=properties or {},
            timeout_s=timeout_s,
            compatibility=compatibility,
            capture=capture,
            as_module=as_module,
            parent=parent,
            submitters=os.environ if submitters is None else submitters,
            progress=progress,
            warn=warn,
            any_number=any_number,
            sweep=sweep,
            sweep_properties=sweep_properties or {},
            run_id=run_id,
        )
        return submission.submit(self._client, wanted)

    def rerun(
        self,
        run_id: str,
        *,
        arguments: Sequence[str] | None = None,
        environment: str | None = None,
        target: str | None = None,
        display_name: str = "",
        env_vars: Mapping[str, str] | None = None,
        submitters: Mapping[str, str] | None = None,
    ) -> str:
        """Queue a run of an old run's own code and return its id; what is not given stays as it was.

        Its variables are those of the old run, with `env_vars` beside them. Secrets among them were not kept: they are
        taken from `submitters` (by default this process's variables), and the property `VARIABLES_MISSING` names those
        that are not there. What changed of the data that the old run read is written into a property; ask
        `data.changed` before.
        """
        from desktop_aml.workspace.run import submission

        return submission.rerun(
            self._client,
            run_id,
            arguments=arguments,
            environment=environment,
            target=target,
            display_name=display_name,
            env_vars=env_vars or {},
            submitters=os.environ if submitters is None else submitters,
        )

    def wait(self, wanted: str, timeout_s: float | None = None) -> RunDetail:
        """Return a run once it has ended, or as it is after `timeout_s`.

        Parameters
        ----------
        wanted : str
            The run, as for `find`.
        timeout_s : float, optional
            How long to wait, in seconds; by default as long as it takes.

        Returns
        -------
        RunDetail
            The whole of it; ``summary.state`` is Completed, Failed or Canceled, or another one after `timeout_s`.

        Raises
        ------
        NotFound
            When there is no such run.
        UntrustedWorkspace
            When nothing may run in this workspace, so that waiting would be in vain.
        """
        run_id = self.find(wanted)
        until = time.monotonic() + timeout_s if timeout_s is not None else math.inf
        next_look = time.monotonic()
        while not self.state(run_id).is_terminal() and (now := time.monotonic()) < until:
            if now >= next_look:
                self._client.see_to_work()
                next_look = now + _LOOK_AFTER_S
            time.sleep(min(_POLL_S, max(0.0, until - now)))
        return self.get(run_id)

    def find(self, wanted: str) -> str:
        """Return the id that an id, the beginning of one, a display name or ``latest`` means.

        Raises
        ------
        NotFound
            When it means no run, or more than one.
        """
        return self._client.find_run(wanted)

    def get(self, wanted: str) -> RunDetail:
        """Return everything about one run; `wanted` as for `find`."""
        return self._client.run_detail(wanted)

    def state(self, run_id: str) -> RunState:
        """Return the state of the run of exactly this id, else raise `NotFound`; quick enough to be asked often."""
        return runs.state_of(self._db, run_id)

    def list(self, query: RunQuery | None = None, offset: int = 0, limit: int = 200) -> tuple[RunSummary, ...]:
        """Return a page of the runs that a query asks for; newest first without one.

        Parameters
        ----------
        query : RunQuery, optional
            Which runs, in which order.
        offset, limit : int
            The page: at most `limit` runs after the first `offset`.
        """
        view = self.view()
        try:
            found = view.apply(query or RunQuery())
            return tuple(summary for summary in view.page(found.token, offset, limit) if summary is not None)
        finally:
            view.close()

    def count(self, query: RunQuery | None = None) -> int:
        """Return how many runs a query asks for."""
        view = self.view()
        try:
            return view.apply(query or RunQuery()).count
        finally:
            view.close()

    def state_counts(self, experiment: str | None = None) -> dict[RunState, int]:
        """Return how many runs are in each state."""
        return runs.state_counts(self._db, experiment)

    def active(self) -> tuple[RunSummary, ...]:
        """Return the runs that are queued or under way, oldest first."""
        states = [state for state in RunState if not state.is_terminal()]
        return tuple(runs.get(self._db, run_id).summary for run_id, _ in runs.in_states(self._db, states))

    def view(self) -> RunView:
        """Return a view for a table of very many runs; the caller closes it."""
        from desktop_aml.store.run_table.view import RunView

        return RunView(self._folder.database)

    def children(self, wanted: str) -> tuple[RunSummary, ...]:
        """Return the runs that a run started as its children, oldest first; `wanted` as for `find`."""
        return runs.children(self._db, self.find(wanted))

    def metrics(self, wanted: str) -> RunMetrics:
        """Return everything a run logged.

        Returns
        -------
        RunMetrics
            ``curves``: for each name its points in logging order, each with value, step and Unix time in seconds;
            ``records``: lists, rows, tables, images and charts. `RunMetrics.as_azure` has the shape of Azure ML. The
            `source` of each says whether the script logged it.
        """
        from desktop_aml.workspace.run import captured

        return captured.metrics_of(self._db, self.find(wanted))

    def captured(self, wanted: str) -> CapturedFacts:
        """Return what was seen of a plain script beside metrics: estimators, scores, warnings, a model to register."""
        from desktop_aml.workspace.run import captured

        return captured.facts_of(self._db, self.find(wanted))

    def datasets(self, wanted: str) -> tuple[DatasetUse, ...]:
        """Return the datasets of a run: what it took in, then what it left; `wanted` as for `find`."""
        from desktop_aml.workspace.run import datasets

        return datasets.uses(self._db, self.find(wanted))

    def compare(self, wanted: Sequence[str]) -> RunComparison:
        """Return arguments, last metrics, data, tags and properties of runs side by side.

        Parameters
        ----------
        wanted : sequence of str
            For each its id, the beginning of it, or ``latest``.

        Raises
        ------
        NotFound
            When there is no such run.
        InvalidInput
            When these are fewer than two runs, or too many to tell apart.
        """
        from desktop_aml.workspace.run import comparing

        return comparing.compare_runs(self._client, wanted)

    def cancel(self, run_id: str) -> None:
        """Ask for the end of a run."""
        from desktop_aml.domain.requests import CancelRun

        self._client.ask(CancelRun(run_id=self.find(run_id)))

    def fail(self, run_id: str, message: str = "") -> None:
        """Ask for the end of a run, as one that failed; `message` says why."""
        from desktop_aml.domain.requests import FailRun

        self._client.ask(FailRun(run_id=self.find(run_id), message=message))

    def update(
        self,
        run_id: str,
        display_name: str | None = None,
        tags: Mapping[str, str] | None = None,
        remove_tags: Sequence[str] = (),
        *,
        description: str | None = None,
        properties: Mapping[str, str] | None = None,
    ) -> None:
        """Rename and describe a run, add or change tags, remove tags, add properties.

        Raises
        ------
        Conflict
            When the run has one of the properties already, with another value.
        """
        from desktop_aml.domain.requests import UpdateRun

        self._client.ask(
            UpdateRun(
                run_id=self.find(run_id),
                display_name=display_name,
                tags=dict(tags or {}),
                remove_tags=tuple(remove_tags),
                description=description,
                properties=dict(properties or {}),
            )
        )

    def space(self, wanted: Sequence[str]) -> int:
        """Return how many bytes the deletion of runs would free: what models and other runs share with them stays."""
        from desktop_aml.store import cleaning

        ids = frozenset(self.find(one) for one in wanted)
        looks = (look for run_id in ids for look in looks_below(self._folder.run(run_id)))
        own = sum(used_bytes(look) for look in looks if not stat.S_ISDIR(look.st_mode))
        return own + cleaning.unused(self._folder, ids).size_bytes

    def delete(self, run_id: str) -> None:
        """Remove an ended run, its folder, and what of the store nothing else means; see `space`."""
        from desktop_aml.domain.requests import DeleteRun

        self._client.ask(DeleteRun(run_id=self.find(run_id)))
        self._client.free_room()
