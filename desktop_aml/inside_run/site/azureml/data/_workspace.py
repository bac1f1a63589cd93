"""Which workspace is meant where a script names none."""

import os
import sys

from desktop_aml_run import backend

from azureml._objects import public
from azureml._service import call, note
from azureml.exceptions import UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from azureml._objects import WorkspaceLike


def current_workspace() -> "WorkspaceLike":
    """Return the workspace of this run, outside a run the one that the script or the current folder lies in.

    Where there is none above either, it is the one that this user used last, and a note says so.

    Raises
    ------
    UserErrorException
        When there is none yet.
    """
    workspace = public("Workspace")
    if backend.inside_run():
        own: "WorkspaceLike" = workspace._of(call("workspace.details"))
        return own
    found = call("workspaces.current", folders=_folders())
    if found is None:
        raise UserErrorException("There is no workspace yet. Make one with: desktop-aml workspace create PATH")
    if not found["above"]:
        note(
            "no workspace lies above this script: the one used last is taken, '{name}' in {path}. "
            "Workspace.from_config() or Workspace.get() name another.".format(**found)
        )
    used: "WorkspaceLike" = workspace._of(found)
    return used


def _folders() -> "list[str]":
    """Return the folder of the script that runs, when there is one, and the current folder."""
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    here = os.getcwd()
    return [os.path.dirname(os.path.abspath(script)), here] if script else [here]
