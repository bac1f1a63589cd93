"""What is done with environments once they are built: compared, exported, measured, cleaned up."""

from __future__ import annotations

from desktop_aml.domain.environments import EnvironmentLock
from desktop_aml.domain.errors import Conflict, NotFound
from desktop_aml.domain.lock_compare import EnvironmentDiff, LockSide, compare
from desktop_aml.domain.lock_export import LockFormat, export
from desktop_aml.workspace.dataset_acts import DatasetActs


class EnvironmentActs(DatasetActs):
    """The part of a workspace that compares, exports, measures and cleans up environments."""

    def compare_environments(self, before: str, after: str) -> EnvironmentDiff:
        """Return how two environments differ.

        Parameters
        ----------
        before, after : str
            ``name``, ``name:version``, or a run: its id, the beginning of it, or ``latest``.

        Raises
        ------
        NotFound
            When there is no such environment and no such run.
        Conflict
            When one of them was never built, so that nothing is known of its packages.
        """
        return compare(self._side(before), self._side(after))

    def _side(self, words: str) -> LockSide:
        try:
            return self._side_of_environment(words)
        except NotFound as error:
            try:
                return self._side_of_run(words)
            except NotFound:
                raise NotFound(
                    f"There is neither an environment nor a run “{words}” in this workspace.", error.hint
                ) from None

    def _side_of_environment(self, words: str) -> LockSide:
        name, _, number = words.partition(":")
        if number and not number.isdigit():
            raise NotFound(f"“{words}” does not name an environment.", "Write name or name:version, as in sklearn:2.")
        version = self.environment(name, int(number or 0))
        return LockSide(version.label, self._built_lock(name, version.version), version.text)

    def _side_of_run(self, words: str) -> LockSide:
        detail = self.run(words)
        lock = self.run_lock(detail.summary.id)
        if lock is None:
            raise Conflict(
                f"The run “{detail.summary.id}” was not prepared, so nothing is known of its packages.",
                "Compare a run that has started.",
            )
        name = detail.summary.environment.partition(":")[0]
        text = self.environment(name, detail.environment_version).text if detail.environment_version else ""
        return LockSide(detail.summary.id, lock, text)

    def _built_lock(self, name: str, version: int) -> EnvironmentLock:
        lock = self.environment_lock(name, version)
        if lock is None:
            raise Conflict(
                f"The environment “{name}:{version}” was never built, so nothing is known of its packages.",
                f"Build it first: desktop-aml environment build {name}:{version}",
            )
        return lock

    def export_environment(self, name: str, version: int = 0, form: LockFormat = LockFormat.REQUIREMENTS) -> str:
        """Return what a version resolved to as text that other tools read.

        Raises
        ------
        NotFound
            When there is no such environment.
        Conflict
            When it was never built.
        InvalidInput
            When the form cannot say what it holds, such as packages of conda in a requirements file.
        """
        found = self.environment(name, version)
        return export(self._built_lock(found.name, found.version), found.label, form)
