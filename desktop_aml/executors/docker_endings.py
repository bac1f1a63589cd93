"""How a run in a container ended, in words: what the launcher recorded, or what can be told without its record."""

from __future__ import annotations

import time
from typing import Final

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.runs import RunOutcome
from desktop_aml.executors.attempt_files import AttemptFiles
from desktop_aml.executors.docker_engine import ContainerState

_SIGKILL: Final = 9
_KILLED: Final = (137, 143)
"""Exit codes of a container that was killed or stopped, by Docker's end among others: it may be tried again."""


def without_record(state: ContainerState, files: AttemptFiles) -> RunOutcome | None:
    """Return the end of an attempt whose container has ended without a record; None when that is not for us to say."""
    claim = files.claim()
    if claim is None and not files.give_up():
        return None
    if claim is None and state.is_over() and state.exit_code not in _KILLED:
        words = f"The launcher could not run in the container (exit code {state.exit_code}). {state.last_words}"
        return RunOutcome(reason="not_started", message=words.strip(), ended_at=time.time())
    if claim is None or claim.is_void:
        words = f"The container did not start. {state.error}".strip()
        return RunOutcome(reason="lost", message=words, ended_at=time.time())
    started_at = files.started_at()
    if state.out_of_memory:
        words = "The container was killed because it used more memory than it may."
        return RunOutcome(signal=_SIGKILL, reason="memory", message=words, started_at=started_at, ended_at=time.time())
    words = (
        "The container is gone, so how the script ended is not known. Something else removed it."
        if state.status == "absent"
        else f"The container was ended from outside (exit code {state.exit_code}): Docker was stopped, or someone"
        " killed it. How the script would have ended is not known."
    )
    return RunOutcome(reason="lost", message=words, started_at=started_at, ended_at=time.time())


def with_cause(outcome: RunOutcome, files: AttemptFiles) -> RunOutcome:
    """Return an outcome in which a stop that we did not ask for is called what it is."""
    if outcome.reason != "canceled" or files.stop_was_asked():
        return outcome
    return RunOutcome(
        reason="lost",
        message="The container was stopped from outside: Docker was stopped, or someone stopped it.",
        started_at=outcome.started_at,
        ended_at=outcome.ended_at,
    )


def not_started(failure: BaseException) -> RunOutcome:
    """Return the end of an attempt whose container could not be started."""
    if isinstance(failure, DesktopAMLError):
        explanation: str | bytes = " ".join(filter(None, (failure.message, failure.hint)))
    else:
        explanation = getattr(failure, "explanation", "") or str(failure)
    if isinstance(explanation, bytes):
        explanation = explanation.decode("utf-8", "replace")
    words = f"The container could not be started: {explanation}"
    return RunOutcome(reason="not_started", message=words[:2000], ended_at=time.time())
