"""How the classes of this package ask the workspace, and how they tell the user what is different here."""

import json
import os
import sys
from datetime import datetime, timezone

from desktop_aml_run import backend
from desktop_aml_run.telling import tell

from azureml._missing import COVERAGE_PAGE
from azureml.exceptions import ServiceException, UserErrorException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from azureml._objects import WorkspaceLike


_USER_ERRORS = (
    "InvalidInput",
    "InvalidName",
    "InvalidSpec",
    "NotFound",
    "Conflict",
    "PreparationError",
    "UntrustedWorkspace",
)
_told: "set[str]" = set()


def call(
    method: str,
    workspace: "WorkspaceLike | None" = None,
    errors: "Mapping[str, type[Exception]] | None" = None,
    **body: "Any",
) -> "Any":
    """Ask the workspace for `method` and return its answer.

    Parameters
    ----------
    workspace : Workspace, optional
        None for what belongs to no workspace.
    errors : dict of str to exception class, optional
        Which exception stands for a kind of refusal; ``"*"`` for all others.

    Raises
    ------
    AzureMLException
        The one that `errors` names, else UserErrorException or ServiceException.
    """
    path = "" if workspace is None else workspace._path
    try:
        return backend.call(method, workspace=path, **body)
    except backend.Refused as refusal:
        errors = errors or {}
        usual = UserErrorException if refusal.error in _USER_ERRORS else ServiceException
        raise errors.get(refusal.error, errors.get("*", usual))(str(refusal)) from None
    except backend.NoAnswer as error:
        raise ServiceException(str(error)) from None


def note(text: str) -> None:
    """Tell the user, once, what is different here from Azure."""
    if text not in _told:
        _told.add(text)
        tell(text)


def nobody_waits() -> bool:
    """Whether a program executes this notebook, as a run or with nbconvert: from one cell to the next nobody waits.

    Such programs tell the kernel with each cell that nobody can be asked; Jupyter's windows tell it the opposite.
    """
    if os.environ.get("DESKTOP_AML_NOTEBOOK") == "executed":
        return True
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(getattr(shell, "kernel", None), "_allow_stdin", True) is False


def not_used(call_name: str, **given: "Any") -> None:
    """Tell, once, that arguments which only mean something in Azure were accepted and have no effect."""
    names = sorted(name for name, value in given.items() if value not in (None, False))
    if names:
        note("{} ignores {}: everything stays on this computer.".format(call_name, ", ".join(names)))


def refused(call_name: str, instead: str) -> "NotImplementedError":
    """Return the error for a call that Desktop AML does not offer; `instead` says what to do."""
    return NotImplementedError("Desktop AML does not offer {}. {} See {}.".format(call_name, instead, COVERAGE_PAGE))


def absolute(path: object) -> str:
    """Return a path as the other side needs it, which has another current folder."""
    return os.path.abspath(os.path.expanduser(str(path)))


def moment(at: "float | None") -> str:
    """Return a Unix time as Azure ML writes it; empty for None."""
    return "" if at is None else datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def labels(noun: str, values: "Any", error: "type[Exception]" = UserErrorException) -> "dict[str, str]":
    """Return tags or properties as a dict of texts; None is an empty one."""
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise error("{} must be a dict, not {}.".format(noun, type(values).__name__))
    return {str(key): _label(value) for key, value in values.items()}


def _label(value: "Any") -> str:
    if value is None or isinstance(value, str):
        return "" if value is None else value
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


def has_labels(found: "Mapping[str, Any]", wanted: "Any", noun: str) -> bool:
    """Whether `found` (a dict) has the key `wanted`, or every key and value of the dict `wanted`; None fits all."""
    if wanted is None:
        return True
    if isinstance(wanted, str):
        return wanted in found
    if isinstance(wanted, dict):
        return all(key in found and (value is None or found[key] == str(value)) for key, value in wanted.items())
    raise UserErrorException("{} must be a text or a dict, not {}.".format(noun, type(wanted).__name__))
