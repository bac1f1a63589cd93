"""`OutputFileDatasetConfig`: a folder that a run writes, kept on a datastore."""

import os

from azureml._service import refused
from azureml.exceptions import UserErrorException

__path__ = []  # names that do not exist are then looked up through `azureml._missing`, which says so

_USUAL = "dataset/{run-id}/{output-name}"


class OutputFileDatasetConfig(object):
    """As an argument of a run it becomes the path of a folder; what the run writes there stays on the datastore.

    Parameters
    ----------
    destination : (Datastore, str), optional
        Default ``dataset/{run-id}/{output-name}`` on the default datastore.
    """

    def __init__(self, name=None, destination=None, source=None, partition_format=None):
        if source is not None:
            raise refused("OutputFileDatasetConfig(source=...)", "Give the output as an argument of the script.")
        if destination is not None and not (isinstance(destination, tuple) and hasattr(destination[0], "_folder")):
            raise UserErrorException("destination is (datastore, 'folder'), not {!r}.".format(destination))
        self.name = name or "output_" + os.urandom(4).hex()
        self.destination = destination
        self.mode = "mount"
        self._registration = None

    def as_mount(self, disable_metadata_cache=False):
        """Return the output as a folder on the datastore."""
        return self

    def as_upload(self, overwrite=False, source_globs=None):
        """Return the output as a folder on the datastore."""
        return self

    def as_hdfs(self):
        """Refuse."""
        raise refused("OutputFileDatasetConfig.as_hdfs()", "Use as_mount().")

    def register_on_complete(self, name, description=None, tags=None):
        """Register the folder as a file dataset when the run completes."""
        self._registration = {"name": name, "description": description or "", "tags": dict(tags or {})}
        return self

    def read_delimited_files(self, *args, **kwargs):
        """Refuse."""
        raise refused(
            "OutputFileDatasetConfig.read_delimited_files()",
            "Read the folder with Dataset.Tabular.from_delimited_files((datastore, folder)) when the run is over.",
        )

    def as_input(self, name=None):
        """Refuse: it joins the steps of pipelines."""
        raise refused("OutputFileDatasetConfig.as_input()", "Pipelines come later; submit the second run yourself.")

    def _place(self):
        """Return the datastore's name and the folder on it, with marks for what the run knows."""
        datastore, folder = self.destination or (None, None)
        return (datastore.name if datastore else "workspaceblobstore"), folder or _USUAL

    def _for_run(self, workspace):
        from azureml.data._run_data import for_output

        return for_output(self, workspace)

    def __str__(self):
        return "DatasetOutputConfig:{}".format(self.name)

    def __repr__(self):
        return str(self)
