"""Where the files of a dataset lie: what scripts write as a path, turned into entries, and entries into files.

An entry is a dict of JSON values: ``{"datastore": name, "path": pattern}``, ``{"path": absolute pattern}`` or
``{"url": address}``.
"""

import glob
import os
import re
from urllib.parse import unquote, urlsplit

from azureml._service import call
from azureml.data._fetching import fetch
from azureml.data._workspace import current_workspace
from azureml.data.dataset_error_handling import DatasetValidationError
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from azureml._objects import WorkspaceLike

    Entry = dict[str, str]


_WILD = re.compile(r"[*?\[]")


class File(object):
    """One file: where it lies, and its path below what the dataset names."""

    def __init__(self, path: str, relative: str) -> None:
        self.path = path
        self.relative = relative


class Sources(object):
    """The entries of one dataset, and the workspace whose datastores they name (None: whichever is at hand)."""

    def __init__(self, entries: "list[Entry]", workspace: "WorkspaceLike | None" = None) -> None:
        self.entries = entries
        self.workspace = workspace

    @classmethod
    def read(cls, path: "Any") -> "Sources":
        """Return the sources that a script names: a text, a datastore tuple, a `DataPath`, or a list of them."""
        workspace, entries = None, []
        for one in path if isinstance(path, list) else [path]:
            entry, found = _entry(one)
            workspace = workspace or found
            entries.append(entry)
        if not entries:
            raise UserErrorException("A dataset needs at least one path.")
        return cls(entries, workspace)

    def files(self) -> "list[File]":
        """Return the files that the entries name now, in the order of entries and names.

        Raises
        ------
        UserErrorException
            When an entry names none.
        """
        return [file for entry in self.entries for file in self._files_of(entry)]

    def folder(self) -> "str | None":
        """Return the one folder whose files all belong to the dataset, or None when it is something else."""
        if len(self.entries) == 1 and "url" not in self.entries[0]:
            pattern = self._pattern(self.entries[0])
            base = re.sub(r"([/\\]\*\*)?([/\\]\*)?[/\\]?$", "", pattern) if pattern.endswith("*") else pattern
            everything = pattern == base or pattern.endswith(("**", "**/*"))
            if everything and not _WILD.search(base) and os.path.isdir(base):
                return base
        return None

    def is_one_file(self) -> bool:
        """Whether the dataset was made from the path of one file, not from a folder or a pattern."""
        return len(self.entries) == 1 and os.path.isfile(self._pattern(self.entries[0]))

    def places(self) -> "list[str]":
        """Return the file or folder that each entry lies in: what must be there for whoever reads the dataset."""
        found = []
        for entry in self.entries:
            place = self._pattern(entry)
            while _WILD.search(place):
                place = os.path.dirname(place)
            found.append(os.path.normpath(place))
        return found

    def texts(self) -> "list[str]":
        """Return the entries in words."""
        return [
            str((entry["datastore"], entry["path"])) if "datastore" in entry else entry.get("path") or entry["url"]
            for entry in self.entries
        ]

    def _pattern(self, entry: "Entry") -> str:
        if "url" in entry:
            return self._saved_copy(entry["url"])
        if "datastore" in entry:
            return os.path.join(self._datastore(entry["datastore"]), entry["path"].lstrip("/") or ".")
        return entry["path"]

    def _datastore(self, name: str) -> str:
        workspace = self.workspace or current_workspace()
        found: str = call("datastores.get", workspace, name=name)["path"]
        return found

    def _files_of(self, entry: "Entry") -> "list[File]":
        pattern = self._pattern(entry)
        base = pattern
        while _WILD.search(base):
            base = os.path.dirname(base)
        if os.path.isfile(pattern):
            return [File(pattern, os.path.basename(pattern))]
        found = glob.glob(os.path.join(pattern, "**") if os.path.isdir(pattern) else pattern, recursive=True)
        files = sorted(path for path in found if os.path.isfile(path))
        if not files:
            raise DatasetValidationError(
                "The dataset's path {} names no file: nothing lies at {}.".format(self.texts(), pattern)
            )
        below = [File(path, os.path.relpath(path, base)) for path in files]
        if any(file.relative.split(os.sep)[0] == ".." for file in below):
            raise UserErrorException("The dataset's path {} leads out of its folder with '..'.".format(self.texts()))
        return below

    def _saved_copy(self, url: str) -> str:
        parts = urlsplit(url)
        relative = unquote(parts.path).lstrip("/") + ("_" + re.sub(r"\W", "_", parts.query) if parts.query else "")
        if ".." in relative.split("/") or not parts.netloc.strip("."):
            raise UserErrorException("{!r} is not an address of a file.".format(url))
        workspace = self.workspace or current_workspace()
        path = os.path.join(workspace._path, "downloads", parts.netloc.replace(":", "_"), *relative.split("/"))
        if not os.path.isfile(path):
            fetch(url, path)
        return path


def _entry(one: "Any") -> "tuple[Entry, WorkspaceLike | None]":
    """Return the entry of one path, and the workspace that it belongs to, if any."""
    from azureml.data.datapath import DataPath

    if isinstance(one, DataPath):
        one = (one._datastore, one._path_on_datastore)
    if isinstance(one, tuple):
        if len(one) != 2 or not hasattr(one[0], "_folder") or not isinstance(one[1], str):
            raise UserErrorException("A path on a datastore is (datastore, 'folder/file.csv'), not {!r}.".format(one))
        return {"datastore": one[0].name, "path": one[1].replace("\\", "/")}, one[0].workspace
    if hasattr(one, "_folder") and hasattr(one, "path_on_datastore"):
        return {"datastore": one.datastore.name, "path": one.path_on_datastore}, one.datastore.workspace
    if not isinstance(one, (str, os.PathLike)):
        raise UserErrorException("{!r} is not a path of a dataset.".format(one))
    text = os.fspath(one)
    if text.lower().startswith(("http://", "https://")):
        return {"url": text}, None
    if text.lower().startswith("file://"):
        text = unquote(urlsplit(text).path)
    return {"path": os.path.abspath(os.path.expanduser(text))}, None
