"""Say clearly that a part of the Azure ML SDK does not exist here, whichever way it is imported."""

PRESENT = (
    "azureml.core (Run, VERSION)",
    "azureml.core.run (Run, get_run, _OfflineRun)",
    "azureml.exceptions",
)


class MissingFinder(object):
    """Last resort of the import system for names that begin with ``azureml.``.

    It is also asked for ``from azureml.core import Workspace``: a package without that attribute may have such a
    submodule. It answers with an ImportError that carries no module name, because the import system swallows
    the ones that do.
    """

    def find_spec(self, fullname, path=None, target=None):  # noqa: ARG002 - the import system's signature
        """Refuse every part of Azure ML that no other finder knows."""
        if fullname.startswith("azureml."):
            raise ModuleNotFoundError(message(fullname))
        return None


def message(fullname):
    """Return the words for a missing part of the SDK."""
    return "Desktop AML does not have '{}' yet. Scripts that run here can import: {}.".format(
        fullname, "; ".join(PRESENT)
    )
