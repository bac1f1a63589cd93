"""`DataReference`: a place on a datastore that a run gets as a path."""

import os
import re

from azureml.exceptions import UserErrorException

__path__ = []  # names that do not exist are then looked up through `azureml._missing`, which says so

_NAME = re.compile(r"[A-Za-z0-9_]+")


class DataReference(object):
    """Names a place on a datastore. As an argument of a run it becomes the path of that place.

    Its text is the name of an environment variable of the run, which holds the path.
    """

    def __init__(
        self,
        datastore,
        data_reference_name=None,
        path_on_datastore=None,
        mode="mount",
        path_on_compute=None,
        overwrite=False,
    ):
        self.datastore = datastore
        self.data_reference_name = data_reference_name or datastore.name
        if not _NAME.fullmatch(self.data_reference_name):
            raise UserErrorException(
                "The name of a data reference has letters, digits and _: {!r}.".format(self.data_reference_name)
            )
        self.path_on_datastore = path_on_datastore or ""
        self.mode = mode
        self.path_on_compute = path_on_compute
        self.overwrite = overwrite

    def path(self, path=None, data_reference_name=None):
        """Return a reference to a place below this one."""
        below = "/".join(part for part in (self.path_on_datastore, path) if part)
        name = data_reference_name or self.data_reference_name
        return DataReference(self.datastore, name, below, self.mode, self.path_on_compute, self.overwrite)

    def as_mount(self):
        """Return a reference that the run gets as the place itself."""
        return self._with_mode("mount")

    def as_download(self, path_on_compute=None, overwrite=False):
        """Return a reference that the run gets as a copy."""
        return self._with_mode("download", path_on_compute, overwrite)

    def as_upload(self, path_on_compute=None, overwrite=False):
        """Return a reference that the run writes to."""
        return self._with_mode("upload", path_on_compute, overwrite)

    def to_config(self):
        """Return this reference as `RunConfiguration.data_references` holds it."""
        from azureml.core.runconfig import DataReferenceConfiguration

        return DataReferenceConfiguration(
            datastore_name=self.datastore.name,
            mode=self.mode,
            path_on_datastore=self.path_on_datastore or None,
            path_on_compute=self.path_on_compute,
            overwrite=self.overwrite,
        )

    def _with_mode(self, mode, path_on_compute=None, overwrite=False):
        return DataReference(
            self.datastore, self.data_reference_name, self.path_on_datastore, mode, path_on_compute, overwrite
        )

    @property
    def _folder(self):
        return (
            os.path.join(self.datastore._folder, self.path_on_datastore)
            if self.path_on_datastore
            else (self.datastore._folder)
        )

    def _for_run(self, workspace):
        from azureml.data._run_data import for_reference

        return for_reference(self, workspace)

    def __str__(self):
        return "$AZUREML_DATAREFERENCE_{}".format(self.data_reference_name)

    def __repr__(self):
        return str(self)
