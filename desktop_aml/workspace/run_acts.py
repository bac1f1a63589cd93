"""Acts on runs: submit, run again, cancel, rename, tag, delete."""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from desktop_aml.domain.environments import OWN_PYTHON, THIS_PYTHON
from desktop_aml.domain.errors import Conflict, DesktopAMLError, EngineUnavailable, InvalidInput
from desktop_aml.domain.names import check_experiment_name, check_thing_name
from desktop_aml.domain.requests import CancelRun, DeleteRun, FailRun, SubmitRun, TakeInRun, UpdateRun
from desktop_aml.domain.runs import EXTERNAL
from desktop_aml.domain.targets import RunTarget
from desktop_aml.executors.external import make_folders
from desktop_aml.run_folder import manifests, nested_runs, script_env, script_variables, snapshot, source_imports
from desktop_aml.run_folder import properties as run_properties
from desktop_aml.run_folder.properties import DATA_CHANGED, RERUN_OF, SNAPSHOT_ID, VARIABLES_MISSING
from desktop_aml.run_folder.snapshot import SnapshotPreview
from desktop_aml.store import runs
from desktop_aml.workspace.azure_side import THIS_COMPUTER, AzureSide
from desktop_aml.workspace.locating import locate_script
from desktop_aml.workspace.run_targets import run_targets
from desktop_aml.workspace.store_space import StoreSpace

_CHANGED_SHOWN: Final = 10
_TAKE_IN_TIMEOUT_S = 600.0

_LONGEST_S = 100_000_000
"""Three years; far beyond it the clocks of the system overflow."""


class RunActs(AzureSide, StoreSpace):
    """What can be done with runs."""

    def targets(self) -> tuple[RunTarget, ...]:
        """Return where runs can go, and why not where they cannot; asks the Docker engine, so it can take seconds."""
        return run_targets()

    def preview_snapshot(self, source_directory: Path | str, *, any_number: bool = False) -> SnapshotPreview:
        """Return what would be copied from a source directory, and what would be left out."""
        source = Path(source_directory).expanduser().absolute()
        return snapshot.preview(source, workspace=self.path, limits=self._limits(any_number=any_number))

    def _limits(self, *, any_number: bool) -> snapshot.Limits:
        files = sys.maxsize if any_number else self._settings.snapshot_warning_files
        return snapshot.Limits(self._settings.snapshot_warning_bytes, files)

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
        as_module: bool = False,
        parent: str = "",
        submitters: Mapping[str, str] | None = None,
        progress: Callable[[int, int], None] | None = None,
        warn: Callable[[str], object] | None = None,
        any_number: bool = False,
    ) -> str:
        """Copy the source, queue a run of `script`, and return the run's id.

        Parameters
        ----------
        script : Path or str
            The script; relative to `source_directory` when that is given.
        compatibility : bool, optional
            Whether to restore for the script what newer libraries removed; without a word, as the settings say.
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

        Raises
        ------
        NotFound
            When there is no such script, folder or environment.
        InvalidInput
            When the script lies outside the source directory, or a name breaks a rule.
        """
        check_experiment_name(experiment)
        self.check_trust()  # before anything is copied into a stranger's folder
        if timeout_s is not None and not 0 < timeout_s <= _LONGEST_S:
            raise InvalidInput(
                f"The time limit must be greater than 0 seconds, and at most {_LONGEST_S:,}.",
                "Leave it out for a run without a limit.",
            )
        if as_module:
            source = Path(source_directory or ".").expanduser().absolute()
            relative = source_imports.locate_module(str(script), source)
        else:
            source, relative = locate_script(script, source_directory)
        run_id = _new_run_id(experiment)
        folder = self._folder.run(run_id)
        try:
            snapshot.take(
                source,
                folder,
                self._folder.blobs,
                workspace=self.path,
                progress=progress,
                limits=self._limits(any_number=any_number),
                warn=warn,
            )
            inherited = (os.environ if submitters is None else submitters) if target == THIS_COMPUTER else None
            named = script_variables.keep(folder, env_vars or {}, inherited, source)
            return self._queue(
                SubmitRun(
                    run_id=run_id,
                    experiment=experiment,
                    script=relative,
                    source_directory=str(source),
                    arguments=tuple(map(str, arguments)),
                    environment=environment,
                    target=target,
                    display_name=display_name,
                    tags=dict(tags or {}),
                    env_vars={
                        **self._switches(compatibility),
                        **({source_imports.MODULE: str(script)} if as_module else {}),
                        **named,
                    },
                    timeout_s=timeout_s,
                    properties={
                        **run_properties.of_submission(source, folder, target),
                        **self._policy_of(environment),
                        **(properties or {}),
                    },
                    parent=self.find_run(parent) if parent else "",
                )
            )
        except EngineUnavailable:
            raise
        except DesktopAMLError:
            snapshot.remove_folder(folder)
            raise

    def _policy_of(self, environment: str) -> dict[str, str]:
        """Return the property that says how a version of Python that this computer lacks is treated."""
        own = environment == THIS_PYTHON
        return {} if own else {"desktop_aml.python_pin_policy": str(self._settings.python_pin_policy)}

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
        `changed_data` before.
        """
        self.check_trust()
        old = self.run(run_id)
        new_id = _new_run_id(old.summary.experiment)
        snapshot.copy_manifest(Path(old.run_directory), self._folder.run(new_id), self._folder.blobs)
        if old.summary.target == EXTERNAL:
            raise InvalidInput(
                f"“{old.summary.display_name}” was recorded by a program of its own, which cannot be started here.",
                "Run that notebook or program again.",
            )
        place = target or old.summary.target
        env_vars = {**runs.attempt_of(self._db, old.summary.id)[2], **(env_vars or {})}
        here = (os.environ if submitters is None else submitters) if place == THIS_COMPUTER else None
        named, missing = script_variables.keep_again(self._folder.run(new_id), Path(old.run_directory), env_vars, here)
        lacking = {VARIABLES_MISSING: ", ".join(missing)} if missing else {}
        kept = {key: value for key, value in old.properties.items() if "git" in key or key == SNAPSHOT_ID}
        return self._queue(
            SubmitRun(
                run_id=new_id,
                experiment=old.summary.experiment,
                script=old.summary.script,
                source_directory=old.source_directory,
                from_run=old.summary.id,
                display_name=display_name,
                arguments=tuple(map(str, old.arguments if arguments is None else arguments)),
                environment=environment or old.summary.environment,
                target=place,
                tags=old.tags,
                env_vars=named,
                timeout_s=old.timeout_s,
                properties={**kept, RERUN_OF: old.summary.id, **lacking, **self._data_changed(old.summary.id)},
            )
        )

    def _data_changed(self, run_id: str) -> dict[str, str]:
        changed = self.changed_data(run_id)
        names = ", ".join(one.shown_path for one in changed[:_CHANGED_SHOWN])
        more = f" and {len(changed) - _CHANGED_SHOWN:,} more" if len(changed) > _CHANGED_SHOWN else ""
        return {DATA_CHANGED: names + more} if changed else {}

    def _switches(self, compatibility: bool | None) -> dict[str, str]:
        wanted = self._settings.restore_removed_names if compatibility is None else compatibility
        return {} if wanted else {script_env.COMPATIBILITY_VARIABLE: "off"}

    def _queue(self, request: SubmitRun) -> str:
        manifests.write_request(self._folder.run(request.run_id), request)
        return self._ask(request).name

    def cancel_run(self, run_id: str) -> None:
        """Ask for the end of a run."""
        self._ask(CancelRun(run_id=self.find_run(run_id)))

    def fail_run(self, run_id: str, message: str = "") -> None:
        """Ask for the end of a run, as one that failed; `message` says why."""
        self._ask(FailRun(run_id=self.find_run(run_id), message=message))

    def update_run(
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
        self._ask(
            UpdateRun(
                run_id=self.find_run(run_id),
                display_name=display_name,
                tags=dict(tags or {}),
                remove_tags=tuple(remove_tags),
                description=description,
                properties=dict(properties or {}),
            )
        )

    def start_external_run(
        self,
        *,
        run_id: str,
        experiment: str,
        snapshot_directory: Path | None = None,
        display_name: str = "",
        parent: str = "",
        properties: Mapping[str, str] | None = None,
    ) -> Path:
        """Queue a run that another process records, and return the folder that it is to claim and write into.

        Parameters
        ----------
        run_id : str
            Chosen by the caller.
        snapshot_directory : Path, optional
            A folder to keep a copy of, as the code of the run.

        Raises
        ------
        InvalidInput
            When a name breaks a rule.
        Conflict
            When there is a run with this id.
        """
        check_experiment_name(experiment)
        self.check_trust()
        folder = self._folder.run(check_thing_name(run_id, "run"))
        if folder.exists():
            raise Conflict(f"There is a run “{run_id}” already.", "Choose another id, or none.")
        if parent and self._sees_only_its_folder(parent):
            folder = nested_runs.place(self._folder, run_id, parent)
        make_folders(folder)
        try:
            if snapshot_directory is None:
                snapshot.write_manifest(folder, ())
            else:
                snapshot.take(snapshot_directory, folder, self._folder.blobs, workspace=self.path)
            self._queue(
                SubmitRun(
                    run_id=run_id,
                    experiment=experiment,
                    script="",
                    source_directory=str(snapshot_directory or ""),
                    environment=OWN_PYTHON,
                    target=EXTERNAL,
                    display_name=display_name,
                    parent=self.find_run(parent) if parent else "",
                    properties={
                        **run_properties.of_submission(snapshot_directory, folder, "local"),
                        **(properties or {}),
                    },
                )
            )
        except EngineUnavailable:
            raise
        except DesktopAMLError:
            nested_runs.remove(self._folder, run_id)
            raise
        return folder

    def _sees_only_its_folder(self, run_id: str) -> bool:
        in_container = self.run(run_id).summary.target not in {"local", EXTERNAL}
        return in_container or nested_runs.is_nested(self._folder, run_id)

    def take_snapshot(self, run_id: str, path: Path) -> str:
        """Keep a file or folder as the code of a run that has none yet, and return the snapshot's identifier.

        Raises
        ------
        Conflict
            When code is kept with the run already.
        NotFound
            When there is nothing at `path`.
        """
        self.check_trust()
        if self.snapshot_files(run_id):
            raise Conflict(f"Code is kept with the run “{run_id}” already.", "A run has one snapshot.")
        folder = self._folder.run(run_id)
        if path.is_file():
            snapshot.take_file(path, folder, self._folder.blobs)
        else:
            snapshot.take(path, folder, self._folder.blobs, workspace=self.path)
        identifier = run_properties.snapshot_id_of(folder)
        self.update_run(run_id, properties={SNAPSHOT_ID: identifier})
        return identifier

    def take_in_run(self, run_id: str) -> None:
        """Store what other programs wrote into the folder of a run since its end: metrics, labels, files."""
        self._ask(TakeInRun(run_id=self.find_run(run_id)), timeout_s=_TAKE_IN_TIMEOUT_S)

    def delete_run(self, run_id: str) -> None:
        """Remove an ended run, its folder, and what of the store nothing else means; see `space_of_runs`."""
        self._ask(DeleteRun(run_id=self.find_run(run_id)))
        self._after_deleting()


def _new_run_id(experiment: str) -> str:
    # Azure ML's own form; the experiment's part is cut so that the id stays a usable folder name.
    return f"{experiment[:100]}_{int(time.time())}_{secrets.token_hex(4)}"
