"""Names and the trash of environments."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from desktop_aml.domain.environments import OWN_PYTHON, THIS_PYTHON
from desktop_aml.domain.errors import Conflict, InvalidName, NotFound
from desktop_aml.domain.events import EnvironmentOrganised
from desktop_aml.domain.names import check_environment_name
from desktop_aml.domain.organising.requests import OrganiseEnvironment
from desktop_aml.domain.requests import Done
from desktop_aml.engine.core.builds import LOG_NAMES, Builds
from desktop_aml.engine.core.context import Desk
from desktop_aml.environments import curated
from desktop_aml.store.organising import environments as shelves
from desktop_aml.store.organising.environments import Kept
from desktop_aml.store.record import rows
from desktop_aml.system.files import make_missing


class EnvironmentOrganiser:
    """Keeps the environments of one workspace in order."""

    def __init__(self, desk: Desk, builds: Builds) -> None:
        self._desk = desk
        self._builds = builds

    def organise(self, request: OrganiseEnvironment) -> Done:
        """Change an environment, with all versions that are meant or none. Call inside a commit.

        Raises
        ------
        Conflict
            When it is used or being built, when another one has the new name, or when what is to be removed is not in
            the trash.
        InvalidName
            When an environment cannot be called so.
        NotFound
            When there is no such environment or version.
        """
        db, name = self._desk.db, request.name
        if curated.get(name) is not None:
            raise Conflict(
                f"The environment “{name}” comes with the program.",
                "Clone it to have one that can be changed; what it takes goes with: desktop-aml environment clean",
            )
        known = shelves.of_name(db, name)
        if not known:
            raise NotFound(f"There is no environment “{name}” in this workspace.", _LISTED)
        if request.new_name is not None:
            return self._rename(known, name, request.new_name)
        if request.deleted is None and not request.forever:
            raise Conflict("The request says nothing to do.", "Name what is wanted.")
        is_wanted_of = (lambda one: not one.is_deleted) if request.deleted else (lambda one: one.is_deleted)
        found = [one for one in known if (one.version in request.versions if request.versions else is_wanted_of(one))]
        if missing := set(request.versions) - {one.version for one in found}:
            raise NotFound(f"There is no environment “{name}:{min(missing)}” in this workspace.", _LISTED)
        if request.forever:
            self._remove(found)
        elif request.deleted:
            self._refuse_used(found)
        for one in found if not request.forever else ():
            if one.is_deleted is not request.deleted:
                shelves.delete(db, one, self._desk.now() if request.deleted else None)
        left = sum(not one.is_deleted for one in shelves.of_name(db, name))
        self._desk.announce(EnvironmentOrganised(name, left=left))
        return Done(name=name, changed=bool(found))

    def _refuse_used(self, found: list[Kept] | tuple[Kept, ...]) -> None:
        for one in found:
            label = f"{one.name}:{one.version}"
            if self._builds.is_built(one.name, one.version):
                raise Conflict(f"The environment “{label}” is being built.", "Wait for it, or cancel the build first.")
            if user := shelves.user_of(self._desk.db, one.labels):
                raise Conflict(f"The environment “{label}” is used by {user}.", "Cancel or stop that first.")

    def _remove(self, found: list[Kept]) -> None:
        for one in found:
            if not one.is_deleted:
                raise Conflict(f"The environment “{one.name}:{one.version}” is not in the trash.", "Delete it first.")
            shelves.remove(self._desk.db, one)
            self._desk.afterwards(partial(self._move_logs, one, ""))

    def _rename(self, known: tuple[Kept, ...], name: str, new_name: str) -> Done:
        db = self._desk.db
        check_environment_name(new_name)
        if new_name == name:
            return Done(name=name, changed=False)
        if new_name in (THIS_PYTHON, OWN_PYTHON) or curated.get(new_name) is not None:
            raise InvalidName(f"“{new_name}” is what the program calls an environment of its own.", "Choose another.")
        if others := shelves.of_name(db, new_name):
            where = " in the trash" if all(one.is_deleted for one in others) else ""
            raise Conflict(f"There is an environment “{new_name}” already{where}.", "Choose another name.")
        last = rows.counter(db, rows.ENVIRONMENT_COUNTER, new_name) or 0
        if any(one.version <= last and new_name not in one.former_names for one in known):
            raise Conflict(
                f"There was an environment “{new_name}” before, with versions up to {last}: its numbers are not used"
                " again, so that what names one of them is never told another.",
                "Choose another name.",
            )
        self._refuse_used(known)
        shelves.rename(db, known, new_name)
        for one in known:
            self._desk.afterwards(partial(self._move_logs, one, new_name))
        self._desk.announce(EnvironmentOrganised(name, new_name))
        return Done(name=new_name)

    def _move_logs(self, one: Kept, new_name: str) -> None:
        """Let the logs of builds follow a version to its new name, or go with it when there is none."""
        old = self._desk.folder.environment(one.name, one.version)
        with suppress(OSError):  # a log that stays behind does no harm
            for log in LOG_NAMES.values():
                if not new_name:
                    (old / log).unlink(missing_ok=True)
                elif (old / log).is_file():
                    new = self._desk.folder.environment(new_name, one.version)
                    make_missing(new, within=self._desk.folder.root)
                    (old / log).replace(new / log)
            old.rmdir()


_LISTED = "List them with: desktop-aml environment list"
