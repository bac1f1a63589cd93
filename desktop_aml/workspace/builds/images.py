"""Images of environments that Docker holds for this user: what needs each; those that nobody needs are removed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.environment_space import BuildUse
from desktop_aml.domain.environments import THIS_PYTHON, EnvironmentVersion
from desktop_aml.domain.errors import MissingOnComputer, PreparationError
from desktop_aml.environments.service import BuilderService
from desktop_aml.settings import Settings, builds_folder
from desktop_aml.workspace.builds.needs import KeyOfImage, Needs

if TYPE_CHECKING:
    from desktop_aml.environments.image.disk_usage import FoundImage

NeedsWithImages = Callable[[KeyOfImage], Needs]

_JUST_NOW_S: Final = 600.0


class ImageUses:
    """The images of one user's folder of builds.

    Parameters
    ----------
    needs : callable
        Returns what the user's workspaces need, given what knows the images of environments.
    """

    def __init__(self, settings: Settings, needs: NeedsWithImages) -> None:
        self._builds = builds_folder(settings)
        self._service = BuilderService(self._builds, settings.python_pin_policy, settings.docker_base_image)
        self._needs = needs
        self._keys: dict[tuple[str, str], str] = {}

    def look(self) -> tuple[tuple[BuildUse, ...], str]:
        """Return every image and what needs it; and, when they cannot be seen, why, in words."""
        from desktop_aml.environments.image import disk_usage as image_space
        from desktop_aml.environments.image.engine import ImageEngine

        if not (self._builds / "images").is_dir():
            # None was ever built here: a person without Docker is not bothered with it.
            return (), ""
        try:
            found = image_space.found_in(ImageEngine(self._builds))
            if not found:
                return (), ""
            needs, own = self._needs(self._key_of), self._service.image_key()
        except (MissingOnComputer, PreparationError) as error:
            return (), f"Images of Docker are not counted. {error.message}"
        return tuple(self._use(one, needs, own) for one in found), ""

    def remove_unneeded(self) -> dict[str, BuildUse]:
        """Remove the images that nobody needs; return them by their id. An engine that went away keeps the others."""
        from desktop_aml.environments.image import disk_usage as image_space
        from desktop_aml.environments.image.engine import ImageEngine

        removed: dict[str, BuildUse] = {}
        uses, _ = self.look()
        engine = ImageEngine(self._builds)
        try:
            found = {one.key: one for one in image_space.found_in(engine)} if any(use.may_go for use in uses) else {}
            for use in uses:
                image = found.get(use.key)
                if not use.may_go or image is None or image.containers:
                    continue
                # Asked once more for each: somebody may have come to need it.
                labels_and_reasons = self._needs(self._key_of).of_image(image.key, image.id)
                if not labels_and_reasons[1] and image_space.remove(engine, image):
                    removed[image.id] = use
        except (MissingOnComputer, PreparationError):
            return removed
        return removed

    def _key_of(self, version: EnvironmentVersion) -> str:
        # Asked of the Docker engine, and the same for as long as this lives.
        asked = (version.kind, version.text)
        if asked not in self._keys:
            self._keys[asked] = self._service.image_key(version.kind, version.text)
        return self._keys[asked]

    def _use(self, image: FoundImage, needs: Needs, own: str) -> BuildUse:
        labels, reasons = needs.of_image(image.key, image.id)
        if own and own.startswith(image.key):
            labels.append(THIS_PYTHON)
            reasons.append("stands for this computer's Python")
        reasons += [f"container {name}" for name in image.containers]
        if time.time() - image.made_at < _JUST_NOW_S:
            reasons.append("made a moment ago")
        reasons += [f"perhaps by {path}, which cannot be read" for path in needs.unread]
        return BuildUse(
            image.key,
            image.size_bytes,
            tuple(dict.fromkeys(labels)),
            tuple(dict.fromkeys(reasons)),
            image.made_at,
            is_image=True,
        )
