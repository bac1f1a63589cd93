"""Runs that a program of the user's own records, such as a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from desktop_aml.domain.environments import OWN_PYTHON
from desktop_aml.domain.errors import Conflict
from desktop_aml.domain.names import check_any_experiment_name, check_experiment_name, check_thing_name
from desktop_aml.domain.requests import SubmitRun, TakeInRun
from desktop_aml.domain.runs import DOCKER, EXTERNAL
from desktop_aml.executors.external import make_folders
from desktop_aml.run_folder import nested_runs, snapshot
from desktop_aml.run_folder import properties as run_properties
from desktop_aml.workspace.run.submission import folder_of, queue
from desktop_aml.workspace.service import Service

_TAKE_IN_TIMEOUT_S: Final = 600.0


class ExternalRuns(Service):
    """Runs whose process is not started here."""

    def start(
        self,
        *,
        run_id: str,
        experiment: str,
        snapshot_directory: Path | None = None,
        display_name: str = "",
        parent: str = "",
        properties: Mapping[str, str] | None = None,
        any_name: bool = False,
    ) -> Path:
        """Queue a run that another process records, and return the folder that it is to claim and write into.

        Parameters
        ----------
        run_id : str
            Chosen by the caller.
        snapshot_directory : Path, optional
            A folder to keep a copy of, as the code of the run.
        any_name : bool
            Whether the experiment's name may be any that MLflow allows.

        Raises
        ------
        InvalidInput
            When a name breaks a rule.
        Conflict
            When there is a run with this id.
        """
        (check_any_experiment_name if any_name else check_experiment_name)(experiment)
        self._client.check_trust()
        folder = self._folder.run(check_thing_name(run_id, "run"))
        if folder.exists():
            raise Conflict(f"There is a run “{run_id}” already.", "Choose another id, or none.")
        if parent and self._sees_only_its_folder(parent):
            folder = nested_runs.place(self._folder, run_id, parent)
        with folder_of(self._client, run_id):
            make_folders(folder)
            if snapshot_directory is None:
                snapshot.write_manifest(folder, ())
            else:
                snapshot.take(snapshot_directory, folder, self._folder.blobs, workspace=self._folder.root)
            queue(
                self._client,
                SubmitRun(
                    run_id=run_id,
                    experiment=experiment,
                    script="",
                    source_directory=str(snapshot_directory or ""),
                    environment=OWN_PYTHON,
                    target=EXTERNAL,
                    display_name=display_name,
                    parent=self._client.find_run(parent) if parent else "",
                    properties={
                        **run_properties.of_submission(snapshot_directory, folder, "local"),
                        **(properties or {}),
                    },
                ),
            )
        return folder

    def _sees_only_its_folder(self, run_id: str) -> bool:
        in_container = self._client.run_detail(run_id).summary.target == DOCKER
        return in_container or nested_runs.is_nested(self._folder, run_id)

    def take_in(self, run_id: str) -> None:
        """Store what other programs wrote into the folder of a run since its end: metrics, labels, files."""
        self._client.ask(TakeInRun(run_id=self._client.find_run(run_id)), timeout_s=_TAKE_IN_TIMEOUT_S)
