"""Compute targets: names for the places where runs can go, and which of those are in reach."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import msgspec

from desktop_aml.domain.computes.batch import BatchJobs
from desktop_aml.domain.environments import THIS_PYTHON, EnvironmentKind
from desktop_aml.domain.errors import Conflict, InvalidInput, MissingOnComputer, NotFound
from desktop_aml.domain.names import check_thing_name
from desktop_aml.domain.runs import RunSummary
from desktop_aml.domain.targets import (
    DASK,
    FAR_PYTHON,
    ClusterSpec,
    ClusterState,
    Machine,
    RunTarget,
    TlsFiles,
    check_cluster,
)
from desktop_aml.executors.cluster.tls_files import obstacle_in
from desktop_aml.settings import builds_folder
from desktop_aml.store import azure_records, pools, runs
from desktop_aml.store.azure_records import ComputeRecord
from desktop_aml.store.pools import COMPUTE_TARGET
from desktop_aml.system.files import open_regular
from desktop_aml.system.whole_paths import whole_path
from desktop_aml.workspace.engine_client import EngineClient
from desktop_aml.workspace.environments import Environments
from desktop_aml.workspace.run_targets import run_targets
from desktop_aml.workspace.service import Service

__all__ = ["COMPUTE_TARGET", "DOCKER", "THIS_COMPUTER", "ComputeRecord", "Computes", "Place"]

THIS_COMPUTER: Final = "local"
DOCKER: Final = "docker"
ALWAYS: Final = frozenset({THIS_COMPUTER, DOCKER})
"""Targets that are there without being made."""


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
        return run_targets(clusters=azure_records.clusters(self._folder))

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

    def create(
        self,
        name: str,
        *,
        address: str = "",
        min_nodes: int = 0,
        max_nodes: int = 1,
        idle_s: int = 120,
        tls: TlsFiles | None = None,
        hosts: tuple[str, ...] = (),
        python: str = FAR_PYTHON,
        batch: BatchJobs | None = None,
    ) -> ComputeRecord:
        """Add a Dask cluster that runs can go to.

        Parameters
        ----------
        address : str
            Of its scheduler: ``tls://HOST:PORT``, or ``tcp://`` on this computer. Empty for workers that are started
            on this computer when runs need them.
        min_nodes, max_nodes : int
            How many workers there are at least and at most, where they are started here.
        idle_s : int
            Seconds after which a worker that has nothing to do ends.
        tls : TlsFiles, optional
            What proves to an address who one is.
        hosts : tuple of str
            Machines that are reached by ssh, as ``user@host`` or ``user@host:port``. Each is asked for what a worker
            needs, so this takes seconds.
        python : str
            The Python over there that has Dask's ``distributed``; of a batch system's nodes this program's own, when
            none is named.
        batch : BatchJobs, optional
            What a batch system is asked for, when each worker is a job there. Its commands must be on this computer.

        Raises
        ------
        Conflict
            When there is another compute target of this name.
        InvalidInput
            When this makes no cluster, or none that is safe.
        MissingOnComputer
            When a machine cannot be reached or has not what a worker needs, or there are no commands of the batch
            system.
        """
        check_thing_name(name, "compute target")
        known = azure_records.computes(self._folder).get(name)
        if known is not None:
            raise Conflict(
                f"There is a compute target “{name}” already, of type {known.kind}.",
                "Delete it, or choose another name.",
            )
        files = _usable(tls or TlsFiles())
        record = ComputeRecord(
            kind=DASK,
            created_at=time.time(),
            min_nodes=min_nodes,
            max_nodes=len(hosts) or max_nodes,
            idle_seconds=idle_s,
            runs_on=name,
            address=address,
            tls_ca=files.ca,
            tls_certificate=files.certificate,
            tls_key=files.key,
            hosts=tuple(hosts),
            python=python,
            batch=batch or BatchJobs(),
        )
        azure_records.cluster_of(name, record)
        _refuse_without_commands(record.batch)
        _refuse_unusable(self.machines(hosts, python))
        self.put(name, record)
        return record

    def machines(self, hosts: tuple[str, ...], python: str = FAR_PYTHON) -> tuple[Machine, ...]:
        """Ask machines that are reached by ssh whether they have what a worker needs; takes seconds.

        Raises
        ------
        InvalidInput
            When one is not written as ``user@host`` or ``user@host:port``.
        """
        if not hosts:
            return ()
        # Imported here: most commands ask no machine.
        from desktop_aml.executors.cluster.machines import probe_all

        spec = check_cluster(ClusterSpec(name="asked", max_nodes=len(hosts), hosts=tuple(hosts), python=python))
        return probe_all(spec, self._folder.root)

    def check(self, name: str) -> tuple[Machine, ...]:
        """Ask what carries out the runs of a compute target whether it can: takes seconds.

        Its machines by ssh, or the scheduler at its address; nothing where workers are started when runs need them.

        Raises
        ------
        NotFound
            When there is none of this name.
        """
        record = self.get(name)
        if not record.address:
            return self.machines(record.hosts, record.python)
        # Imported here: most commands ask no scheduler.
        from desktop_aml.executors.cluster.questions import ask

        return (ask(azure_records.cluster_of(name, record)),)

    def state(self, name: str) -> ClusterState:
        """Return how a cluster stands; one that nothing was asked of since it was made is not up."""
        # Imported here: most commands ask for no state.
        from desktop_aml.executors.cluster.link import look_at
        from desktop_aml.workspace.compute_executors import cluster_home

        return look_at(cluster_home(self._folder, name))

    def runs_of(self, name: str, limit: int = 50) -> tuple[RunSummary, ...]:
        """Return the newest runs that went to a compute target, or were submitted to it by Azure ML code."""
        return runs.newest_of(self._db, name, limit)

    def behind(self, name: str) -> str:
        """Return the cluster that carries out the runs for a compute target; empty where that is none."""
        records = azure_records.computes(self._folder)
        found = records.get(name)
        if found is not None and found.kind != DASK:
            name, found = found.runs_on, (records.get(found.runs_on) if found.runs_on not in ALWAYS else None)
        return name if found is not None and found.kind == DASK else ""

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
            One of the names of `targets`: ``"local"``, ``"docker"`` or a cluster.

        Raises
        ------
        InvalidInput
            When there is no such target, or the name is a cluster itself.
        """
        if target not in ALWAYS and target not in azure_records.clusters(self._folder):
            raise InvalidInput(f"There is no target “{target}”.", "Choose local, docker or a cluster of the workspace.")
        known = azure_records.computes(self._folder).get(name)
        if known is not None and known.kind == DASK:
            raise InvalidInput(f"“{name}” is a cluster: its runs execute there.", "Map another name.")
        record = known or ComputeRecord(kind="AmlCompute", created_at=time.time())
        changed = msgspec.structs.replace(record, runs_on=target)
        self.put(name, changed)
        return changed

    def delete(self, name: str) -> None:
        """Forget a compute target.

        Raises
        ------
        Conflict
            When it is a cluster to which other names lead, or that has runs which are not over.
        """
        if self.get(name).kind == DASK:
            others = [other for other, one in self.list().items() if one.runs_on == name and other != name]
            if others:
                raise Conflict(f"“{others[0]}” leads to “{name}”.", f"Map or delete “{others[0]}” first.")
            open_runs = pools.count_unfinished(self._db, name)
            if open_runs:
                raise Conflict(f"The compute “{name}” has runs that are not over ({open_runs}).", "Cancel them first.")
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
        if found.kind == DASK:
            return Place(compute)
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


def _usable(tls: TlsFiles) -> TlsFiles:
    """Return what proves who one is with absolute paths, if it can."""
    found = TlsFiles(ca=_readable(tls.ca), certificate=_readable(tls.certificate), key=_readable(tls.key))
    if words := obstacle_in(found):
        raise InvalidInput(f"{words}.", "Name three PEM files: who signs for the cluster, your certificate, its key.")
    return found


def _readable(path: str) -> str:
    """Return the absolute path of a file that can be read; empty for none."""
    if not path:
        return ""
    found = whole_path(path)
    try:
        open_regular(found, follow_links=True).close()
    except OSError as error:
        raise InvalidInput(f"“{found}” cannot be read: {error.strerror}.", "Name the file of a certificate.") from error
    return str(found)


def _refuse_without_commands(asked: BatchJobs) -> None:
    """Refuse a batch system of which this computer has no commands."""
    if asked.system is None:
        return
    # Imported here: most computes are of no batch system.
    from desktop_aml.executors.cluster.batch.systems import commands_missing

    missing = commands_missing(asked.system)
    if missing:
        raise MissingOnComputer(
            f"This computer has no command “{missing}”, which {asked.system.label} is spoken to with.",
            "Add the compute on a computer from which jobs are submitted, such as the cluster's login node.",
        )


def _refuse_unusable(machines: tuple[Machine, ...]) -> None:
    """Refuse a cluster of which a machine lacks something."""
    lacking = [one for one in machines if not one.is_usable]
    if lacking:
        words = "; ".join(f"{one.host}: {one.words}" for one in lacking)
        raise MissingOnComputer(
            f"Not every machine can be used. {words}.",
            "A worker needs Linux, an ssh server that lets you in without a question, and a Python 3.10 or newer with"
            " Dask's “distributed” of the version that is here.",
        )


def _docker_obstacle() -> str:
    """Return what keeps runs from containers on this computer, or nothing."""
    return next(target.reason for target in run_targets() if target.name == DOCKER)
