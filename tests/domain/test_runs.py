"""The state table: every move, and what is refused."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop_aml.domain.errors import InvalidTransition
from desktop_aml.domain.runs import MAX_ATTEMPTS, TRANSITIONS, RunEvent, RunOutcome, RunState, RunSummary, next_state

EVERY_PAIR = list(itertools.product(RunState, RunEvent))


@pytest.mark.parametrize(("state", "event"), EVERY_PAIR)
def test_a_move_is_in_the_table_or_refused(state: RunState, event: RunEvent) -> None:
    if (state, event) in TRANSITIONS:
        assert next_state(state, event) is TRANSITIONS[state, event]
    else:
        with pytest.raises(InvalidTransition, match=state):
            next_state(state, event)


@pytest.mark.parametrize("state", [state for state in RunState if state.is_terminal()])
def test_nothing_but_opening_it_again_moves_a_run_that_has_ended(state: RunState) -> None:
    assert {event: to for (at, event), to in TRANSITIONS.items() if at is state} == {RunEvent.REOPENED: RunState.QUEUED}


def test_a_run_lost_while_preparing_is_queued_again_until_the_attempts_are_used_up() -> None:
    assert next_state(RunState.PREPARING, RunEvent.LOST, attempt=MAX_ATTEMPTS - 1) is RunState.QUEUED
    assert next_state(RunState.PREPARING, RunEvent.LOST, attempt=MAX_ATTEMPTS) is RunState.FAILED


@given(st.lists(st.sampled_from([event for event in RunEvent if event is not RunEvent.REOPENED]), max_size=30))
def test_any_story_ends_at_most_once_and_stays_ended(story: list[RunEvent]) -> None:
    state, ended = RunState.QUEUED, False
    for event in story:
        try:
            state = next_state(state, event)
        except InvalidTransition:
            continue
        assert not ended
        ended = state.is_terminal()


@given(st.sampled_from([state for state in RunState if not state.is_terminal()]))
def test_every_state_can_still_reach_an_end(start: RunState) -> None:
    reached = {start}
    while new := {to for (at, _), to in TRANSITIONS.items() if at in reached} - reached:
        reached |= new
    assert any(state.is_terminal() for state in reached)


def test_a_state_is_active_exactly_when_it_holds_a_place_among_the_executing_runs() -> None:
    assert {state for state in RunState if state.is_active()} == {
        RunState.PREPARING,
        RunState.RUNNING,
        RunState.CANCEL_REQUESTED,
        RunState.FINALIZING,
    }


@pytest.mark.parametrize(
    ("outcome", "succeeded", "lost", "may_be_tried_again"),
    [
        (RunOutcome(exit_code=0), True, False, False),
        (RunOutcome(exit_code=1), False, False, False),
        (RunOutcome(signal=9, reason="signal"), False, False, False),
        (RunOutcome(exit_code=0, reason="canceled"), False, False, False),
        (RunOutcome(reason="lost"), False, True, True),
        (RunOutcome(reason="lost", started_at=1.0), False, True, False),
        (RunOutcome(reason="not_started"), False, False, False),
    ],
)
def test_an_outcome_answers_what_happened(
    outcome: RunOutcome, succeeded: bool, lost: bool, may_be_tried_again: bool
) -> None:
    assert (outcome.succeeded(), outcome.was_lost(), outcome.was_lost_before_start()) == (
        succeeded,
        lost,
        may_be_tried_again,
    )


def test_the_duration_runs_until_the_end_or_until_now() -> None:
    def run(started: float | None, ended: float | None) -> RunSummary:
        return RunSummary("i", 1, "e", "n", RunState.RUNNING, "s", "local", "env", 0.0, started, ended)

    assert run(None, None).duration_s(9.0) is None
    assert run(2.0, None).duration_s(9.0) == 7.0
    assert run(2.0, 5.0).duration_s(9.0) == 3.0
