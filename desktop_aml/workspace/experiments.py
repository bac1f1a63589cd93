"""Experiments: the names that runs are gathered under, and what Azure ML code wrote about them."""

from __future__ import annotations

import time
from dataclasses import dataclass

from desktop_aml.domain.errors import Conflict, NotFound
from desktop_aml.domain.names import check_experiment_name
from desktop_aml.store import azure_records, experiments
from desktop_aml.store.azure_records import ExperimentRecord
from desktop_aml.workspace.service import Service


@dataclass(frozen=True, slots=True)
class ExperimentSummary:
    """One experiment. `last_run_at` is Unix time in seconds."""

    name: str
    run_count: int
    last_run_at: float | None


class Experiments(Service):
    """The experiments of a workspace.

    Examples
    --------
    >>> run = workspace.runs.submit(script, experiment="tuning")
    >>> [(one.name, one.run_count) for one in workspace.experiments.list()]
    [('tuning', 1)]
    """

    def list(self) -> tuple[ExperimentSummary, ...]:
        """Return every experiment, by name."""
        return tuple(ExperimentSummary(*row) for row in experiments.summaries(self._db))

    def names(self) -> tuple[str, ...]:
        """Return every experiment that has runs or was made by Azure ML code, by name."""
        with_runs = {one.name for one in self.list()}
        return tuple(sorted(with_runs | set(azure_records.experiments(self._folder).names()), key=str.lower))

    def get(self, name: str) -> ExperimentRecord:
        """Return what is written about an experiment, and make a note of its existence when it is new.

        Returns
        -------
        ExperimentRecord
            Tags, and when it was made and archived, as Unix time in seconds.

        Raises
        ------
        InvalidName
            When the name breaks a rule.
        """
        check_experiment_name(name)
        records = azure_records.experiments(self._folder)
        found = records.get(name)
        if found is None:
            found = ExperimentRecord(created_at=time.time())
            records.put(name, found)
        return found

    def put(self, name: str, record: ExperimentRecord) -> None:
        """Replace what is written about an experiment."""
        azure_records.experiments(self._folder).put(check_experiment_name(name), record)

    def id_of(self, name: str) -> str:
        """Return the identifier of an experiment."""
        return azure_records.experiment_id(self._folder, name)

    def delete(self, name: str) -> None:
        """Forget an experiment.

        Raises
        ------
        Conflict
            When it has runs.
        """
        if any(one.name == name and one.run_count for one in self.list()):
            raise Conflict(f"The experiment “{name}” has runs.", "Delete its runs first.")
        if not azure_records.experiments(self._folder).remove(name):
            raise NotFound(f"There is no experiment “{name}” in this workspace.")
