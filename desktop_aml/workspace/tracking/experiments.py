"""Experiments as MLflow knows them: with an identifier that stays, tags, and a trash."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import msgspec

from desktop_aml.domain.errors import Conflict, InvalidInput, NotFound
from desktop_aml.domain.names import check_any_experiment_name
from desktop_aml.store import experiments
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.side_files import SideFiles
from desktop_aml.workspace.tracking.values import TrackedExperiment

DEFAULT: Final = "default"
DEFAULT_ID: Final = "0"
_SHOWN_DEFAULT: Final = "Default"
_ID: Final = re.compile(r"-?[0-9]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class _Record(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    created_at: float
    updated_at: float
    tags: dict[str, str] = {}
    deleted_at: float | None = None
    told_at: float = 0.0
    """When a client last deleted or restored it."""
    left: tuple[str, ...] = ()
    """Names that it had after its first one; the identifier tells the first."""


class Experiments:
    """The experiments of one workspace: those that have runs, and those that a client made."""

    def __init__(self, folder: WorkspaceFolder, db: Database) -> None:
        self._folder = folder
        self._db = db
        self._records = SideFiles(folder.side_files / "mlflow-experiments", _Record, "experiment")

    def all(self) -> tuple[TrackedExperiment, ...]:
        """Return every experiment, by name."""
        return tuple(sorted(self._by_name().values(), key=lambda one: one.name.lower()))

    def get(self, experiment_id: str) -> TrackedExperiment:
        """Return an experiment.

        Raises
        ------
        NotFound
            When there is none of this id.
        InvalidInput
            When it cannot be one.
        """
        for found in self._by_name().values():
            if found.id == experiment_id:
                return found
        if _ID.fullmatch(experiment_id) is None:
            raise InvalidInput(
                f"Invalid experiment ID '{experiment_id[:100]}'.", "An experiment's ID is a number or a UUID."
            )
        raise NotFound(f"No Experiment with id={experiment_id[:100]} exists")

    def named(self, name: str) -> TrackedExperiment | None:
        """Return the experiment of a name, or None."""
        return self._by_name().get(own_name(name))

    def ids(self) -> Callable[[str], str]:
        """Return what tells the identifier of the experiment of a run by its name, for as many runs as are shown."""
        known = self._by_name()

        def id_of(name: str) -> str:
            own = own_name(name)
            return known[own].id if own in known else self._id_of(own)

        return id_of

    def create(self, name: str, tags: dict[str, str]) -> TrackedExperiment:
        """Make an experiment.

        Raises
        ------
        InvalidName
            When the name breaks MLflow's rule.
        Conflict
            When there is one of this name, be it deleted.
        """
        name = own_name(check_any_experiment_name(name))
        known = self.named(name)
        if known is not None:
            where = " in deleted state" if known.deleted_at else ""
            raise Conflict(f"Experiment '{name}' already exists{where}.")
        now = time.time()
        is_taken = self._records.get(self._id_of(name)) is not None
        made = TrackedExperiment(self._id_of(name, again=is_taken), name, now, now, tags)
        self._put(made)
        return made

    def change(
        self,
        experiment_id: str,
        *,
        tags: dict[str, str] | None = None,
        remove_tag: str = "",
        deleted: bool | None = None,
    ) -> None:
        """Set and remove tags; put it into the trash or take it out."""
        old = self.get(experiment_id)
        if deleted and old.id == DEFAULT_ID:
            raise InvalidInput("The default experiment cannot be deleted.")
        kept = {key: value for key, value in {**old.tags, **(tags or {})}.items() if key != remove_tag}
        now = time.time()
        when = old.deleted_at if deleted is None else now if deleted else None
        told_at = None if deleted is None else now
        self._put(TrackedExperiment(old.id, old.name, old.created_at, now, kept, when), told_at)

    def renamed(self, experiment_id: str, name: str) -> tuple[TrackedExperiment, TrackedExperiment]:
        """Give an experiment another name, and return it as it was and as it is; its runs are the caller's to move."""
        old = self.get(experiment_id)
        name = own_name(check_any_experiment_name(name))
        if self.named(name) is not None:
            raise Conflict(f"Experiment '{name}' already exists.")
        if old.id == DEFAULT_ID:
            raise InvalidInput("The default experiment cannot be renamed.")
        new = TrackedExperiment(old.id, name, old.created_at, time.time(), old.tags, old.deleted_at)
        self._put(new)
        return old, new

    def follow(self, was: TrackedExperiment, new_name: str) -> None:
        """Keep identifier and tags of an experiment that was given another name by other means."""
        self._put(replace(was, name=new_name, updated_at=time.time()))

    def forget(self, name: str) -> None:
        """Forget an experiment that was removed for good."""
        for identifier, record in self._kept().items():
            if record.name == name:
                self._records.remove(identifier)

    def told(self) -> dict[str, tuple[float, float | None]]:
        """Return when clients deleted or restored each experiment that they changed, and since when it is gone."""
        return {one.name: (one.told_at, one.deleted_at) for one in self._kept().values()}

    def _kept(self) -> dict[str, _Record]:
        return {one: record for one in self._records.names() if (record := self._records.get(one)) is not None}

    def _put(self, one: TrackedExperiment, told_at: float | None = None) -> None:
        old = self._records.get(one.id)
        left = () if old is None else tuple(dict.fromkeys((*old.left, old.name)))
        self._records.put(
            one.id,
            _Record(
                name=one.name,
                created_at=one.created_at,
                updated_at=one.updated_at,
                tags=one.tags,
                deleted_at=one.deleted_at,
                told_at=told_at or (old.told_at if old else 0.0),
                left=tuple(name for name in left if name != one.name),
            ),
        )

    def _by_name(self) -> dict[str, TrackedExperiment]:
        records = self._kept()
        rows = {row.name: row for row in experiments.moments(self._db)}
        left = {name for record in records.values() for name in record.left}
        found: dict[str, TrackedExperiment] = {}
        for row in rows.values():
            known = records.get(self._id_of(row.name))
            was_renamed = known is not None and known.name != row.name
            if row.last_at is None and (was_renamed or row.name in left):
                continue  # it has another name now, and no run has this one any more
            last_at = row.last_at or row.created_at
            identifier = self._id_of(row.name, again=was_renamed)
            found[row.name] = TrackedExperiment(
                identifier, row.name, row.created_at, last_at, deleted_at=row.deleted_at
            )
        made_at = self._folder.config.stat().st_mtime
        found.setdefault(DEFAULT, TrackedExperiment(DEFAULT_ID, DEFAULT, made_at, made_at))
        for identifier, one in records.items():
            # Clients and everybody else can delete and restore it: the last word counts.
            said = rows.get(one.name)
            deleted_at = said.deleted_at if said is not None and said.told_at > one.told_at else one.deleted_at
            found[one.name] = TrackedExperiment(
                identifier, one.name, one.created_at, one.updated_at, one.tags, deleted_at
            )
        return found

    def _id_of(self, name: str, *, again: bool = False) -> str:
        """Return the identifier of an experiment by its name.

        Parameters
        ----------
        again : bool
            Whether another experiment had this name first, and has its identifier.
        """
        if name == DEFAULT:
            return DEFAULT_ID
        return self._folder.identity().experiment_id(f"{name}\nagain" if again else name)


def own_name(name: str) -> str:
    """Return our name of an experiment of MLflow: it writes the default one with a capital."""
    return DEFAULT if name == _SHOWN_DEFAULT else name


def shown_name(name: str) -> str:
    """Return MLflow's name of one of our experiments."""
    return _SHOWN_DEFAULT if name == DEFAULT else name
