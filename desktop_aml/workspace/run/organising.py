"""Runs kept in order: stars, the archive, the trash, moves, words; each act gives what undoes it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from desktop_aml.domain.organising.requests import OrganiseRuns
from desktop_aml.domain.organising.shelf import Shelf
from desktop_aml.domain.runs import RunDetail, RunQuery, RunSummary
from desktop_aml.store import runs
from desktop_aml.workspace.service import Service

_EVERY = 1_000_000


@dataclass(frozen=True, slots=True)
class Undo:
    """What brings runs back to what they were before an act; hand it to `RunOrganising.undo`."""

    requests: tuple[OrganiseRuns, ...] = ()


class RunOrganising(Service):
    """Keeps runs in order.

    Each method takes runs as `Runs.find` does, changes all of them or none, and returns what undoes it.
    """

    def star(self, wanted: Sequence[str], *, starred: bool = True) -> Undo:
        """Give runs a star, or take it away. A starred run cannot be deleted."""
        return self._do(wanted, OrganiseRuns(run_ids=(), starred=starred))

    def archive(self, wanted: Sequence[str], *, archived: bool = True) -> Undo:
        """Put runs into the archive, or take them out: lists do not show them unless asked for the archive."""
        return self._do(wanted, OrganiseRuns(run_ids=(), archived=archived))

    def move(self, wanted: Sequence[str], experiment: str) -> Undo:
        """Move runs to another experiment, which is made where there is none.

        Raises
        ------
        InvalidName
            When an experiment cannot be called so.
        """
        return self._do(wanted, OrganiseRuns(run_ids=(), experiment=experiment))

    def delete(self, wanted: Sequence[str]) -> Undo:
        """Put runs into the trash, where they stay, and take room, until it is emptied.

        Raises
        ------
        Conflict
            When a run has not ended, or has a star.
        """
        return self._do(wanted, OrganiseRuns(run_ids=(), deleted=True))

    def restore(self, wanted: Sequence[str]) -> Undo:
        """Take runs out of the trash and the archive."""
        return self._do(wanted, OrganiseRuns(run_ids=(), deleted=False, archived=False))

    def rename(self, wanted: Sequence[str], display_name: str) -> Undo:
        """Give runs a name."""
        return self._do(wanted, OrganiseRuns(run_ids=(), display_name=display_name))

    def note(self, wanted: Sequence[str], description: str) -> Undo:
        """Write a note on runs, in the place of the one that they have; an empty one takes it away."""
        return self._do(wanted, OrganiseRuns(run_ids=(), description=description))

    def tag(self, wanted: Sequence[str], tags: Mapping[str, str], remove: Sequence[str] = ()) -> Undo:
        """Add or change tags of runs, and remove others."""
        return self._do(wanted, OrganiseRuns(run_ids=(), tags=dict(tags), remove_tags=tuple(remove)))

    def undo(self, undo: Undo) -> None:
        """Bring runs back to what they were; those that were removed for good since are left out."""
        for request in undo.requests:
            there = tuple(run_id for run_id in request.run_ids if runs.is_over(self._db, run_id) is not None)
            if there:
                self._client.ask(replace(request, run_ids=there))

    def trash(self) -> tuple[RunSummary, ...]:
        """Return the runs in the trash."""
        from desktop_aml.store.run_table.view import RunView

        view = RunView(self._folder.database)
        try:
            found = view.apply(RunQuery(shelf=Shelf.TRASH))
            return tuple(one for one in view.page(found.token, 0, _EVERY) if one is not None)
        finally:
            view.close()

    def empty_trash(self, wanted: Sequence[str] | None = None) -> int:
        """Remove the runs in the trash with all that is theirs, or only some of them; return how many.

        There is no way back. What models and other runs share with them stays.

        Raises
        ------
        Conflict
            When one of `wanted` is not in the trash.
        """
        ids = [run.id for run in self.trash()] if wanted is None else self._ids(wanted)
        if ids:
            self._client.ask(OrganiseRuns(run_ids=tuple(ids), forever=True))
            self._client.free_room()
        return len(ids)

    def _ids(self, wanted: Iterable[str]) -> list[str]:
        return list(dict.fromkeys(self._client.find_run(one) for one in wanted))

    def _do(self, wanted: Sequence[str], change: OrganiseRuns) -> Undo:
        ids = self._ids(wanted)
        if not ids:
            return Undo()
        before = [runs.get(self._db, run_id) for run_id in ids]
        self._client.ask(replace(change, run_ids=tuple(ids)))
        return Undo(tuple(_undoing(before, change)))


def _undoing(before: Sequence[RunDetail], change: OrganiseRuns) -> Iterable[OrganiseRuns]:
    """Return the requests that bring back what a change changed: one for all runs that were the same in it."""
    found: dict[Hashable, tuple[OrganiseRuns, list[str]]] = {}
    for run in before:
        request = _back(run, change)
        found.setdefault(repr(request), (request, []))[1].append(run.summary.id)
    return [replace(request, run_ids=tuple(ids)) for request, ids in found.values()]


def _back(run: RunDetail, change: OrganiseRuns) -> OrganiseRuns:
    return OrganiseRuns(
        run_ids=(),
        starred=None if change.starred is None else run.summary.starred,
        archived=None if change.archived is None else run.summary.archived_at is not None,
        deleted=None if change.deleted is None else run.summary.deleted_at is not None,
        experiment=None if change.experiment is None else run.summary.experiment,
        display_name=None if change.display_name is None else run.summary.display_name,
        description=None if change.description is None else run.description,
        tags={key: run.tags[key] for key in (*change.tags, *change.remove_tags) if key in run.tags},
        remove_tags=tuple(key for key in change.tags if key not in run.tags),
    )
