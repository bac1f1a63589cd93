"""`DataPath`: a place on a datastore."""

__path__ = []  # names that do not exist are then looked up through `azureml._missing`, which says so


class DataPath(object):
    """A datastore and a path on it."""

    def __init__(self, datastore=None, path_on_datastore=None, name=None):
        self._datastore = datastore
        self._path_on_datastore = path_on_datastore or "."
        self._name = name

    @property
    def datastore_name(self):
        """Name of the datastore, or None."""
        return self._datastore.name if self._datastore is not None else None

    @property
    def path_on_datastore(self):
        """Path on the datastore."""
        return self._path_on_datastore

    def create_data_reference(
        self, data_reference_name=None, datastore=None, mode="mount", path_on_compute=None, overwrite=False
    ):
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

    def __init__(self, mode="mount", path_on_compute=None, overwrite=False):
        self.mode = mode
        self.path_on_compute = path_on_compute
        self.overwrite = overwrite

    def create_data_reference(self, data_reference_name, datapath, datastore=None):
        """Return a reference to a place, for the arguments of a run."""
        return datapath.create_data_reference(
            data_reference_name, datastore, self.mode, self.path_on_compute, self.overwrite
        )
