"""Write the version that is built into the wheel's ``desktop_aml/__init__.py``, where ``--version`` looks."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class VersionHook(BuildHookInterface):  # type: ignore[type-arg]
    """Puts a copy of that file in the place of the one in the source tree, which stays as it is."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the copy; an editable installation uses the source tree itself."""
        if version == "editable":
            return
        source = Path(self.root, "desktop_aml/__init__.py").read_text(encoding="utf-8")
        told, count = re.subn(
            r'^__version__ = ".*"$', f'__version__ = "{self.metadata.version}"', source, flags=re.MULTILINE
        )
        if count != 1:
            raise RuntimeError('desktop_aml/__init__.py must say `__version__ = "…"` in one line')
        self._place = tempfile.TemporaryDirectory(prefix="desktop-aml-version-")
        copy = Path(self._place.name, "__init__.py")
        copy.write_text(told, encoding="utf-8")
        build_data["force_include"][str(copy)] = "desktop_aml/__init__.py"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 - hatchling's words
        """Remove the copy."""
        if version != "editable":
            self._place.cleanup()
