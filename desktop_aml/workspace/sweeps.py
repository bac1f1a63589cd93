"""Sweeps of a workspace: begun, looked at, changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from desktop_aml.domain.errors import Conflict, NotFound
from desktop_aml.domain.requests import CancelRun
from desktop_aml.domain.sweeps.records import Sweep, SweepSpec, Trial, Wanted, no_best_words
from desktop_aml.domain.sweeps.requests import ChangeSweep
from desktop_aml.domain.sweeps.space import Variation
from desktop_aml.domain.sweeps.standings import best_of
from desktop_aml.engine.sweeps.tpe import OptunaProcess
from desktop_aml.store.sweeps import table
from desktop_aml.workspace.engine_client import EngineClient
from desktop_aml.workspace.runs import Runs
from desktop_aml.workspace.service import Service


class Sweeps(Service):
    """The sweeps of a workspace.

    Examples
    --------
    >>> sweep = workspace.sweeps.start("train.py", spec)
    >>> workspace.sweeps.best(sweep).run_id
    """

    def __init__(self, client: EngineClient, runs: Runs) -> None:
        super().__init__(client)
        self._runs = runs

    def start(self, script: Path | str, spec: SweepSpec, **options: Any) -> str:
        """Copy the source, begin a sweep of `script` and return its id; options as for `Runs.submit`."""
        return self._runs.submit(script, sweep=spec, **options)

    def list(self, limit: int = 200) -> tuple[Sweep, ...]:
        """Return the newest sweeps, newest first."""
        return tuple(table.read(self._db, run_id) for run_id in table.ids(self._db)[:limit])

    def find(self, wanted: str) -> str:
        """Return the id of the sweep that an id, the beginning of one, a name or ``latest`` means.

        Raises
        ------
        NotFound
            When it means none.
        """
        db = self._db
        if wanted == "latest":
            newest = table.ids(db)[:1]
            if not newest:
                raise NotFound("There are no sweeps in this workspace.", "Begin one with: desktop-aml sweep SCRIPT")
            return newest[0]
        run_id = self._client.find_run(wanted)
        own = table.sweep_of(db, run_id)
        if own is not None:
            return own[0]
        table.get(db, run_id)
        return run_id

    def get(self, wanted: str) -> Sweep:
        """Return everything about a sweep; that of a trial is the sweep that it belongs to."""
        return table.read(self._db, self.find(wanted))

    def is_sweep(self, run_id: str) -> bool:
        """Whether a run is a sweep."""
        return table.exists(self._db, run_id)

    def best(self, wanted: str) -> Trial:
        """Return the best trial of a sweep; where seeds repeat settings, that of the setting with the best mean.

        Raises
        ------
        NotFound
            When there is none; the message says why.
        """
        sweep = self.get(wanted)
        best = best_of(sweep)
        if best is None:
            words = sweep.explanation() or no_best_words(sweep.spec.metric, sweep.metrics)
            raise NotFound(words, "The name of the metric must be exactly as the script logs it.")
        return best

    def pause(self, wanted: str) -> None:
        """Let no further trial begin; those under way go on."""
        self._change(ChangeSweep(run_id=self.find(wanted), wanted=Wanted.PAUSED))

    def resume(self, wanted: str) -> None:
        """Let trials begin again."""
        self._change(ChangeSweep(run_id=self.find(wanted), wanted=Wanted.RUNNING))

    def cancel(self, wanted: str) -> None:
        """End a sweep and its trials."""
        self._change(CancelRun(run_id=self.find(wanted)))

    def extend(
        self,
        wanted: str,
        *,
        trials: int | None = None,
        concurrent: int | None = None,
        space: Sequence[Variation] = (),
        time_limit_s: float | None = None,
    ) -> None:
        """Change how many trials a sweep has in all and at once, its time limit, and the space of further trials.

        Raises
        ------
        Conflict
            When it has ended.
        """
        run_id = self.find(wanted)
        request = ChangeSweep(
            run_id=run_id, trials=trials, concurrent=concurrent, space=tuple(space), time_limit_s=time_limit_s
        )
        self._change(request)

    def _change(self, request: ChangeSweep | CancelRun) -> None:
        self._client.ask(request)

    def export(self, wanted: str, to: Path) -> int:
        """Write a sweep into a new file that Optuna and Optuna Dashboard open; return how many trials it holds.

        Raises
        ------
        Conflict
            When there is such a file already.
        MissingOnComputer
            When Optuna is not installed.
        """
        path = to.expanduser().absolute()
        if path.exists():
            raise Conflict(f"There is “{path}” already.", "Choose another name.")
        process = OptunaProcess()
        try:
            return process.export(self.get(wanted), str(path))
        finally:
            process.close()
