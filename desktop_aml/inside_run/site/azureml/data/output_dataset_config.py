"""`OutputFileDatasetConfig`: a folder that a run writes, kept on a datastore."""

import os

from azureml._service import refused
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from azureml._objects import WorkspaceLike


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so

_USUAL = "dataset/{run-id}/{output-name}"


class OutputFileDatasetConfig(object):
    """As an argument of a run it becomes the path of a folder; what the run writes there stays on the datastore.

    Parameters
    ----------
    destination : (Datastore, str), optional
        Default ``dataset/{run-id}/{output-name}`` on the default datastore.
    """

    def __init__(
        self,
        name: "str | None" = None,
        destination: "Any" = None,
        source: "Any" = None,
        partition_format: "str | None" = None,
    ) -> None:
        if source is not None:
            raise refused("OutputFileDatasetConfig(source=...)", "Give the output as an argument of the script.")
        if destination is not None and not (isinstance(destination, tuple) and hasattr(destination[0], "_folder")):
            raise UserErrorException("destination is (datastore, 'folder'), not {!r}.".format(destination))
        self.name = name or "output_" + os.urandom(4).hex()
        self.destination = destination
        self.mode = "mount"
        self._registration: "dict[str, Any] | None" = None

    def as_mount(self, disable_metadata_cache: bool = False) -> "OutputFileDatasetConfig":
        """Return the output as a folder on the datastore."""
        return self

    def as_upload(self, overwrite: bool = False, source_globs: "Any" = None) -> "OutputFileDatasetConfig":
        """Return the output as a folder on the datastore."""
        return self

    def as_hdfs(self) -> "NoReturn":
        """Refuse."""
        raise refused("OutputFileDatasetConfig.as_hdfs()", "Use as_mount().")

    def register_on_complete(
        self, name: str, description: "str | None" = None, tags: "dict[str, Any] | None" = None
    ) -> "OutputFileDatasetConfig":
        """Register the folder as a file dataset when the run completes."""
        self._registration = {"name": name, "description": description or "", "tags": dict(tags or {})}
        return self

    def read_delimited_files(self, *args: "Any", **kwargs: "Any") -> "NoReturn":
        """Refuse."""
        raise refused(
            "OutputFileDatasetConfig.read_delimited_files()",
            "Read the folder with Dataset.Tabular.from_delimited_files((datastore, folder)) when the run is over.",
        )

    def as_input(self, name: "str | None" = None) -> "NoReturn":
        """Refuse: it joins the steps of pipelines."""
        raise refused("OutputFileDatasetConfig.as_input()", "Pipelines come later; submit the second run yourself.")

    def _place(self) -> "tuple[str, str]":
        """Return the datastore's name and the folder on it, with marks for what the run knows."""
        datastore, folder = self.destination or (None, None)
        return (datastore.name if datastore else "workspaceblobstore"), folder or _USUAL

    def _for_run(self, workspace: "WorkspaceLike") -> "tuple[str, dict[str, str]]":
        from azureml.data._run_data import for_output

        return for_output(self, workspace)

    def __str__(self) -> str:
        return "DatasetOutputConfig:{}".format(self.name)

    def __repr__(self) -> str:
        return str(self)
