"""What Azure ML code can ask of a workspace: one small function per method, in tables by noun.

The `azureml` package calls these by name, from inside a run (through the engine) and from outside (through
``desktop-aml sdk-bridge``). Answers are JSON values: text, numbers, truth values, None, and lists and dicts of them.
Nothing here knows Azure ML's classes, and nothing is decided here that the façade could decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.sdk import computes as calls_computes
from desktop_aml.sdk import datasets as calls_datasets
from desktop_aml.sdk import endpoints as calls_endpoints
from desktop_aml.sdk import environments as calls_environments
from desktop_aml.sdk import experiments as calls_experiments
from desktop_aml.sdk import models as calls_models
from desktop_aml.sdk import runs as calls_runs
from desktop_aml.sdk import secrets as calls_secrets
from desktop_aml.sdk import sweeps as calls_sweeps
from desktop_aml.sdk import workspaces as calls_workspace
from desktop_aml.sdk.body import CallBody

if TYPE_CHECKING:
    from desktop_aml.workspace.workspace import Workspace

_METHODS = {
    **calls_workspace.METHODS,
    **calls_experiments.METHODS,
    **calls_environments.METHODS,
    **calls_models.METHODS,
    **calls_runs.METHODS,
    **calls_sweeps.METHODS,
    **calls_endpoints.METHODS,
    **calls_computes.METHODS,
    **calls_datasets.METHODS,
    **calls_secrets.METHODS,
}


def answer(workspace: Workspace, method: str, body: Mapping[str, Any]) -> object:
    """Carry out one call on an open workspace and return its answer as a JSON value.

    Raises
    ------
    InvalidInput
        When there is no such method, or a value is not what the method takes.
    DesktopAMLError
        Whatever the façade raises.
    """
    call = _METHODS.get(method)
    if call is None:
        raise InvalidInput(
            f"This version of Desktop AML does not know the call “{method}”.",
            "Take the azureml package from `desktop-aml sdk-path` of the same version.",
        )
    return call(workspace, CallBody(body))
