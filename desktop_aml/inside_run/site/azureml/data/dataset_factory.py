"""`Dataset.Tabular` and `Dataset.File`: make datasets from files."""

import os

from azureml._service import note, refused
from azureml.data import _table
from azureml.data._sources import Sources
from azureml.data.abstract_dataset import AbstractDataset
from azureml.data.dataset_type_definitions import PromoteHeadersBehavior
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so

_HEADERS = {
    PromoteHeadersBehavior.NO_HEADERS: "none",
    PromoteHeadersBehavior.ONLY_FIRST_FILE_HAS_HEADERS: "first",
    PromoteHeadersBehavior.COMBINE_ALL_FILES_HEADERS: "all",
    PromoteHeadersBehavior.ALL_FILES_HAVE_SAME_HEADERS: "all",
}


class DataType(object):
    """Type of a column, for `set_column_types`."""

    def __init__(self, words: "dict[str, Any]") -> None:
        self._words = words

    @staticmethod
    def to_bool() -> "DataType":
        """Return the type of truth values."""
        return DataType({"type": "bool"})

    @staticmethod
    def to_datetime(formats: "str | list[str] | None" = None) -> "DataType":
        """Return the type of times; `formats` are `strptime` formats, tried in turn."""
        return DataType({"type": "datetime", "formats": [formats] if isinstance(formats, str) else formats})

    @staticmethod
    def to_float(decimal_mark: str = ".") -> "DataType":
        """Return the type of numbers."""
        return DataType({"type": "float"})

    @staticmethod
    def to_long() -> "DataType":
        """Return the type of whole numbers."""
        return DataType({"type": "long"})

    @staticmethod
    def to_string() -> "DataType":
        """Return the type of text."""
        return DataType({"type": "string"})

    @staticmethod
    def to_stream(workspace: "Any" = None, escaped: bool = False) -> "NoReturn":
        """Refuse."""
        raise refused("DataType.to_stream()", "Keep the column as text and open the files yourself.")


class TabularDatasetFactory(object):
    """Makes datasets of rows and columns."""

    @staticmethod
    def from_delimited_files(
        path: "Any",
        validate: bool = True,
        include_path: bool = False,
        infer_column_types: bool = True,
        set_column_types: "dict[Any, DataType] | None" = None,
        separator: str = ",",
        header: "Any" = True,
        partition_format: "str | None" = None,
        support_multi_line: bool = False,
        empty_as_string: bool = False,
        encoding: str = "utf8",
    ) -> "Any":
        """Return a table over CSV and similar files.

        Parameters
        ----------
        path : str, (datastore, str), DataPath, or a list of them
            Files, folders or patterns such as ``rows/*.csv`` and ``rows/**``. An ``https://`` address is
            fetched once, and read from its saved copy in the workspace's folder ``downloads``.
        infer_column_types : bool
            Recognise numbers, truth values and dates; otherwise everything is text.

        Raises
        ------
        UserErrorException
            When `validate` and the files are missing or are no such table.
        """
        if encoding not in _table.ENCODINGS:
            raise UserErrorException(
                "encoding is one of {}, not {!r}.".format(", ".join(sorted(_table.ENCODINGS)), encoding)
            )
        options = {
            "include_path": bool(include_path),
            "infer_column_types": bool(infer_column_types),
            "separator": separator,
            "header": _header(header),
            "partition_format": partition_format,
            "empty_as_string": bool(empty_as_string),
            "encoding": encoding,
        }
        return _tabular("delimited", path, options, set_column_types, validate)

    @staticmethod
    def from_parquet_files(
        path: "Any",
        validate: bool = True,
        include_path: bool = False,
        set_column_types: "dict[Any, DataType] | None" = None,
        partition_format: "str | None" = None,
    ) -> "Any":
        """Return a table over Parquet files; reading them needs pyarrow."""
        options = {"include_path": bool(include_path), "partition_format": partition_format}
        return _tabular("parquet", path, options, set_column_types, validate)

    @staticmethod
    def from_json_lines_files(
        path: "Any",
        validate: bool = True,
        include_path: bool = False,
        set_column_types: "dict[Any, DataType] | None" = None,
        partition_format: "str | None" = None,
        invalid_lines: str = "error",
        encoding: str = "utf8",
    ) -> "Any":
        """Return a table over files with one JSON object a line."""
        if invalid_lines not in ("error", "drop"):
            raise UserErrorException("invalid_lines is 'error' or 'drop', not {!r}.".format(invalid_lines))
        options = {
            "include_path": bool(include_path),
            "partition_format": partition_format,
            "invalid_lines": invalid_lines,
        }
        return _tabular("json_lines", path, options, set_column_types, validate)

    @staticmethod
    def from_sql_query(
        query: "Any", validate: bool = True, set_column_types: "Any" = None, query_timeout: int = 30
    ) -> "NoReturn":
        """Refuse."""
        raise refused("Dataset.Tabular.from_sql_query()", "Read the query with pandas and register_pandas_dataframe().")

    @staticmethod
    def register_pandas_dataframe(
        dataframe: "Any",
        target: "Any",
        name: str,
        description: "str | None" = None,
        tags: "dict[str, Any] | None" = None,
        show_progress: bool = True,
        row_group_size: "int | None" = None,
        make_target_path_unique: bool = True,
    ) -> "Any":
        """Write a table to a datastore and register it; reading it again gives the same types.

        Parameters
        ----------
        dataframe : pandas.DataFrame
        target : Datastore, (Datastore, str) or DataPath
            Where the file goes.
        """
        from azureml.data._datastore_files import inside
        from azureml.data.datapath import DataPath

        if isinstance(target, DataPath):
            target = (target._datastore, target._path_on_datastore)
        datastore, folder = target if isinstance(target, tuple) else (target, "managed-dataset")
        if make_target_path_unique:
            folder = "{}/{}".format(folder.rstrip("/"), os.urandom(16).hex())
        relative = "{}/part-00000.csv".format(folder)
        place = inside(datastore._folder, relative)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        dataframe.to_csv(place, index=False, encoding="utf-8")
        if show_progress:
            print("Wrote {} rows to {}.".format(len(dataframe), place))
        options = {"frame_types": {str(column): str(kind) for column, kind in dataframe.dtypes.items()}}
        dataset = _tabular("frame", (datastore, relative), options, None, False)
        return dataset.register(datastore.workspace, name, description, tags, create_new_version=True)

    @staticmethod
    def register_spark_dataframe(*args: "Any", **kwargs: "Any") -> "NoReturn":
        """Refuse."""
        raise refused("Dataset.Tabular.register_spark_dataframe()", "Use register_pandas_dataframe().")


class FileDatasetFactory(object):
    """Makes datasets of files."""

    @staticmethod
    def from_files(
        path: "Any", validate: bool = True, partition_format: "str | None" = None, is_file: bool = False
    ) -> "Any":
        """Return the files that `path` names, see `TabularDatasetFactory.from_delimited_files`."""
        if partition_format:
            note("Dataset.File.from_files ignores partition_format.")
        sources = Sources.read(path)
        if validate:
            sources.files()
        definition = {
            "kind": "file",
            "format": "files",
            "paths": sources.entries,
            "options": {"is_file": bool(is_file)},
            "steps": [],
        }
        return AbstractDataset._of(definition, sources.workspace)

    @staticmethod
    def upload_directory(
        src_dir: str, target: "Any", pattern: "str | None" = None, overwrite: bool = False, show_progress: bool = True
    ) -> "Any":
        """Copy a folder's files to a datastore and return them as a dataset.

        Parameters
        ----------
        target : Datastore, (Datastore, str) or DataPath
        pattern : str, optional
            Which files, such as ``*.csv``.
        """
        import glob

        from azureml.data._datastore_files import files_below
        from azureml.data.datapath import DataPath

        if not os.path.isdir(src_dir):
            raise UserErrorException("There is no folder {!r} to upload.".format(str(src_dir)))
        if isinstance(target, DataPath):
            target = (target._datastore, target._path_on_datastore)
        datastore, folder = target if isinstance(target, tuple) else (target, "dataset-" + os.urandom(4).hex())
        found = glob.glob(os.path.join(src_dir, pattern), recursive=True) if pattern else list(files_below(src_dir))
        files = sorted(name for name in found if os.path.isfile(name))
        if not files:
            raise UserErrorException("There is no file to upload in {!r}.".format(str(src_dir)))
        datastore.upload_files(files, src_dir, folder, overwrite, show_progress)
        return FileDatasetFactory.from_files((datastore, folder.rstrip("/") + "/**"))


def _header(header: "Any") -> str:
    if isinstance(header, bool):
        return "all" if header else "none"
    try:
        return _HEADERS[PromoteHeadersBehavior(header)]
    except ValueError:
        raise UserErrorException(
            "header is True, False or one of PromoteHeadersBehavior, not {!r}.".format(header)
        ) from None


def _tabular(
    form: str, path: "Any", options: "dict[str, Any]", set_column_types: "dict[Any, DataType] | None", validate: bool
) -> "Any":
    sources = Sources.read(path)
    types: "dict[str, dict[str, Any]]" = {}
    for column, kind in (set_column_types or {}).items():
        if not isinstance(kind, DataType):
            raise UserErrorException("set_column_types takes DataType values, not {!r}.".format(kind))
        for one in [column] if isinstance(column, str) else column:
            types[one] = kind._words
    definition = {
        "kind": "tabular",
        "format": form,
        "paths": sources.entries,
        "options": dict(options, column_types=types),
        "steps": [],
    }
    if validate:
        _table.check(definition, sources.files())
    return AbstractDataset._of(definition, sources.workspace)
