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

    Where there is none above either, it is the one that a configuration there names, as for `Workspace.from_config`,
    else the one that this user used last, and a note says so.

    Raises
    ------
    UserErrorException
        When there is none yet.
    """
    workspace = public("Workspace")
    if backend.inside_run():
        own: "WorkspaceLike" = workspace._of(call("workspace.details"))
        return own
    folders = _folders()
    found = call("workspaces.current", folders=folders)
    if found is None or not found["above"]:
        named = _named_above(folders)
        if named is not None:
            return named
    if found is None:
        raise UserErrorException("There is no workspace yet. Make one with: desktop-aml workspace create PATH")
    if not found["above"]:
        note(
            "no workspace lies above this script: the one used last is taken, '{name}' in {path}. "
            "Workspace.from_config() or Workspace.get() name another.".format(**found)
        )
    used: "WorkspaceLike" = workspace._of(found)
    return used


def _named_above(folders: "list[str]") -> "WorkspaceLike | None":
    """Return the workspace that a ``config.json`` at or above a folder names, if one does."""
    for folder in folders:
        try:
            named: "WorkspaceLike" = public("Workspace").from_config(folder)
        except UserErrorException:
            continue  # there is no configuration above, or it is one of another program
        return named
    return None


def _folders() -> "list[str]":
    """Return the folder of the script that runs, when there is one, and the current folder."""
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    here = os.getcwd()
    return [os.path.dirname(os.path.abspath(script)), here] if script else [here]
