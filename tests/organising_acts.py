"""One of the acts of `every_act`: runs are starred, archived, moved, written about, deleted, restored and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop_aml.domain.organising.queue import ChangeQueue
from desktop_aml.domain.organising.requests import OrganiseRuns

if TYPE_CHECKING:
    from tests.every_act import Actor


def organise(actor: Actor) -> None:
    """Do one of them with some of the runs."""
    pick = actor.choice
    some = tuple(row[0] for row in actor.rows("SELECT id FROM run") if pick.random() < 0.5)
    trash = tuple(row[0] for row in actor.rows("SELECT id FROM run WHERE deleted_at IS NOT NULL"))
    actor.ask(
        pick.choice(
            [
                OrganiseRuns(run_ids=some, starred=pick.random() < 0.5),
                OrganiseRuns(run_ids=some, archived=pick.random() < 0.5),
                OrganiseRuns(run_ids=some, experiment=pick.choice(("one", "other", "moved to"))),
                OrganiseRuns(run_ids=some, display_name=actor.word(), description=actor.word(), tags=actor.labels()),
                *(OrganiseRuns(run_ids=(run_id,), deleted=True) for run_id in some),
                OrganiseRuns(run_ids=trash, deleted=False),
                OrganiseRuns(run_ids=trash[:1], forever=True),
            ]
        )
    )


ORGANISE = (organise, (OrganiseRuns,))
"""The act, and the requests that it is made of."""


def _change_queue(actor: Actor) -> None:
    """Have runs wait, and give one that waits another place; what was paused goes on, or not."""
    actor.ask(ChangeQueue(is_paused=True))
    actor.submit()
    found = [row[0] for row in actor.rows("SELECT id FROM run WHERE state = 'Queued'")]
    if found:
        priority = actor.choice.choice((None, -3, 7))
        before = actor.choice.choice((None, "", found[0]))
        actor.ask(ChangeQueue(run_id=actor.choice.choice(found), priority=priority, before=before))
    if actor.choice.choice((True, False)):
        actor.ask(ChangeQueue(is_paused=False))


QUEUE = (_change_queue, (ChangeQueue,))
