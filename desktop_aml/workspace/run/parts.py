"""The parts of the runs' service, each loaded when it is first asked for: to list runs needs none of them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from desktop_aml.workspace.service import Service

if TYPE_CHECKING:
    from desktop_aml.domain.environments import EnvironmentLock
    from desktop_aml.run_folder import collect
    from desktop_aml.workspace.run.bundles.service import RunBundles
    from desktop_aml.workspace.run.code import RunCode
    from desktop_aml.workspace.run.curves import RunCurves
    from desktop_aml.workspace.run.data import RunData
    from desktop_aml.workspace.run.external import ExternalRuns
    from desktop_aml.workspace.run.files import RunFiles
    from desktop_aml.workspace.run.organising import RunOrganising
    from desktop_aml.workspace.run.queue import RunQueue
    from desktop_aml.workspace.run.repeating import RunRepeats
    from desktop_aml.workspace.run.report.service import RunReports


class RunParts(Service):
    """What belongs to a run and lies in a room of its own."""

    @cached_property
    def files(self) -> RunFiles:
        """What runs wrote: outputs, logs."""
        from desktop_aml.workspace.run.files import RunFiles

        return RunFiles(self._client)

    @cached_property
    def code(self) -> RunCode:
        """What runs executed."""
        from desktop_aml.workspace.run.code import RunCode

        return RunCode(self._client)

    @cached_property
    def curves(self) -> RunCurves:
        """What runs logged, as arrays."""
        from desktop_aml.workspace.run.curves import RunCurves

        return RunCurves(self._client)

    @cached_property
    def data(self) -> RunData:
        """What runs read from elsewhere."""
        from desktop_aml.workspace.run.data import RunData

        return RunData(self._client)

    @cached_property
    def queue(self) -> RunQueue:
        """Those that wait."""
        from desktop_aml.workspace.run.queue import RunQueue

        return RunQueue(self._client)

    @cached_property
    def repeats(self) -> RunRepeats:
        """Whether runs that were made again gave the same."""
        from desktop_aml.workspace.run.repeating import RunRepeats

        return RunRepeats(self._client)

    @cached_property
    def bundles(self) -> RunBundles:
        """Runs as one file, written and taken in."""
        from desktop_aml.workspace.run.bundles.service import RunBundles

        return RunBundles(self._client)

    @cached_property
    def reports(self) -> RunReports:
        """Runs as one page to read, and whether they changed since."""
        from desktop_aml.workspace.run.report.service import RunReports

        return RunReports(self._client)

    @cached_property
    def organise(self) -> RunOrganising:
        """Stars, the archive, the trash, moves: for many runs at once, each with what undoes it."""
        from desktop_aml.workspace.run.organising import RunOrganising

        return RunOrganising(self._client)

    @cached_property
    def external(self) -> ExternalRuns:
        """Runs that another program records."""
        from desktop_aml.workspace.run.external import ExternalRuns

        return ExternalRuns(self._client)

    def reported_failure(self, wanted: str) -> collect.ReportedFailure | None:
        """Return what the code of a run said with ``Run.fail``, or None."""
        from desktop_aml.run_folder import collect

        return collect.reported_failure(self._folder.run(self._client.find_run(wanted)))

    def lock(self, wanted: str) -> EnvironmentLock | None:
        """Return the exact packages that a run used, or None before it was prepared."""
        from desktop_aml.store import environments

        return environments.load_lock(self._db, self._client.run_detail(wanted).lock_hash)
