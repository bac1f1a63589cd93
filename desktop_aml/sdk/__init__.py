"""The front end of Azure ML code: calls come in over the wire, answers go out.

It uses the façade as the command line does, decides nothing that the façade could decide, and knows none of Azure ML's
classes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace


def answers_of(workspace: Workspace) -> Callable[[str, Mapping[str, Any]], object]:
    """Return what carries out the calls of Azure ML code on a workspace, for the engine that a program hosts.

    Parameters
    ----------
    workspace : Workspace
        An open workspace; it must stay open as long as it is asked.
    """

    def answer(method: str, body: Mapping[str, Any]) -> object:
        # Imported at the first call: most programs never hear one.
        from desktop_aml.sdk import calls

        return calls.answer(workspace, method, body)

    return answer
