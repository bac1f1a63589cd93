"""Say clearly that a part of the Azure ML SDK does not exist here, whichever way it is imported."""

from azureml._refused import reason

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
            raise ModuleNotFoundError(message(fullname))
        return None


def message(fullname):
    """Return the words for a missing part of the SDK."""
    why = reason(fullname)
    if why:
        return "Desktop AML does not have '{}'. {} See {}.".format(fullname, why, COVERAGE_PAGE)
    return "Desktop AML does not have '{}' yet. What it has of the Azure ML SDK v1 is listed in {}.".format(
        fullname, COVERAGE_PAGE
    )
