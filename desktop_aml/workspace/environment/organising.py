"""Environments are renamed, deleted, taken out of the trash and removed, each act with what undoes it."""

from __future__ import annotations

from dataclasses import dataclass

from desktop_aml.domain.errors import Conflict, NotFound
from desktop_aml.domain.organising.requests import OrganiseEnvironment
from desktop_aml.environments import curated
from desktop_aml.store import registry
from desktop_aml.store.organising import environments as shelves
from desktop_aml.workspace.service import Service


@dataclass(frozen=True, slots=True)
class EnvironmentUndo:
    """What brings an environment back to what it was before an act; hand it to `EnvironmentOrganising.undo`."""

    request: OrganiseEnvironment


@dataclass(frozen=True, slots=True)
class DeletedEnvironment:
    """A version in the trash; `deleted_at` is Unix time in seconds."""

    name: str
    version: int
    deleted_at: float


class EnvironmentOrganising(Service):
    r"""Names and the trash of environments.

    Examples
    --------
    >>> made = workspace.environments.register("to go", "dependencies:\n  - python=3.11\n")
    >>> undo = workspace.environments.organise.delete("to go")
    >>> [one.name for one in workspace.environments.organise.trash()]
    ['to go']
    >>> workspace.environments.organise.undo(undo)
    """

    def trash(self) -> tuple[DeletedEnvironment, ...]:
        """Return every version in the trash, by name."""
        return tuple(DeletedEnvironment(*one) for one in shelves.in_trash(self._db))

    def rename(self, name: str, new_name: str) -> EnvironmentUndo:
        """Give an environment another name; labels of before, in runs and models, go on to mean its versions.

        Raises
        ------
        Conflict
            When it is used by a run under way or an endpoint, when there is one of the new name, or when the new name
            had versions of these numbers before.
        NotFound
            When there is no such environment.
        """
        self._client.ask(OrganiseEnvironment(name=name, new_name=new_name))
        return EnvironmentUndo(OrganiseEnvironment(name=new_name, new_name=name))

    def delete(self, name: str, version: int = 0) -> EnvironmentUndo:
        """Put a version of an environment, or all with 0, into the trash; runs keep what they record of it.

        Raises
        ------
        Conflict
            When it is being built, or used by a run under way or an endpoint, or comes with the program.
        NotFound
            When there is no such environment or version outside of the trash.
        """
        going = self._versions(name, version, is_deleted=False)
        self._client.ask(OrganiseEnvironment(name=name, versions=going, deleted=True))
        return EnvironmentUndo(OrganiseEnvironment(name=name, versions=going, deleted=False))

    def restore(self, name: str, version: int = 0) -> EnvironmentUndo:
        """Take a version, or all with 0, out of the trash.

        Raises
        ------
        NotFound
            When there is none in the trash.
        """
        back = self._versions(name, version, is_deleted=True)
        self._client.ask(OrganiseEnvironment(name=name, versions=back, deleted=False))
        return EnvironmentUndo(OrganiseEnvironment(name=name, versions=back, deleted=True))

    def remove(self, name: str, version: int = 0) -> None:
        """Remove what is in the trash for good; its numbers are never given again.

        Raises
        ------
        NotFound
            When there is none in the trash.
        """
        gone = self._versions(name, version, is_deleted=True)
        self._client.ask(OrganiseEnvironment(name=name, versions=gone, forever=True))

    def undo(self, undo: EnvironmentUndo) -> None:
        """Undo an act."""
        self._client.ask(undo.request)

    def models_of(self, name: str) -> tuple[str, ...]:
        """Return the labels of the models that are loaded in an environment, which are not served without it."""
        labels = {label for one in shelves.of_name(self._db, name) for label in one.labels}
        return tuple(model.label for model in registry.all_models(self._db) if model.environment in labels)

    def _versions(self, name: str, version: int, *, is_deleted: bool) -> tuple[int, ...]:
        if curated.get(name) is not None:
            raise Conflict(
                f"The environment “{name}” comes with the program.",
                "What its build takes goes with: desktop-aml environment clean",
            )
        known = [one for one in shelves.of_name(self._db, name) if one.is_deleted is is_deleted]
        found = tuple(one.version for one in known if version in (0, one.version))
        if not found:
            label = f"{name}:{version}" if version else name
            where = "in the trash" if is_deleted else "in this workspace"
            raise NotFound(
                f"There is no environment “{label}” {where}.",
                f"List them with: desktop-aml environment list{' --deleted' if is_deleted else ''}",
            )
        return found
