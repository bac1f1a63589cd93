"""`DataPath`: a place on a datastore."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from azureml.data.data_reference import DataReference


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so


class DataPath(object):
    """A datastore and a path on it."""

    def __init__(
        self, datastore: "Any" = None, path_on_datastore: "str | None" = None, name: "str | None" = None
    ) -> None:
        self._datastore = datastore
        self._path_on_datastore = path_on_datastore or "."
        self._name = name

    @property
    def datastore_name(self) -> "str | None":
        """Name of the datastore, or None."""
        return self._datastore.name if self._datastore is not None else None

    @property
    def path_on_datastore(self) -> str:
        """Path on the datastore."""
        return self._path_on_datastore

    def create_data_reference(
        self,
        data_reference_name: "str | None" = None,
        datastore: "Any" = None,
        mode: str = "mount",
        path_on_compute: "str | None" = None,
        overwrite: bool = False,
    ) -> "DataReference":
        """Return a reference to this place, for the arguments of a run."""
        from azureml.data.data_reference import DataReference

        return DataReference(
            datastore or self._datastore,
            data_reference_name or self._name,
            self._path_on_datastore,
            mode,
            path_on_compute,
            overwrite,
        )


class DataPathComputeBinding(object):
    """How a place on a datastore comes to where a run is.

    Parameters
    ----------
    mode : str
        ``mount``, ``download`` or ``upload``.
    """

    def __init__(self, mode: str = "mount", path_on_compute: "str | None" = None, overwrite: bool = False) -> None:
        self.mode = mode
        self.path_on_compute = path_on_compute
        self.overwrite = overwrite

    def create_data_reference(
        self, data_reference_name: "str | None", datapath: "DataPath", datastore: "Any" = None
    ) -> "DataReference":
        """Return a reference to a place, for the arguments of a run."""
        return datapath.create_data_reference(
            data_reference_name, datastore, self.mode, self.path_on_compute, self.overwrite
        )
