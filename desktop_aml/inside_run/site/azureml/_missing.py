"""Say clearly that a part of the Azure ML SDK does not exist here, whichever way it is imported."""

import importlib
import sys
from importlib.machinery import ModuleSpec

from azureml._refused import reason

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any


_HOMES = (
    "azureml.core",
    "azureml.exceptions",
    "azureml.data",
    "azureml.core.compute",
    "azureml.core.webservice",
    "azureml.core.model",
    "azureml.core.runconfig",
    "azureml.core.databricks",
)
"""Where the classes are that public code also takes from modules of the SDK that happened to import them."""

_ELSEWHERE = {
    "azureml.core.compute.{}".format(name): "azureml.core.compute.kinds"
    for name in (
        "adla",
        "aks",
        "batch",
        "computeinstance",
        "databricks",
        "datafactory",
        "dsvm",
        "hdinsight",
        "kubernetescompute",
        "remote",
        "synapse",
    )
}
_ELSEWHERE["azureml.core.image.container"] = "azureml.core.image"
_ELSEWHERE["azureml.train.widgets"] = "azureml.widgets"
_ELSEWHERE.update(
    ("azureml.data.{}".format(name), "azureml.data.not_here")
    for name in (
        "azure_my_sql_datastore",
        "azure_postgre_sql_datastore",
        "azure_sql_database_datastore",
        "dbfs_datastore",
        "hdfs_datastore",
        "sql_data_reference",
        "stored_procedure_parameter",
    )
)
"""Modules of the SDK whose names are kept together in another one here."""

COVERAGE_PAGE = "docs/how-to/run-azureml-code.md"


class MissingFinder(object):
    """Last resort of the import system for names that begin with ``azureml.``.

    It is also asked for ``from azureml.core import Workspace``: a package without that attribute may have such a
    submodule. It answers with an ImportError that carries no module name, because the import system swallows
    the ones that do.
    """

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> "ModuleSpec | None":
        """Refuse every part of Azure ML that no other finder knows."""
        if fullname.startswith("azureml."):
            if fullname in _ELSEWHERE:
                loader: "Any" = _SameNames(_ELSEWHERE[fullname])  # by what it does, not by its base class
                return ModuleSpec(fullname, loader)
            if _bring(fullname):
                # An error that carries the name is swallowed: the attribute is there now.
                raise ModuleNotFoundError("{} is a class.".format(fullname), name=fullname)
            raise ModuleNotFoundError(message(fullname))
        return None


class _SameNames(object):
    """Fills a module with the names of another one."""

    def __init__(self, home: str) -> None:
        self._home = home

    def create_module(self, spec: "ModuleSpec") -> None:
        """Leave it to the import system."""
        return None

    def exec_module(self, module: "ModuleType") -> None:
        """Take over the public names."""
        home = importlib.import_module(self._home)
        module.__dict__.update({name: value for name, value in vars(home).items() if not name.startswith("_")})
        module.__path__ = []  # names that do not exist are then looked up here, too


def _bring(fullname: str) -> bool:
    """Give a module a class that it lacks and its original has, as in ``from azureml.core.model import Dataset``."""
    module, _, name = fullname.rpartition(".")
    if module.count(".") < 2 or module not in sys.modules or not name[0].isupper():
        return False
    for home in _HOMES:
        found = getattr(importlib.import_module(home), name, None)
        if isinstance(found, type):
            setattr(sys.modules[module], name, found)
            return True
    return False


def message(fullname: str) -> str:
    """Return the words for a missing part of the SDK."""
    why = reason(fullname)
    if why:
        return "Desktop AML does not have '{}'. {} See {}.".format(fullname, why, COVERAGE_PAGE)
    return "Desktop AML does not have '{}' yet. What it has of the Azure ML SDK v1 is listed in {}.".format(
        fullname, COVERAGE_PAGE
    )
