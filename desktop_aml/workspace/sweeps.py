"""Sweeps of a workspace: begun, looked at, changed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, Final

from desktop_aml.domain.errors import Conflict, InvalidInput, NotFound
from desktop_aml.domain.registry import MODEL_ENDINGS, ModelVersion
from desktop_aml.domain.requests import CancelRun
from desktop_aml.domain.sweeps.narrowing import narrowed
from desktop_aml.domain.sweeps.records import Sweep, SweepLine, SweepSpec, Trial, Wanted, no_best_words
from desktop_aml.domain.sweeps.repeats import repeats, seed_name
from desktop_aml.domain.sweeps.requests import ChangeSweep
from desktop_aml.domain.sweeps.space import Values, Variation
from desktop_aml.domain.sweeps.standings import best_of, repeated_in_space
from desktop_aml.engine.sweeps.tpe import OptunaProcess
from desktop_aml.run_folder import script_arguments, script_variables
from desktop_aml.store import runs
from desktop_aml.store.record import readable
from desktop_aml.store.sweeps import table
from desktop_aml.system.whole_paths import whole_path
from desktop_aml.workspace.engine_client import EngineClient
from desktop_aml.workspace.models import Models
from desktop_aml.workspace.runs import Runs
from desktop_aml.workspace.service import Service

MORE_TRIALS: Final = 10
"""How many trials a narrowed sweep gets by default."""

MORE_RUNS: Final = 5
"""How many more runs of a setting there are by default."""


class Sweeps(Service):
    """The sweeps of a workspace.

    Examples
    --------
    >>> sweep = workspace.sweeps.start("train.py", spec)
    >>> workspace.sweeps.best(sweep).run_id
    """

    def __init__(self, client: EngineClient, runs: Runs, models: Models) -> None:
        super().__init__(client)
        self._runs = runs
        self._models = models

    def start(self, script: Path | str, spec: SweepSpec, **options: Any) -> str:
        """Copy the source, begin a sweep of `script` and return its id; options as for `Runs.submit`."""
        return self._runs.submit(script, sweep=spec, **options)

    def list(self, limit: int = 200) -> tuple[Sweep, ...]:
        """Return the newest sweeps, newest first."""
        return tuple(readable.those(partial(table.read, self._db), table.ids(self._db)[:limit]))

    def lines(self, limit: int = 200) -> tuple[SweepLine, ...]:
        """Return what a list says of the newest sweeps, newest first, however many trials they have."""
        return tuple(readable.those(partial(table.read_line, self._db), table.ids(self._db)[:limit]))

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
        try:
            run_id = self._client.find_run(wanted)
        except NotFound:
            raise NotFound(
                f"There is no sweep “{wanted}” in this workspace.", "List them with: desktop-aml sweep list"
            ) from None
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
        run_id = self.find(wanted)
        stored = table.get(self._db, run_id)
        # Trials that were drawn or asked for elsewhere may have arguments that the space does not name.
        is_plain = not (stored.space_from or stored.as_planned or repeated_in_space(stored.spec.space))
        number = table.best_trial(self._db, run_id, stored.spec) if is_plain else None
        if number is not None:
            return table.trial(self._db, run_id, stored.spec, number)[0]
        sweep = self.get(run_id)
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

        One that has ended is opened again for more trials; secrets that it brought along are those set here now.

        Raises
        ------
        Conflict
            When it has ended, and nothing is left to try.
        """
        run_id = self.find(wanted)
        self._go_on(
            ChangeSweep(
                run_id=run_id, trials=trials, concurrent=concurrent, space=tuple(space), time_limit_s=time_limit_s
            )
        )

    def narrow(self, wanted: str, trials: int = MORE_TRIALS) -> tuple[Variation, ...]:
        """Make the space of a sweep half as wide around its best trial, and have so many more drawn from that.

        Returns
        -------
        tuple of Variation
            The new space.

        Raises
        ------
        NotFound
            When no trial has a value.
        InvalidInput
            When it is to have less than one trial more.
        """
        sweep = self.get(wanted)
        if trials < 1:
            raise InvalidInput("The number of trials more must be at least 1.", "")
        space = narrowed(sweep)
        self._go_on(ChangeSweep(run_id=sweep.run_id, trials=sweep.total + trials, space=space))
        return space

    def repeat(
        self, wanted: str, trials: Sequence[int] = (), *, runs: int = MORE_RUNS, seed: str = ""
    ) -> tuple[Values, ...]:
        """Run settings of a sweep again with other seeds; the same call again while they are to come changes nothing.

        Parameters
        ----------
        trials : sequence of int
            Numbers of trials whose settings are meant; by default the best one.
        runs : int
            How many more runs of each.
        seed : str
            The argument that is the seed; empty: found by its name, in the sweep, then in the script.

        Returns
        -------
        tuple of Values
            What the new trials are given.

        Raises
        ------
        NotFound
            When there is no such trial.
        InvalidInput
            When no argument is a seed.
        """
        sweep = self.get(wanted)
        unknown = [number for number in trials if not 0 <= number < len(sweep.trials)]
        if unknown:
            raise NotFound(f"The sweep has no trial {unknown[0]}.", f"It has {len(sweep.trials)}, counted from 0.")
        chosen = [sweep.trials[number] for number in trials] or [self.best(sweep.run_id)]
        planned = repeats(sweep, chosen, runs, seed or self._seed_of(sweep))
        self._go_on(ChangeSweep(run_id=sweep.run_id, planned=planned))
        return planned

    def missing_secrets(self, wanted: str) -> tuple[str, ...]:
        """Return the variables that more trials of an ended sweep would lack: they were not kept, nor are set here."""
        run_id = self.find(wanted)
        has_ended = runs.state_of(self._db, run_id).is_terminal()
        return self._runs.code.missing_secrets(run_id) if has_ended else ()

    def _seed_of(self, sweep: Sweep) -> str:
        template = table.get(self._db, sweep.run_id).template
        found = script_arguments.described(self._folder.run(sweep.run_id), self._folder.blobs, template.script)
        return seed_name(sweep, template.arguments, [one.key for one in found.arguments])

    def _go_on(self, request: ChangeSweep) -> None:
        """Ask for more of a sweep; where it had ended, give it the secrets again that went with its end."""
        if not runs.state_of(self._db, request.run_id).is_terminal():
            self._change(request)
            return
        self._client.check_trust()
        folder = self._folder.run(request.run_id)
        script_variables.renew_secrets(folder, os.environ)
        try:
            self._change(request)
        except (Conflict, InvalidInput, NotFound):
            # It was refused, so nothing will start that needs them.
            if runs.state_of(self._db, request.run_id).is_terminal():
                script_variables.forget_secrets(folder)
            raise

    def register_best(self, wanted: str, *, name: str = "", path: str = "") -> ModelVersion:
        """Register the model of the best trial; asked again, that of the same trial is returned.

        Parameters
        ----------
        name : str
            Empty: that of the experiment.
        path : str
            The file or folder that the trial left; empty where it left one model in ``outputs``.

        Raises
        ------
        NotFound
            When there is no best trial, or it left no model.
        Conflict
            When it left several.
        """
        sweep = self.get(wanted)
        best = self.best(sweep.run_id)
        name = name or re.sub(r"[^A-Za-z0-9._-]+", "-", sweep.experiment).strip("-._") or "model"
        path = path or self._model_of(best)
        for known in self._models.list():
            if (known.name, known.run_id, known.path) == (name, best.run_id, path):
                return known
        labels = {"sweep": sweep.run_id, sweep.spec.metric: repr(best.best)}
        return self._models.register(name, run_id=best.run_id, path=path, tags=labels)

    def _model_of(self, best: Trial) -> str:
        files = [file.path for file in self._runs.files.list(best.run_id)]
        models = [path for path in files if PurePosixPath(path).suffix.lower() in MODEL_ENDINGS]
        found = [path for path in models if path.startswith("outputs/")] or models
        if not found:
            raise NotFound(
                f"The best trial, {best.run_id}, left no model in its outputs.", "Name a file or folder that it left."
            )
        if len(found) > 1:
            raise Conflict(f"The best trial left several models: {', '.join(found[:5])}.", "Name one of them.")
        return found[0]

    def _change(self, request: ChangeSweep | CancelRun) -> None:
        self._client.ask(request)

    def curves(self, wanted: str, numbers: Sequence[int]) -> dict[int, tuple[float, ...]]:
        """Return what some trials reported of the metric, by their numbers."""
        sweep_id = self.find(wanted)
        found = table.curves(self._db, sweep_id, table.get(self._db, sweep_id).spec.metric, numbers)
        return {number: tuple(value for _, value in points) for number, points in found.items()}

    def importances(self, wanted: str) -> tuple[tuple[str, float], ...]:
        """Return how much of the differences between trials each argument explains: shares of 1, the greatest first.

        Worked out by Optuna in a process of its own; nothing where all trials came to the same.

        Raises
        ------
        MissingOnComputer
            When Optuna is not installed.
        """
        with closing(OptunaProcess()) as process:
            return process.importances(self.get(wanted))

    def import_study(
        self,
        file: Path | str,
        *,
        study: str = "",
        experiment: str = "imported",
        progress: Callable[[int, int], object] | None = None,
    ) -> str:
        """Take in a study that Optuna keeps in a file of SQLite as an ended sweep; return its id.

        The same study again is the same sweep. Trials that have not ended are left out; the final value of each is the
        metric, what it reported before is logged as ``intermediate``.

        Parameters
        ----------
        file : Path or str
            It is only read.
        study : str
            The name of the study; empty where the file holds but one.
        experiment : str
            The name that its runs are gathered under.
        progress : callable, optional
            Told how many trials of how many are taken in.

        Raises
        ------
        NotFound
            When there is no such file.
        InvalidInput
            When it holds no such study.
        DesktopAMLError
            When Optuna cannot read it.
        """
        from desktop_aml.workspace.sweep import studies

        return studies.take_in(self._client, whole_path(file), study, experiment, progress)

    def export(self, wanted: str, to: Path | str) -> int:
        """Write a sweep into a new file that Optuna and Optuna Dashboard open; return how many trials it holds.

        Raises
        ------
        Conflict
            When there is such a file already.
        MissingOnComputer
            When Optuna is not installed.
        """
        path = whole_path(to)
        if path.exists():
            raise Conflict(f"There is “{path}” already.", "Choose another name.")
        with closing(OptunaProcess()) as process:
            return process.export(self.get(wanted), str(path))
