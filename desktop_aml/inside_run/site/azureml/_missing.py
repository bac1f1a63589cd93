"""Say clearly that a part of the Azure ML SDK does not exist here, whichever way it is imported."""

import importlib
import sys

from azureml._refused import reason

_HOMES = (
    "azureml.core",
    "azureml.exceptions",
    "azureml.data",
    "azureml.core.compute",
    "azureml.core.webservice",
    "azureml.core.model",
    "azureml.core.runconfig",
)
"""Where the classes are that public code also takes from modules of the SDK that happened to import them."""

COVERAGE_PAGE = "docs/how-to/run-azureml-code.md"


class MissingFinder(object):
    """Last resort of the import system for names that begin with ``azureml.``.

    It is also asked for ``from azureml.core import Workspace``: a package without that attribute may have such a
    submodule. It answers with an ImportError that carries no module name, because the import system swallows
    the ones that do.
    """

    def find_spec(self, fullname, path=None, target=None):
        """Refuse every part of Azure ML that no other finder knows."""
        if fullname.startswith("azureml."):
            if _bring(fullname):
                # An error that carries the name is swallowed: the attribute is there now.
                raise ModuleNotFoundError("{} is a class.".format(fullname), name=fullname)
            raise ModuleNotFoundError(message(fullname))
        return None


def _bring(fullname):
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


def message(fullname):
    """Return the words for a missing part of the SDK."""
    why = reason(fullname)
    if why:
        return "Desktop AML does not have '{}'. {} See {}.".format(fullname, why, COVERAGE_PAGE)
    return "Desktop AML does not have '{}' yet. What it has of the Azure ML SDK v1 is listed in {}.".format(
        fullname, COVERAGE_PAGE
    )
