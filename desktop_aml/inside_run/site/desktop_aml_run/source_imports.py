"""Let a script import what lies at the top of its source, and in ``src``, wherever the script itself lies.

The folders come after Python's own modules and before installed packages: a file called ``types.py`` there breaks no
interpreter, and an installed package of the same name does not take a package's place. Python 3.6 to 3.14.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec


FOLDERS = "DESKTOP_AML_IMPORT_FROM"
"""Variable with the folders, one a line, relative to the copy of the source."""

PACKAGE = "DESKTOP_AML_OWN_PACKAGE"
"""Variable with the name of the package that the source as a whole is."""


def install(run_directory: str) -> None:
    """Add the folders, in a process of a run."""
    source = os.path.join(run_directory, "snapshot")
    wanted = [os.path.normpath(os.path.join(source, one)) for one in os.environ.get(FOLDERS, "").split("\n") if one]
    packages = [place for place, one in enumerate(sys.path) if "site-packages" in one or "dist-packages" in one]
    at = packages[0] if packages else len(sys.path)
    sys.path[at:at] = [one for one in wanted if one not in sys.path and os.path.isdir(one)]
    name = os.environ.get(PACKAGE)
    if name and name not in sys.modules:
        sys.meta_path.append(_OwnPackage(name, source))


class _OwnPackage(object):
    """Last of the finders: the source folder itself is a package, whose name only its parent folder would tell."""

    def __init__(self, name: str, folder: str) -> None:
        self.name = name
        self.folder = folder

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> "ModuleSpec | None":  # noqa: ARG002 - the import system's signature
        """Return where the package lies, or None for any other module."""
        if fullname != self.name:
            return None
        from importlib.util import spec_from_file_location

        start = os.path.join(self.folder, "__init__.py")
        return spec_from_file_location(fullname, start, submodule_search_locations=[self.folder])
