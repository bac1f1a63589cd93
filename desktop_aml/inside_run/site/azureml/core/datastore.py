"""`Datastore`: where the files of datasets lie; here a folder of the workspace."""

import fnmatch
import os
import sys

from azureml._service import call, not_used, note, refused
from azureml.data._datastore_files import copy_file, files_below, inside
from azureml.data.data_reference import DataReference
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, NoReturn

    from azureml._objects import WorkspaceLike


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so

_DEFAULT = "workspaceblobstore"


class Datastore(object):
    """A folder of the workspace by name. ``Datastore(ws)`` is the default one, ``workspaceblobstore``.

    Raises
    ------
    UserErrorException
        When the workspace has none of this name.
    """

    def __init__(self, workspace: "WorkspaceLike", name: "str | None" = None, **kwargs: "Any") -> None:
        found = call("datastores.get", workspace, name=name or _DEFAULT)
        self.workspace = workspace
        self.name = found["name"]
        self._folder = found["path"]

    datastore_type = "AzureBlob"
    account_name = "local"
    account_key: "str | None" = None
    sas_token: "str | None" = None
    credential_type = "None"
    endpoint = "local"
    protocol = "file"
    is_sas = False

    @property
    def subscription_id(self) -> str:
        """Subscription of the workspace."""
        return self.workspace.subscription_id

    @property
    def resource_group(self) -> str:
        """Resource group of the workspace."""
        return self.workspace.resource_group

    @property
    def blob_service(self) -> "NoReturn":
        """Refuse: there is no storage account to talk to."""
        raise refused("Datastore.blob_service", "The files are in {}.".format(self._folder))

    @property
    def container_name(self) -> str:
        """The folder that holds the files."""
        found: str = self._folder
        return found

    def __repr__(self) -> str:
        return "Datastore(name='{}', folder='{}')".format(self.name, self._folder)

    @staticmethod
    def get(workspace: "WorkspaceLike", datastore_name: str) -> "Datastore":
        """Return a datastore of the workspace."""
        return Datastore(workspace, datastore_name)

    @staticmethod
    def get_default(workspace: "WorkspaceLike") -> "Datastore":
        """Return the datastore that is used when none is named."""
        return Datastore(workspace)

    @classmethod
    def _all(cls, workspace: "WorkspaceLike") -> "dict[str, Datastore]":
        return {name: cls(workspace, name) for name in call("datastores.list", workspace)}

    @staticmethod
    def _set_default(workspace: "WorkspaceLike", name: str) -> None:
        Datastore(workspace, name)
        if name != _DEFAULT:
            raise refused(
                "Workspace.set_default_datastore('{}')".format(name),
                "The default datastore is always {}; get this one with Datastore.get(ws, name).".format(_DEFAULT),
            )

    @staticmethod
    def register_azure_blob_container(
        workspace: "WorkspaceLike",
        datastore_name: str,
        container_name: "str | None" = None,
        account_name: "str | None" = None,
        **kwargs: "Any",
    ) -> "Datastore":
        """Make a datastore of this name: a folder of the workspace, empty until files are put there."""
        not_used(
            "Datastore.register_azure_blob_container",
            container_name=container_name,
            account_name=account_name,
            **dict.fromkeys(kwargs, True),
        )
        return _registered(workspace, datastore_name)

    @staticmethod
    def register_azure_file_share(
        workspace: "WorkspaceLike",
        datastore_name: str,
        file_share_name: "str | None" = None,
        account_name: "str | None" = None,
        **kwargs: "Any",
    ) -> "Datastore":
        """Make a datastore of this name: a folder of the workspace, empty until files are put there."""
        not_used(
            "Datastore.register_azure_file_share",
            file_share_name=file_share_name,
            account_name=account_name,
            **dict.fromkeys(kwargs, True),
        )
        return _registered(workspace, datastore_name)

    @staticmethod
    def register_azure_data_lake(
        workspace: "WorkspaceLike", datastore_name: str, store_name: "str | None" = None, *args: "Any", **kwargs: "Any"
    ) -> "Datastore":
        """Make a datastore of this name: a folder of the workspace, empty until files are put there."""
        not_used("Datastore.register_azure_data_lake", store_name=store_name, **dict.fromkeys(kwargs, True))
        return _registered(workspace, datastore_name)

    @staticmethod
    def register_azure_data_lake_gen2(
        workspace: "WorkspaceLike",
        datastore_name: str,
        filesystem: "str | None" = None,
        account_name: "str | None" = None,
        *args: "Any",
        **kwargs: "Any",
    ) -> "Datastore":
        """Make a datastore of this name: a folder of the workspace, empty until files are put there."""
        not_used(
            "Datastore.register_azure_data_lake_gen2",
            filesystem=filesystem,
            account_name=account_name,
            **dict.fromkeys(kwargs, True),
        )
        return _registered(workspace, datastore_name)

    @staticmethod
    def register_azure_sql_database(*args: "Any", **kwargs: "Any") -> "NoReturn":
        """Refuse: databases are not reached from here."""
        raise refused(
            "Datastore.register_azure_sql_database()", "Read the query with pandas and register_pandas_dataframe()."
        )

    register_azure_postgre_sql = register_azure_sql_database
    register_azure_my_sql = register_azure_sql_database

    @staticmethod
    def register_dbfs(workspace: "WorkspaceLike", datastore_name: str) -> "Datastore":
        """Make a datastore of this name: a folder of the workspace, empty until files are put there."""
        return _registered(workspace, datastore_name)

    def unregister(self) -> "NoReturn":
        """Refuse: the folder may hold somebody's data."""
        raise refused("Datastore.unregister()", "Remove the folder {} yourself.".format(self._folder))

    def path(self, path: "str | None" = None, data_reference_name: "str | None" = None) -> "DataReference":
        """Return a reference to a place on the datastore, for the arguments of a run."""
        return DataReference(self, data_reference_name, path)

    def as_mount(self) -> "DataReference":
        """Return a reference to the whole datastore."""
        return self.path().as_mount()

    def as_download(self, path_on_compute: "str | None" = None) -> "DataReference":
        """Return a reference to the whole datastore that the run gets as a copy."""
        return self.path().as_download(path_on_compute)

    def as_upload(self, path_on_compute: "str | None" = None) -> "DataReference":
        """Return a reference to the whole datastore that the run writes to."""
        return self.path().as_upload(path_on_compute)

    def upload(
        self, src_dir: "Any", target_path: "str | None" = None, overwrite: bool = False, show_progress: bool = True
    ) -> "DataReference":
        """Copy all files below the folder `src_dir` to `target_path` on the datastore, and return a reference to it."""
        if not os.path.isdir(src_dir):
            raise UserErrorException("There is no folder {!r} to upload.".format(str(src_dir)))
        return self.upload_files(list(files_below(src_dir)), str(src_dir), target_path, overwrite, show_progress)

    def upload_files(
        self,
        files: "Iterable[object]",
        relative_root: object = None,
        target_path: "str | None" = None,
        overwrite: bool = False,
        show_progress: bool = True,
    ) -> "DataReference":
        """Copy files to `target_path` on the datastore, and return a reference to it.

        Parameters
        ----------
        relative_root : str, optional
            The part of the paths that is left out on the datastore; default: the folder that all files share.

        Raises
        ------
        UserErrorException
            When a file is missing, or lies outside `relative_root`.
        """
        names = [os.path.abspath(str(name)) for name in files]
        root = os.path.abspath(str(relative_root)) if relative_root else _shared_folder(names)
        target = (target_path or "").replace("\\", "/").strip("/")
        for number, name in enumerate(names, 1):
            if not os.path.isfile(name):
                raise UserErrorException("There is no file {!r} to upload.".format(name))
            relative = os.path.relpath(name, root)
            if relative.startswith(os.pardir):
                raise UserErrorException("{!r} lies outside relative_root {!r}.".format(name, root))
            place = inside(self._folder, os.path.join(target, relative))
            if overwrite or not os.path.exists(place):
                copy_file(name, place)
                _progress(show_progress, "Uploaded {}, {} files out of an estimated total of {}", name, number, names)
            else:
                _progress(show_progress, "Target already exists. Skipping upload for {}", relative)
        return self.path(target or None)

    def download(
        self, target_path: object, prefix: "str | None" = None, overwrite: bool = False, show_progress: bool = True
    ) -> int:
        """Copy the files whose path begins with `prefix` below `target_path`, and return how many there were."""
        count = 0
        wanted = (prefix or "").replace("\\", "/").strip("/")
        for name in files_below(self._folder):
            relative = os.path.relpath(name, self._folder).replace(os.sep, "/")
            if relative.startswith(wanted) or fnmatch.fnmatch(relative, wanted):
                place = os.path.join(str(target_path), *relative.split("/"))
                count += 1
                if overwrite or not os.path.exists(place):
                    copy_file(name, place)
                    _progress(show_progress, "Downloaded {}", relative)
        return count


def _registered(workspace: "WorkspaceLike", name: str) -> "Datastore":
    call("datastores.get", workspace, name=name, make=True)
    datastore = Datastore(workspace, name)
    note("the datastore '{}' is the folder {}. Put its files there.".format(name, datastore._folder))
    return datastore


def _shared_folder(names: "list[str]") -> str:
    folders = [os.path.dirname(name) for name in names]
    return os.path.commonpath(folders) if folders else os.getcwd()


def _progress(wanted: bool, words: str, *values: "Any") -> None:
    if wanted:
        texts = [len(value) if isinstance(value, list) else value for value in values]
        sys.stdout.write(words.format(*texts) + "\n")
