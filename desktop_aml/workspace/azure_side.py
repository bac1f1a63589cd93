"""Acts that only Azure ML code knows: experiments as things of their own, and compute targets as names for places."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import msgspec

from desktop_aml.domain.environments import THIS_PYTHON, EnvironmentKind
from desktop_aml.domain.errors import Conflict, NotFound
from desktop_aml.domain.names import check_experiment_name, check_thing_name
from desktop_aml.settings import builds_folder
from desktop_aml.store import azure_records
from desktop_aml.store.azure_records import ComputeRecord, ExperimentRecord, SecretRecord
from desktop_aml.workspace.asking import Asking
from desktop_aml.workspace.run_targets import run_targets

THIS_COMPUTER: Final = "local"
DOCKER: Final = "docker"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run for a compute target executes, and what the user should know of it."""

    target: str
    note: str = ""


class AzureSide(Asking):
    """The part of a workspace that keeps what Azure ML code made and this program does not need."""

    def experiment_record(self, name: str) -> ExperimentRecord:
        """Return what is written about an experiment, and make a note of its existence when it is new."""
        check_experiment_name(name)
        records = azure_records.experiments(self._folder)
        found = records.get(name)
        if found is None:
            found = ExperimentRecord(created_at=time.time())
            records.put(name, found)
        return found

    def write_experiment(self, name: str, record: ExperimentRecord) -> None:
        """Replace what is written about an experiment."""
        azure_records.experiments(self._folder).put(check_experiment_name(name), record)

    def experiment_names(self) -> tuple[str, ...]:
        """Return every experiment that has runs or was made by Azure ML code, by name."""
        with_runs = {one.name for one in self.experiments()}
        return tuple(sorted(with_runs | set(azure_records.experiments(self._folder).names()), key=str.lower))

    def experiment_id(self, name: str) -> str:
        """Return the identifier of an experiment."""
        return azure_records.experiment_id(self._folder, name)

    def delete_experiment(self, name: str) -> None:
        """Forget an experiment.

        Raises
        ------
        Conflict
            When it has runs.
        """
        if any(one.name == name and one.run_count for one in self.experiments()):
            raise Conflict(f"The experiment “{name}” has runs.", "Delete its runs first.")
        if not azure_records.experiments(self._folder).remove(name):
            raise NotFound(f"There is no experiment “{name}” in this workspace.")

    def computes(self) -> dict[str, ComputeRecord]:
        """Return the compute targets by name."""
        records = azure_records.computes(self._folder)
        found = {name: records.get(name) for name in records.names()}
        return {name: record for name, record in found.items() if record is not None}

    def compute(self, name: str) -> ComputeRecord:
        """Return one compute target.

        Raises
        ------
        NotFound
            When there is none of this name.
        """
        found = azure_records.computes(self._folder).get(name)
        if found is None:
            names = ", ".join(self.computes()) or "none yet"
            raise NotFound(
                f"There is no compute target “{name}” in this workspace. There is: {names}.",
                "Create it as Azure ML code does, or use local.",
            )
        return found

    def put_compute(self, name: str, record: ComputeRecord) -> None:
        """Keep a compute target, new or changed."""
        azure_records.computes(self._folder).put(check_thing_name(name, "compute target"), record)

    def map_compute(self, name: str, target: str) -> ComputeRecord:
        """Have the runs for a compute target execute elsewhere; a name that is new is kept for later."""
        known = azure_records.computes(self._folder).get(name)
        record = known or ComputeRecord(kind="AmlCompute", created_at=time.time())
        changed = msgspec.structs.replace(record, runs_on=target)
        self.put_compute(name, changed)
        return changed

    def delete_compute(self, name: str) -> None:
        """Forget a compute target."""
        self.compute(name)
        azure_records.computes(self._folder).remove(name)

    def set_secret(self, name: str, value: str) -> None:
        """Keep a secret, in a file that only this user can read."""
        azure_records.secrets(self._folder).put(check_thing_name(name, "secret"), SecretRecord(value=value))

    def secret(self, name: str) -> str | None:
        """Return a secret, or None when there is none of this name."""
        found = azure_records.secrets(self._folder).get(name)
        return found.value if found else None

    def secret_names(self) -> tuple[str, ...]:
        """Return the names of the secrets, sorted."""
        return azure_records.secrets(self._folder).names()

    def delete_secret(self, name: str) -> None:
        """Forget a secret.

        Raises
        ------
        NotFound
            When there is none of this name.
        """
        if not azure_records.secrets(self._folder).remove(name):
            raise NotFound(f"There is no secret “{name}” in this workspace.")

    def place_of(self, compute: str, *, in_container: bool = False, environment: str = THIS_PYTHON) -> Place:
        """Return where a run for a compute target executes; any name that means nothing here is this computer.

        A container that code asks for is given up, with a note, where there is no Docker or no image can be had.
        """
        if in_container:
            obstacle = _docker_obstacle() or self._image_obstacle(environment)
            return Place(
                THIS_COMPUTER if obstacle else DOCKER,
                f"{obstacle} The run, which asks for a container, executes without one." if obstacle else "",
            )
        if compute in {"", THIS_COMPUTER, "amlcompute"}:
            return Place(THIS_COMPUTER)
        found = azure_records.computes(self._folder).get(compute)
        if found is None:
            return Place(
                THIS_COMPUTER, f"The compute target “{compute}” means nothing here: the run executes on this computer."
            )
        size = f" ({found.vm_size} has no effect)" if found.vm_size else ""
        where = "on this computer" if found.runs_on == THIS_COMPUTER else f"in “{found.runs_on}”"
        return Place(found.runs_on, f"The compute target “{compute}” is a name here{size}: the run executes {where}.")

    def _image_obstacle(self, environment: str) -> str:
        # Imported here: it brings the builders of images, and most runs need none.
        from desktop_aml.environments.image import offer as image_offer

        if environment == THIS_PYTHON:
            kind, text = EnvironmentKind.CONDA, "dependencies: []\n"
        else:
            name, _, number = environment.partition(":")
            found = self.environment(name, int(number) if number.isdigit() else 0)
            kind, text = found.kind, found.text
        settings = self._settings
        return image_offer.obstacle(
            kind, text, builds_folder(settings), settings.docker_base_image, settings.python_pin_policy
        )


def _docker_obstacle() -> str:
    """Return what keeps runs from containers on this computer, or nothing."""
    return next(target.reason for target in run_targets() if target.name == DOCKER)
