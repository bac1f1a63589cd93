"""Compute targets: names for the places where runs can go, and which of those are in reach."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import msgspec

from desktop_aml.domain.environments import THIS_PYTHON, EnvironmentKind
from desktop_aml.domain.errors import NotFound
from desktop_aml.domain.names import check_thing_name
from desktop_aml.domain.targets import RunTarget
from desktop_aml.settings import builds_folder
from desktop_aml.store import azure_records
from desktop_aml.store.azure_records import ComputeRecord
from desktop_aml.store.pools import COMPUTE_TARGET
from desktop_aml.workspace.engine_client import EngineClient
from desktop_aml.workspace.environments import Environments
from desktop_aml.workspace.run_targets import run_targets
from desktop_aml.workspace.service import Service

__all__ = ["COMPUTE_TARGET", "DOCKER", "THIS_COMPUTER", "ComputeRecord", "Computes", "Place"]

THIS_COMPUTER: Final = "local"
DOCKER: Final = "docker"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run for a compute target executes, and what the user should know of it."""

    target: str
    note: str = ""


class Computes(Service):
    """The compute targets of a workspace.

    Examples
    --------
    >>> workspace.computes.map("gpu-cluster", "local").runs_on
    'local'
    >>> list(workspace.computes.list())
    ['gpu-cluster']
    """

    def __init__(self, client: EngineClient, environments: Environments) -> None:
        super().__init__(client)
        self._environments = environments

    def targets(self) -> tuple[RunTarget, ...]:
        """Return where runs can go, and why not where they cannot; asks the Docker engine, so it can take seconds."""
        return run_targets()

    def list(self) -> dict[str, ComputeRecord]:
        """Return the compute targets by name."""
        records = azure_records.computes(self._folder)
        found = {name: records.get(name) for name in records.names()}
        return {name: record for name, record in found.items() if record is not None}

    def get(self, name: str) -> ComputeRecord:
        """Return one compute target.

        Raises
        ------
        NotFound
            When there is none of this name.
        """
        found = azure_records.computes(self._folder).get(name)
        if found is None:
            names = ", ".join(self.list()) or "none yet"
            raise NotFound(
                f"There is no compute target “{name}” in this workspace. There is: {names}.",
                "Create it as Azure ML code does, or use local.",
            )
        return found

    def put(self, name: str, record: ComputeRecord) -> None:
        """Keep a compute target, new or changed."""
        azure_records.computes(self._folder).put(check_thing_name(name, "compute target"), record)

    def map(self, name: str, target: str) -> ComputeRecord:
        """Have the runs for a compute target execute elsewhere; a name that is new is kept for later.

        Parameters
        ----------
        name : str
            The compute target, as Azure ML code names it.
        target : str
            One of the names of `targets`: ``"local"`` or ``"docker"``.
        """
        known = azure_records.computes(self._folder).get(name)
        record = known or ComputeRecord(kind="AmlCompute", created_at=time.time())
        changed = msgspec.structs.replace(record, runs_on=target)
        self.put(name, changed)
        return changed

    def delete(self, name: str) -> None:
        """Forget a compute target."""
        self.get(name)
        azure_records.computes(self._folder).remove(name)

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
            found = self._environments.get(name, int(number) if number.isdigit() else 0)
            kind, text = found.kind, found.text
        settings = self._client.settings
        return image_offer.obstacle(
            kind, text, builds_folder(settings), settings.docker_base_image, settings.python_pin_policy
        )


def _docker_obstacle() -> str:
    """Return what keeps runs from containers on this computer, or nothing."""
    return next(target.reason for target in run_targets() if target.name == DOCKER)
