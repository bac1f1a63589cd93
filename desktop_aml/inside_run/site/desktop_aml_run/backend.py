"""One way to ask the workspace: inside a run through its folder, elsewhere through a process of Desktop AML.

``call("models.list", workspace=path)`` gives the answer of `desktop_aml.sdk.calls`, as JSON values. Which way
is taken is decided once per process, by whether the process belongs to a run.
"""

import threading

from desktop_aml_run import belonging, channel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Ask = Callable[[str, str, dict[str, Any]], Any]


ANSWER_TIME_S = 600.0
"""How long a script inside a run waits for the engine."""

Refused = channel.Refused
NoAnswer = channel.NoAnswer

_lock = threading.Lock()
_chosen: "list[Ask]" = []


def call(method: str, workspace: str = "", **body: "Any") -> "Any":
    """Ask for `method` with the JSON values `body` and return the JSON value that answers.

    Parameters
    ----------
    workspace : str
        Absolute path of the workspace; empty for methods that find or make one. Inside a run it is always the
        run's own.

    Raises
    ------
    Refused
        When Desktop AML says no; `Refused.error` names the kind as in ``desktop_aml.domain.errors``.
    NoAnswer
        When nobody answers: no engine in time, or no installation of Desktop AML was found.
    """
    return _backend()(method, workspace, body)


def inside_run() -> bool:
    """Whether this process belongs to a run."""
    return bool(belonging.variable(belonging.RUN_ID) and belonging.run_directory())


def _backend() -> "Ask":
    with _lock:
        if not _chosen:
            _chosen.append(_through_folder if inside_run() else _through_bridge())
        return _chosen[0]


def _through_bridge() -> "Ask":
    # Imported here: most scripts run inside a run, and starting processes takes modules that take time to load.
    from desktop_aml_run.bridge import Bridge

    return Bridge().ask


def _through_folder(method: str, workspace: str, body: "dict[str, Any]") -> "Any":  # noqa: ARG001 - inside a run there is only the run's own workspace
    directory = belonging.run_directory()
    assert directory is not None
    return channel.ask(directory, "call", {"method": method, "body": body}, timeout_s=ANSWER_TIME_S)
