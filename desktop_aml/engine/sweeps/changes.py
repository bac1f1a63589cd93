"""What is asked of a sweep that there is: to pause, to go on, to try more or elsewhere, also when it has ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from desktop_aml.domain.errors import Conflict, InvalidInput
from desktop_aml.domain.events import RunMoved
from desktop_aml.domain.runs import RunState
from desktop_aml.domain.sweeps.records import MOST_TRIALS, Wanted
from desktop_aml.domain.sweeps.requests import ChangeSweep
from desktop_aml.domain.sweeps.space import Values, check_values
from desktop_aml.engine.core.context import Desk
from desktop_aml.store import runs
from desktop_aml.store.sweeps import reopening
from desktop_aml.store.sweeps import table as sweeps
from desktop_aml.store.sweeps.table import StoredSweep

_ENDING: Final = frozenset({RunState.FINALIZING, RunState.CANCEL_REQUESTED})
_OPENED: Final = "Opened again, for more trials."


def changed(desk: Desk, request: ChangeSweep) -> tuple[StoredSweep, StoredSweep]:
    """Store what a sweep is to do from now on, and return it as it was and as it is. Call inside a commit.

    Raises
    ------
    Conflict
        When it is about to end, or has ended and nothing is left to try.
    InvalidInput
        When it makes no sense.
    """
    old = sweeps.get(desk.db, request.run_id)
    state = runs.state_of(desk.db, request.run_id)
    if state in _ENDING:
        raise Conflict(
            f"The sweep “{request.run_id}” cannot be changed: it is {state}.", "Try again when it has ended."
        )
    if not old.template.script:
        raise Conflict(
            f"The sweep “{request.run_id}” was imported, and has no script to run.", "Begin a sweep of a script."
        )
    if state.is_terminal():
        if runs.get(desk.db, request.run_id).summary.deleted_at is not None:
            raise Conflict(f"The sweep “{request.run_id}” is in the trash.", "Restore it first.")
        # What an ended sweep did not come to is not taken up by the way: nobody asked for it.
        old = replace(old, planned=())
    tried = sweeps.values(desk.db, request.run_id)
    planned = _planned(old, request, tried)
    new = _extended(old, request, planned, tried, has_ended=state.is_terminal())
    if state.is_terminal():
        if new == old:
            if request.wanted:
                raise Conflict(
                    f"The sweep “{request.run_id}” has ended ({state}): it can neither pause nor go on.",
                    f"Ask for more than its {len(tried)} trials to open it again.",
                )
            raise Conflict(
                f"The sweep “{request.run_id}” has ended ({state}), and this leaves it nothing to try.",
                f"Ask for more than its {len(tried)} trials.",
            )
        new = _reopened(desk, new, request)
    else:
        new = _paused(desk, new, request.wanted)
    sweeps.save(desk.db, new)
    return old, new


def _planned(old: StoredSweep, request: ChangeSweep, tried: Sequence[Values]) -> tuple[Values, ...]:
    known = {repr(one) for one in (*tried, *old.planned)}
    for one in request.planned:
        check_values(one)
    return tuple(one for one in dict.fromkeys(request.planned) if repr(one) not in known)


def _extended(
    old: StoredSweep, request: ChangeSweep, planned: Sequence[Values], tried: Sequence[Values], *, has_ended: bool
) -> StoredSweep:
    spec, decided = old.spec, len(tried)
    present = decided if has_ended else spec.trials
    trials = (present if request.trials is None else request.trials) + len(planned)
    if trials < decided:
        raise InvalidInput(
            f"The sweep has {decided} trials already; it cannot end with {trials}.",
            f"Ask for more than {decided}." if has_ended else "Cancel it to end it now.",
        )
    if trials > MOST_TRIALS:
        raise InvalidInput(f"The number of trials must be from 1 to {MOST_TRIALS:,}.", "")
    if has_ended and trials == decided:
        return old
    new = replace(
        spec,
        trials=trials,
        concurrent=spec.concurrent if request.concurrent is None else request.concurrent,
        space=request.space or spec.space,
        time_limit_s=spec.time_limit_s if request.time_limit_s is None else request.time_limit_s,
    )
    is_more = request.trials is not None and request.trials > present
    is_elsewhere = (new.space, new.time_limit_s) != (spec.space, spec.time_limit_s)
    return replace(
        old,
        spec=new,
        planned=(*old.planned, *planned),
        space_from=decided if new.space != spec.space else old.space_from,
        exhausted=old.exhausted and not (is_more or is_elsewhere),
        remark="" if is_more or is_elsewhere else old.remark,
    )


def _paused(desk: Desk, stored: StoredSweep, wanted: str) -> StoredSweep:
    now = desk.now()
    if wanted == Wanted.PAUSED and stored.paused_at is None:
        return replace(stored, wanted=Wanted.PAUSED, paused_at=now)
    if wanted == Wanted.RUNNING and stored.paused_at is not None:
        paused_s = stored.paused_s + now - stored.paused_at
        return replace(stored, wanted=Wanted.RUNNING, paused_at=None, paused_s=paused_s)
    return stored


def _reopened(desk: Desk, stored: StoredSweep, request: ChangeSweep) -> StoredSweep:
    """Queue a sweep that has ended; the time since then counts as a pause."""
    now = desk.now()
    summary = runs.get(desk.db, request.run_id).summary
    ended = stored.paused_at or summary.ended_at or now
    went_on = replace(
        stored,
        wanted=Wanted.RUNNING,
        paused_at=None,
        paused_s=stored.paused_s + max(0.0, now - ended) if summary.started_at is not None else stored.paused_s,
    )
    if went_on.seconds_left(summary.started_at, now) <= 0:
        # Its time was up: who asks for more and names no new limit wants it all the same.
        went_on = replace(went_on, spec=replace(went_on.spec, time_limit_s=None))
    change = reopening.reopen(desk.db, request.run_id, at=now, note=_OPENED)
    desk.announce(RunMoved(request.run_id, change.state, change.at, change.sequence, change.note))
    return went_on


def words_about(old: StoredSweep, new: StoredSweep) -> list[str]:
    """Return what changed, for the log of the sweep."""
    words = []
    if old.wanted is not new.wanted:
        words.append("Paused: no further trial begins." if new.wanted is Wanted.PAUSED else "Resumed.")
    if old.spec != new.spec:
        words.append(f"Changed: {new.spec.trials} trials, {new.spec.concurrent} at once.")
    if old.spec.space != new.spec.space:
        words += [f"{one.key} from {one.expression}" for one in new.spec.space]
    if old.spec.time_limit_s is not None and new.spec.time_limit_s is None:
        words.append("The time limit, which was reached, holds no more.")
    if len(new.planned) > len(old.planned):
        words.append(f"{len(new.planned) - len(old.planned)} trials were asked for by their values.")
    return words
