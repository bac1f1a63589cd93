"""Azure's names for data in databases and clusters: they can be named and asked for, and refuse to be used."""

from azureml._service import refused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


__path__: "list[str]" = []  # names that do not exist are then looked up through `azureml._missing`, which says so
__all__ = [
    "AzureMySqlDatastore",
    "AzurePostgreSqlDatastore",
    "AzureSqlDatabaseDatastore",
    "DBFSDatastore",
    "HDFSDatastore",
    "HDFSOutputDatasetConfig",
    "LinkFileOutputDatasetConfig",
    "LinkTabularOutputDatasetConfig",
    "SqlDataReference",
    "StoredProcedureParameter",
    "StoredProcedureParameterType",
]


class _Elsewhere(object):
    """Something that lies outside of this computer; no object here is one."""

    _instead = "Read what you need with a library of its own, and keep it in a datastore of the workspace."

    def __init__(self, *args: "Any", **kwargs: "Any") -> None:
        raise refused(type(self).__name__, self._instead)


class AzureSqlDatabaseDatastore(_Elsewhere):
    """A database of Azure SQL: not offered."""


class AzureMySqlDatastore(_Elsewhere):
    """A database of MySQL: not offered."""


class AzurePostgreSqlDatastore(_Elsewhere):
    """A database of PostgreSQL: not offered."""


class DBFSDatastore(_Elsewhere):
    """The file system of Databricks: not offered."""


class HDFSDatastore(_Elsewhere):
    """A file system of Hadoop: not offered."""


class SqlDataReference(_Elsewhere):
    """A query or table of a database, as an argument of a run: not offered."""


class HDFSOutputDatasetConfig(_Elsewhere):
    """An output that Spark writes: not offered."""

    _instead = "Use OutputFileDatasetConfig: what the run writes into its folder stays on the datastore."


class LinkFileOutputDatasetConfig(HDFSOutputDatasetConfig):
    """An output that names files elsewhere: not offered."""


class LinkTabularOutputDatasetConfig(HDFSOutputDatasetConfig):
    """An output that names a table elsewhere: not offered."""


class StoredProcedureParameterType(object):
    """What a parameter of a stored procedure may be."""

    String = "String"
    Int = "Int"
    Decimal = "Decimal"
    Guid = "Guid"
    Boolean = "Boolean"
    Date = "Date"


class StoredProcedureParameter(object):
    """A parameter of a stored procedure: its name, value and type."""

    def __init__(self, name: str, value: "Any", type: "Any" = None) -> None:  # noqa: A002 - Azure's own name
        self.name = name
        self.value = value
        self.type = type
