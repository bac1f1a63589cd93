"""Which workspace is meant where a script names none."""

from desktop_aml_run import backend

from azureml._service import call
from azureml.exceptions import UserErrorException


def current_workspace():
    """Return the workspace of this run, outside a run the one that this user used last.

    Raises
    ------
    UserErrorException
        When there is none yet.
    """
    from azureml.core.workspace import Workspace

    if backend.inside_run():
        return Workspace._of(call("workspace.details"))
    known = call("workspaces.list")
    if not known:
        raise UserErrorException("There is no workspace yet. Make one with: desktop-aml workspace create PATH")
    return Workspace._of(known[0])
