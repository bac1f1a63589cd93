"""Changes to a run beside its way through the states: name, description, labels, and what is added after its end."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from desktop_aml.domain.errors import Conflict, DesktopAMLError, InvalidInput, NotFound
from desktop_aml.domain.events import RunDeleted, RunUpdated
from desktop_aml.domain.journal import OUTSIDE, encode
from desktop_aml.domain.names import title
from desktop_aml.domain.organising.requests import DeleteFiles
from desktop_aml.domain.requests import DeleteRun, UpdateRun
from desktop_aml.engine.core.context import Desk, Failed
from desktop_aml.engine.runs.ingest import JournalReader
from desktop_aml.run_folder import collect, snapshot
from desktop_aml.store import run_losses, runs
from desktop_aml.store.organising import runs as shelves
from desktop_aml.system.files import append_to_regular, is_own_folder, make_missing

_log = logging.getLogger(__name__)
_DESCRIPTION_LENGTH = 5000


class RunChanges:
    """Changes runs of one workspace. Nothing here moves a run."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def update(self, request: UpdateRun) -> None:
        """Rename, describe and label a run. Call inside a commit.

        Raises
        ------
        InvalidInput
            When the name is empty.
        Conflict
            When the run has one of the properties already, with another value.
        """
        db = self._desk.db
        is_over = runs.state_of(db, request.run_id).is_terminal()
        if request.display_name is not None:
            name = title(request.display_name)
            if not name:
                raise InvalidInput("A run needs a name.", "Write at least one letter.")
            runs.rename(db, request.run_id, name)
        if request.description is not None:
            runs.describe(db, request.run_id, request.description[:_DESCRIPTION_LENGTH])
        runs.set_labels(db, request.run_id, "tag", request.tags)
        runs.remove_tags(db, request.run_id, request.remove_tags)
        self._add_properties(request.run_id, request.properties)
        self._desk.announce(RunUpdated(request.run_id))
        if not is_over:
            self._desk.afterwards(lambda: self._tell_script(request))

    def _tell_script(self, request: UpdateRun) -> None:
        """Let the code of a run that goes on find what others changed; it reads its folder, not the database."""
        told: list[Mapping[str, object]] = [
            *({"k": "tag", "key": key, "v": value or None} for key, value in request.tags.items()),
            *({"k": "untag", "key": key} for key in request.remove_tags),
            *({"k": "prop", "key": key, "v": value} for key, value in request.properties.items()),
        ]
        if request.display_name is not None:
            told.append({"k": "name", "v": title(request.display_name)})
        folder = self._desk.folder.run(request.run_id) / "journal"
        try:
            make_missing(folder, within=folder.parents[1])
            if not is_own_folder(folder):
                raise NotADirectoryError(errno.ENOTDIR, "It is no folder of the run")
            with append_to_regular(folder / OUTSIDE) as journal:
                # The position as number: it rises, and nothing has to be read for it.
                for entry in told:
                    journal.write(encode({"n": journal.tell(), "t": self._desk.now(), **entry}))
        except OSError as error:
            _log.warning("The script of %s cannot be told of a change: %s", request.run_id, error)

    def _add_properties(self, run_id: str, properties: Mapping[str, str]) -> None:
        known = runs.properties(self._desk.db, run_id)
        for key, value in properties.items():
            if known.get(key, value) != value:
                raise Conflict(
                    f"The property “{key}” of the run is “{known[key]}” and cannot be changed.",
                    "Properties stay as they are; use a tag for what changes.",
                )
        runs.set_labels(self._desk.db, run_id, "property", properties)

    def take_in(self, run_id: str, done: Callable[[DesktopAMLError | None], None]) -> None:
        """Store what other programs wrote into the folder of a run that has ended; one under way is followed anyway."""
        if not runs.state_of(self._desk.db, run_id).is_terminal():
            done(None)
            return
        folder = self._desk.folder.run(run_id)
        known = {artifact.path for artifact in runs.artifacts(self._desk.db, run_id)}

        def collected(result: collect.Collected | Failed) -> None:
            if isinstance(result, Failed):
                done(result.error)
                return
            self._store(run_id, result)
            result.recorded()
            done(None)

        self._desk.later(lambda: collect.collect(folder, self._desk.blobs, known=known), collected)

    def _store(self, run_id: str, found: collect.Collected) -> None:
        db, folder = self._desk.db, self._desk.folder.run(run_id)
        journals = JournalReader(db)
        while stretches := journals.read(run_id, folder):
            with self._desk.commit():
                for event in journals.store(stretches):
                    self._desk.announce(event)
            journals.stored(stretches)
        with self._desk.commit():
            runs.add_artifacts(db, run_id, found.artifacts)
            run_losses.set_left_out(db, run_id, found.left_out)
            self._desk.announce(RunUpdated(run_id))

    def delete(self, request: DeleteRun) -> None:
        """Forget a run that has ended, and its folder.

        Raises
        ------
        Conflict
            When it is still under way, or has a star.
        """
        state = runs.state_of(self._desk.db, request.run_id)
        if not state.is_terminal():
            raise Conflict(f"The run “{request.run_id}” is {state}.", "Cancel it first, then delete it.")
        self.refuse_starred(request.run_id)
        folder = self._desk.folder.run(request.run_id)
        runs.delete(self._desk.db, request.run_id)
        self._desk.afterwards(lambda: snapshot.remove_folder(folder))
        self._desk.announce(RunDeleted(request.run_id))

    def delete_files(self, request: DeleteFiles) -> None:
        """Remove files that an ended run left. Call inside a commit.

        Raises
        ------
        NotFound
            When the run has no such file.
        Conflict
            When it is still under way, has a star, or a file is a part of its record.
        """
        db, run_id = self._desk.db, request.run_id
        state = runs.state_of(db, run_id)
        if not state.is_terminal():
            raise Conflict(f"The run “{run_id}” is {state}.", "Delete files of it when it has ended.")
        self.refuse_starred(run_id)
        folder = self._desk.folder.run(run_id)
        there = {artifact.path for artifact in runs.artifacts(db, run_id)}
        kept = collect.azure_logs(folder)
        for path in request.paths:
            if path not in there:
                raise NotFound(f"The run “{run_id}” has no file “{path}”.", f"desktop-aml run outputs {run_id}")
            if path in kept:
                raise Conflict(f"“{path}” belongs to the record of the run.", "It goes with the run.")
        shelves.remove_files(db, run_id, request.paths)
        self._desk.afterwards(lambda: _remove_left(folder, request.paths))
        self._desk.announce(RunUpdated(run_id))

    def refuse_starred(self, run_id: str) -> None:
        """Raise `Conflict` when a run that is to be deleted has a star."""
        if shelves.is_starred(self._desk.db, run_id):
            raise Conflict(f"The run “{run_id}” is starred.", "Take its star away first, then delete it.")


def _remove_left(folder: Path, paths: Sequence[str]) -> None:
    """Remove files where they still lie in the folder of a run: the next look into it would find them again."""
    left = collect.candidates(folder)
    for path in paths:
        if (file := left.get(path)) is not None:
            try:
                file.unlink(missing_ok=True)
            except OSError as error:
                _log.warning("%s cannot be removed: %s", file, error)
