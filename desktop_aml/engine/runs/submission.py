"""How a run is taken in: its request is checked against what there is, and it stands in the queue."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.events import RunSubmitted
from desktop_aml.domain.names import check_any_experiment_name, check_experiment_name, check_thing_name
from desktop_aml.domain.organising.needs import Needs, check_needs
from desktop_aml.domain.requests import Done, Reply, SubmitRun
from desktop_aml.domain.runs import EXTERNAL, LOCAL, SWEEP
from desktop_aml.engine.core.builds import Builds, Chosen
from desktop_aml.engine.core.context import Desk
from desktop_aml.executors.base import Executor
from desktop_aml.run_folder import snapshot
from desktop_aml.store import runs
from desktop_aml.system.hardware import capacity


class RunIntake:
    """Takes in the runs of one workspace.

    Parameters
    ----------
    executors : mapping of str to Executor
        Where runs can execute, by target.
    """

    def __init__(self, desk: Desk, builds: Builds, executors: Mapping[str, Executor]) -> None:
        self._desk = desk
        self._builds = builds
        self._executors = executors

    def submit(self, request: SubmitRun) -> Reply:
        """Take in a run whose snapshot lies in its folder; the same request again changes nothing.

        Raises
        ------
        InvalidInput
            When a name, the target or the script is none.
        NotFound
            When there is no such parent or environment.
        """
        chosen = self.check(request)
        version = chosen.version.version if chosen.version else None
        seed = zlib.crc32(request.run_id.encode())
        new = runs.insert(
            self._desk.db, request, environment=chosen.label, version=version, seed=seed, at=self._desk.now()
        )
        if new:
            self._desk.announce(RunSubmitted(request.run_id, request.experiment))
        return Done(name=request.run_id, changed=new)

    def check(self, request: SubmitRun) -> Chosen:
        """Return the environment of a run that could be taken in; see `submit` for what is raised."""
        is_external = request.target == EXTERNAL
        (check_any_experiment_name if is_external else check_experiment_name)(request.experiment)
        check_thing_name(request.run_id, "run")
        if request.target not in self._executors or (request.target == SWEEP) is (request.sweep is None):
            raise InvalidInput(
                f"There is no target “{request.target}”.",
                f"Choose one of: {', '.join(sorted(set(self._executors) - {EXTERNAL, SWEEP}))}",
            )
        _check_needs(request)
        if request.parent:
            runs.state_of(self._desk.db, request.parent)
        needs_script = self._executors[request.target].runs_scripts
        place = self._executors[request.target].place if needs_script else None
        chosen = self._builds.choose(request.environment, place)
        files = snapshot.manifest(self._desk.folder.run(request.run_id))
        if needs_script and not any(file.path == request.script for file in files):
            raise InvalidInput(
                f"The script “{request.script}” is not among the files that were copied.",
                "Check that it lies in the source directory and that no ignore file leaves it out.",
            )
        return chosen


def _check_needs(request: SubmitRun) -> None:
    wanted = check_needs(request.properties)
    if request.target != LOCAL:
        return
    there_is = Needs(cpus=capacity.cores(), memory_bytes=capacity.memory_bytes())
    if (wanted.cpus or 0) > (there_is.cpus or 0) or (wanted.memory_bytes or 0) > (there_is.memory_bytes or 0):
        raise InvalidInput(
            f"The run may use {wanted.words()}, and this computer has {there_is.words()}.",
            "Choose less, or another target.",
        )
