"""What is done with environments once they are built: compared, exported, measured, cleaned up."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_aml.domain.compare.locks import EnvironmentDiff, EnvironmentPreview, LockSide, compare
from desktop_aml.domain.environment_space import BuildUse, CleanUp, EnvironmentSpace
from desktop_aml.domain.environments import BuildProgress, EnvironmentKind, EnvironmentLock, EnvironmentSummary
from desktop_aml.domain.errors import Conflict, NotFound, StorageError
from desktop_aml.domain.lock_export import LockFormat, export
from desktop_aml.domain.requests import ForgetBuilds
from desktop_aml.environments.toolchain.files import known_size
from desktop_aml.settings import builds_folder, load
from desktop_aml.store import environments
from desktop_aml.workspace.image_uses import ImageUses
from desktop_aml.workspace.opening import default_workspace
from desktop_aml.workspace.run_acts import RunActs

if TYPE_CHECKING:
    from desktop_aml.environments.build.disk_usage import FoundBuild
    from desktop_aml.workspace.environment_needs import KeyOfImage, Needs

_JUST_NOW_S = 600.0


class EnvironmentActs(RunActs):
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

    def preview_environment(
        self,
        text: str,
        kind: EnvironmentKind | None = None,
        *,
        against: str = "",
        builder: str = "",
        report: Callable[[BuildProgress], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> EnvironmentPreview:
        """Resolve a specification, without installing anything, and return how it differs. Slow.

        Parameters
        ----------
        against : str
            What to compare with, as for `compare_environments`. Empty: nothing, so that every package is new.
        builder : str
            ``uv`` or ``conda``, to see what that one would give; empty for the one that a build would use.

        Raises
        ------
        InvalidSpec
            When the specification holds an error.
        PreparationError
            When it cannot be resolved: the line, and the resolver's own reason.
        BuildCanceled
            When `cancel` was set.
        """
        from desktop_aml.environments.service import BuilderService
        from desktop_aml.environments.spec import parsing as spec

        self.check_trust()  # a source distribution runs code when it is asked what it needs
        service = BuilderService(builds_folder(self._settings), self._settings.python_pin_policy)
        with tempfile.TemporaryDirectory(prefix="desktop-aml-") as folder:
            lock = service.resolve(
                kind or spec.detect_kind(text),
                text,
                builder=builder,
                report=report or (lambda _: None),
                cancel=cancel or threading.Event(),
                log_path=Path(folder) / "resolve.log",
            )
        nothing = EnvironmentLock(lock.python_version, lock.platform, lock.builder, (), "")
        before = self._side(against) if against else LockSide("", nothing)
        return EnvironmentPreview(lock, compare(before, LockSide("preview", lock, text)))

    def expected_builder(self, text: str, kind: EnvironmentKind | None = None) -> tuple[str, str]:
        """Return which builder a build of a specification would use, and why; no server is asked.

        Raises
        ------
        InvalidSpec
            When the specification holds an error.
        """
        from desktop_aml.environments.service import BuilderService
        from desktop_aml.environments.spec import parsing as spec

        service = BuilderService(builds_folder(self._settings), self._settings.python_pin_policy)
        return service.expected_builder(kind or spec.detect_kind(text), text)

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

    def environments(self) -> tuple[EnvironmentSummary, ...]:
        """Return the newest version of each environment: the registered ones, then the curated ones."""
        keys = self._build_keys()
        return tuple(self._with_size(one, keys) for one in super().environments())

    def environment_summary(self, name: str, version: int = 0) -> EnvironmentSummary:
        """Return how one version stands."""
        return self._with_size(super().environment_summary(name, version), self._build_keys())

    def _build_keys(self) -> dict[tuple[str, int], str]:
        return {(one.name, one.version): one.key for one in environments.builds(self._db)}

    def _with_size(self, one: EnvironmentSummary, keys: dict[tuple[str, int], str]) -> EnvironmentSummary:
        # The size that was measured when the build was complete; `environment_space` measures anew.
        key = keys.get((one.name, one.version))
        return replace(one, size_bytes=known_size(builds_folder(self._settings) / key)) if key else one

    def environment_space(self) -> EnvironmentSpace:
        """Return what the builds of this user take of the disk, and which of them may go. Slow: it measures.

        Images that Docker holds are among them, as far as its engine answers.

        Raises
        ------
        StorageError
            When the folder of builds cannot be read.
        """
        from desktop_aml.environments.build import disk_usage as space

        folder = builds_folder(self._settings)
        needs = self._needs()
        try:
            found = space.found_in(folder)
        except OSError as error:
            raise _unusable(folder, error) from error
        images, note = self._images().look()
        uses = sorted((*(_use(one, needs) for one in found), *images), key=lambda one: (-one.size_bytes, one.key))
        return EnvironmentSpace(str(folder), tuple(uses), tuple(needs.unread), note)

    def environment_images(self) -> tuple[tuple[BuildUse, ...], str]:
        """Return the images of environments that Docker holds; and, when its engine does not answer, that in words."""
        return self._images().look()

    def _images(self) -> ImageUses:
        return ImageUses(self._settings, self._needs)

    def clean_environments(self) -> CleanUp:
        """Remove the builds that nobody needs; the next use of one builds it again from its lock.

        Raises
        ------
        StorageError
            When one cannot be removed.
        """
        from desktop_aml.environments.build import disk_usage as space

        self.check_trust()
        found = self.environment_space()
        folder = Path(found.folder)
        try:
            space.sweep(folder)
            # Asked once more for each: measuring took a while, and somebody may have come to need it.
            removed = [
                use
                for use in found.removable
                if not use.is_image and not self._needs().reasons.get(use.key) and _remove(folder, use)
            ]
            images = self._images().remove_unneeded()
        except OSError as error:
            raise _unusable(folder, error) from error
        keys = (*(use.key for use in removed), *images)
        removed += images.values()
        if any(use.environments for use in removed):
            self._ask(ForgetBuilds(keys=keys))
        return CleanUp(tuple(removed), tuple(use for use in found.builds if use not in removed))

    def _needs(self, key_of_image: KeyOfImage | None = None) -> Needs:
        from desktop_aml.workspace.environment_needs import needs_of

        current = load()
        known = [recent.path for recent in current.recent_workspaces]
        paths = [self.path, default_workspace(), *(Path(path) for path in (*known, current.last_workspace) if path)]
        return needs_of(dict.fromkeys(path.absolute() for path in paths), key_of_image)


def _use(found: FoundBuild, needs: Needs) -> BuildUse:
    reasons = list(needs.reasons.get(found.key, ()))
    if found.is_busy:
        reasons.append("being built")
    elif found.last_used_at is not None and time.time() - found.last_used_at < _JUST_NOW_S:
        reasons.append("used a moment ago")
    if found.last_used_at is not None:
        reasons += [f"perhaps by {path}, which cannot be read" for path in needs.unread]
    labels = tuple(dict.fromkeys(needs.labels.get(found.key, ())))
    return BuildUse(found.key, found.size_bytes, labels, tuple(dict.fromkeys(reasons)), found.last_used_at)


def _remove(folder: Path, use: BuildUse) -> bool:
    from desktop_aml.environments.build import disk_usage as space

    # A torn build went with the sweep.
    return space.remove(folder, use.key, use.last_used_at) or not (folder / use.key).exists()


def _unusable(folder: Path, error: OSError) -> StorageError:
    return StorageError(
        f"The folder of built environments, “{folder}”, cannot be used: {error.strerror or error}.",
        "Give yourself access to it, or choose another folder in the settings.",
    )
