"""Write ``docs/reference/run-states.md`` from the state table of the code. Called by ``make docs-generated``."""

from __future__ import annotations

from pathlib import Path

from desktop_aml.domain.runs import MAX_ATTEMPTS, TRANSITIONS, RunEvent, RunState

PAGE = Path(__file__).parent / "reference" / "run-states.md"

_STATES = {
    RunState.QUEUED: "waits for a place",
    RunState.PREPARING: "its environment is made ready",
    RunState.RUNNING: "the script runs",
    RunState.CANCEL_REQUESTED: "the script is being stopped",
    RunState.FINALIZING: "outputs are collected",
    RunState.COMPLETED: "ended: the script ended with exit code 0",
    RunState.FAILED: "ended: the script failed, could not start, or was lost",
    RunState.CANCELED: "ended: stopped on request",
}
_EVENTS = {
    RunEvent.CLAIMED: "the engine took it from the queue",
    RunEvent.STARTED: "the supervisor started the script",
    RunEvent.SUCCEEDED: "the script ended with exit code 0; from Finalizing: all is collected",
    RunEvent.ERRORED: "it failed; from Finalizing: collected, after a failure",
    RunEvent.CANCEL: "someone asked to cancel",
    RunEvent.FAIL: "someone said that it failed, with `Run.fail`; from CancelRequested: and it was stopped",
    RunEvent.LOST: "its end was not observed, as after a power cut",
    RunEvent.PUT_BACK: "the engine ended in good order before the script was started",
    RunEvent.REOPENED: "more trials were asked for; only a sweep is opened again",
    RunEvent.RETRIED: "its attempt did not end well, and the run was submitted with retries: a new attempt follows",
}


def page() -> str:
    """Return the page as Markdown."""
    lines = [
        "# Run states",
        "",
        "Generated from `desktop_aml/domain/runs.py` by `make docs-generated`; change the table there.",
        "",
        "| state | |",
        "|---|---|",
        *(f"| {state} | {_STATES[state]} |" for state in RunState),
        "",
        "| event | |",
        "|---|---|",
        *(f"| {event} | {_EVENTS[event]} |" for event in RunEvent),
        "",
        "Which event moves which state where. A dash is no move: the event is refused.",
        "",
        f"| state | {' | '.join(RunEvent)} |",
        f"|---|{'---|' * len(RunEvent)}",
        *(f"| {state} | {' | '.join(_target(state, event) for event in RunEvent)} |" for state in RunState),
        "",
        f"¹ When it was lost as a new attempt, at most {MAX_ATTEMPTS} in all; then Failed. Only a run that never began",
        "goes back.",
        "",
        "Only the engine moves runs. The move, its line in the run's history and its number are one transaction.",
    ]
    return "\n".join(lines) + "\n"


def _target(state: RunState, event: RunEvent) -> str:
    target = TRANSITIONS.get((state, event))
    if target is None:
        return "–"
    return f"{target} ¹" if target is RunState.QUEUED else str(target)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
