"""`DataReference`: a place on a datastore that a run gets as a path."""

import os
import re

from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from azureml._objects import WorkspaceLike


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so

_NAME = re.compile(r"[A-Za-z0-9_]+")


class DataReference(object):
    """Names a place on a datastore. As an argument of a run it becomes the path of that place.

    Its text is the name of an environment variable of the run, which holds the path.
    """

    def __init__(
        self,
        datastore: "Any",
        data_reference_name: "str | None" = None,
        path_on_datastore: "str | None" = None,
        mode: str = "mount",
        path_on_compute: "str | None" = None,
        overwrite: bool = False,
    ) -> None:
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

    def path(self, path: "str | None" = None, data_reference_name: "str | None" = None) -> "DataReference":
        """Return a reference to a place below this one."""
        below = "/".join(part for part in (self.path_on_datastore, path) if part)
        name = data_reference_name or self.data_reference_name
        return DataReference(self.datastore, name, below, self.mode, self.path_on_compute, self.overwrite)

    def as_mount(self) -> "DataReference":
        """Return a reference that the run gets as the place itself."""
        return self._with_mode("mount")

    def as_download(self, path_on_compute: "str | None" = None, overwrite: bool = False) -> "DataReference":
        """Return a reference that the run gets as a copy."""
        return self._with_mode("download", path_on_compute, overwrite)

    def as_upload(self, path_on_compute: "str | None" = None, overwrite: bool = False) -> "DataReference":
        """Return a reference that the run writes to."""
        return self._with_mode("upload", path_on_compute, overwrite)

    def to_config(self) -> "Any":
        """Return this reference as `RunConfiguration.data_references` holds it."""
        from azureml.core.runconfig import DataReferenceConfiguration

        return DataReferenceConfiguration(
            datastore_name=self.datastore.name,
            mode=self.mode,
            path_on_datastore=self.path_on_datastore or None,
            path_on_compute=self.path_on_compute,
            overwrite=self.overwrite,
        )

    def _with_mode(self, mode: str, path_on_compute: "str | None" = None, overwrite: bool = False) -> "DataReference":
        return DataReference(
            self.datastore, self.data_reference_name, self.path_on_datastore, mode, path_on_compute, overwrite
        )

    @property
    def _folder(self) -> str:
        return (
            os.path.join(self.datastore._folder, self.path_on_datastore)
            if self.path_on_datastore
            else (self.datastore._folder)
        )

    def _for_run(self, workspace: "WorkspaceLike") -> "tuple[str, dict[str, str]]":
        from azureml.data._run_data import for_reference

        return for_reference(self, workspace)

    def __str__(self) -> str:
        return "$AZUREML_DATAREFERENCE_{}".format(self.data_reference_name)

    def __repr__(self) -> str:
        return str(self)
