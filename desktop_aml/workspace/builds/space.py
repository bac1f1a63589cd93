"""The room that built environments take, on the disk and in Docker: what needs each, and removing the rest."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from desktop_aml.domain.environment_space import BuildUse, CleanUp, EnvironmentSpace
from desktop_aml.domain.environments import BuildPlace
from desktop_aml.domain.errors import StorageError
from desktop_aml.domain.requests import ForgetBuilds
from desktop_aml.domain.runs import LogChunk
from desktop_aml.settings import builds_folder, load
from desktop_aml.system.files import read_regular
from desktop_aml.workspace.builds.images import ImageUses
from desktop_aml.workspace.chunks import read_chunk
from desktop_aml.workspace.opening import default_workspace
from desktop_aml.workspace.service import Service

if TYPE_CHECKING:
    from desktop_aml.environments.build.disk_usage import FoundBuild
    from desktop_aml.workspace.builds.needs import KeyOfImage, Needs

_JUST_NOW_S = 600.0


class Builds(Service):
    """The builds of one user, which all workspaces share."""

    def space(self) -> EnvironmentSpace:
        """Return what the builds of this user take of the disk, and which of them may go. Slow: it measures.

        Images that Docker holds are among them, as far as its engine answers.

        Raises
        ------
        StorageError
            When the folder of builds cannot be read.
        """
        from desktop_aml.environments.build import disk_usage as space

        folder = builds_folder(self._client.settings)
        needs = self._needs()
        try:
            found = space.found_in(folder)
        except OSError as error:
            raise _unusable(folder, error) from error
        images, note = self._images().look()
        uses = sorted((*(_use(one, needs) for one in found), *images), key=lambda one: (-one.size_bytes, one.key))
        return EnvironmentSpace(str(folder), tuple(uses), tuple(needs.unread), note)

    def images(self) -> tuple[tuple[BuildUse, ...], str]:
        """Return the images of environments that Docker holds; and, when its engine does not answer, that in words."""
        return self._images().look()

    def read_log(
        self, name: str, version: int, offset: int = 0, limit: int = 1 << 20, *, since: float = 0.0
    ) -> LogChunk:
        """Return a part of the log of the last build of a version of an environment, here or as an image.

        Parameters
        ----------
        offset, limit : int
            At most `limit` bytes from byte `offset`.
        since : float
            Unix time in seconds: of a build that ended before there is nothing.
        """
        found = [path for path in self._folder.environment(name, version).glob("*build.log") if path.is_file()]
        log = max(found, key=lambda path: path.stat().st_mtime, default=None)
        if log is None or log.stat().st_mtime < since:
            return LogChunk(b"", 0, 0)
        return read_chunk(log, offset, limit)

    def logs(self, name: str, version: int) -> tuple[tuple[BuildPlace, str], ...]:
        """Return the log of the last build in each place, the newest last: an image has another than this computer."""
        from desktop_aml.engine.core.builds import LOG_NAMES

        folder = self._folder.environment(name, version)
        kept = [(folder / file, place) for place, file in LOG_NAMES.items() if (folder / file).is_file()]
        kept.sort(key=lambda one: one[0].stat().st_mtime)
        return tuple((place, read_regular(log).decode("utf-8", "replace")) for log, place in kept)

    def clean(self) -> CleanUp:
        """Remove the builds that nobody needs; the next use of one builds it again from its lock.

        Raises
        ------
        StorageError
            When one cannot be removed.
        """
        from desktop_aml.environments.build import disk_usage as space

        self._client.check_trust()
        found = self.space()
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
            self._client.ask(ForgetBuilds(keys=keys))
        return CleanUp(tuple(removed), tuple(use for use in found.builds if use not in removed))

    def _images(self) -> ImageUses:
        return ImageUses(self._client.settings, self._needs)

    def _needs(self, key_of_image: KeyOfImage | None = None) -> Needs:
        from desktop_aml.workspace.builds.needs import needs_of

        current = load()
        known = [recent.path for recent in current.recent_workspaces]
        paths = [
            self._folder.root,
            default_workspace(),
            *(Path(path) for path in (*known, current.last_workspace) if path),
        ]
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
