"""The files of a run: what it left behind, what it has written so far, what it printed."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from desktop_aml.domain.errors import NotFound, StorageError
from desktop_aml.domain.inside_paths import checked_inside, inside
from desktop_aml.domain.names import as_it_was
from desktop_aml.domain.organising.requests import DeleteFiles
from desktop_aml.domain.runs import Artifact, LogChunk
from desktop_aml.domain.summaries.gpu_use import GpuPoint
from desktop_aml.domain.summaries.log_notes import LogNotes
from desktop_aml.domain.summaries.machine_use import UsePoint
from desktop_aml.run_folder import collect, curves
from desktop_aml.run_folder.log_notes import read_notes
from desktop_aml.store import runs
from desktop_aml.store.attached import origins
from desktop_aml.system.files import open_regular
from desktop_aml.workspace.chunks import read_chunk
from desktop_aml.workspace.service import Service


class RunFiles(Service):
    """What runs wrote.

    Examples
    --------
    >>> run = workspace.runs.submit(script)
    >>> _ = workspace.runs.wait(run)
    >>> [file.path for file in workspace.runs.files.list(run) if file.path.startswith("outputs/")]
    ['outputs/model.txt']
    """

    def list(self, wanted: str) -> tuple[Artifact, ...]:
        """Return the files that a run left behind; while it goes on, those it has written so far."""
        run_id = self._client.find_run(wanted)
        if (origin := origins.origin_of(self._db, run_id)) is not None:
            found_there = _in_place(origin).items()
            return tuple(Artifact(path, size) for path, file in found_there if (size := _size(file)) is not None)
        kept = runs.artifacts(self._db, run_id)
        if kept or runs.state_of(self._db, run_id).is_terminal():
            return kept
        found = collect.candidates(self._folder.run(run_id))
        return tuple(Artifact(path, size) for path, file in sorted(found.items()) if (size := _size(file)) is not None)

    def path(self, wanted: str, path: str) -> Path:
        """Return a file to read the artifact `path` of a run from.

        Raises
        ------
        NotFound
            When the run has no such artifact.
        """
        run_id = self._client.find_run(wanted)
        kept = next((artifact for artifact in runs.artifacts(self._db, run_id) if artifact.path == path), None)
        if kept is not None:
            return self._folder.blobs.path_of(kept.sha256)
        origin = origins.origin_of(self._db, run_id)
        in_place = _in_place(origin) if origin is not None else collect.candidates(self._folder.run(run_id))
        found = in_place.get(path)
        if found is None:
            raise NotFound(
                f"The run “{run_id}” has no file “{path}”.", f"List them with: desktop-aml run outputs {run_id}"
            )
        return found

    def delete(self, wanted: str, paths: Sequence[str]) -> None:
        """Remove files that an ended run left, for good; what else means their bytes keeps them.

        Raises
        ------
        NotFound
            When the run has no such file.
        Conflict
            When it has not ended or has a star, or a file belongs to its record.
        """
        self._client.ask(DeleteFiles(run_id=self._client.find_run(wanted), paths=tuple(dict.fromkeys(paths))))
        self._client.free_room()

    def machine_use(self, wanted: str) -> tuple[UsePoint, ...]:
        """Return the curve of what a run used of the computer; empty for one that was too short or not measured."""
        return curves.of_machine(self._folder.run(self._client.find_run(wanted)))

    def gpu_use(self, wanted: str) -> tuple[GpuPoint, ...]:
        """Return the curve of what a run used of this computer's GPUs; empty for one that used none."""
        return curves.of_gpus(self._folder.run(self._client.find_run(wanted)))

    def read(self, run_id: str, path: str, offset: int, limit: int) -> LogChunk:
        """Return a part of a file of a run, as far as it is written.

        Parameters
        ----------
        run_id : str
            The run, as for `Runs.find`.
        path : str
            The file, as `list` names it.
        offset, limit : int
            At most `limit` bytes from byte `offset`; a negative `offset` counts from the end.

        Returns
        -------
        LogChunk
            The bytes, where the next part begins, and how many there are by now.
        """
        return read_chunk(self.path(run_id, path), offset, limit)

    def download(self, wanted: str, path: str, to: Path | str) -> tuple[Path, ...]:
        """Copy an artifact, a folder of artifacts, or all of them (`path` empty) into the folder `to`.

        Returns
        -------
        tuple of Path
            The copies.

        Raises
        ------
        NotFound
            When the run has no such file.
        StorageError
            When a copy cannot be written.
        """
        run_id = self._client.find_run(wanted)
        prefix = path.strip("/")
        chosen = [
            artifact
            for artifact in self.list(run_id)
            if not prefix or artifact.path == prefix or artifact.path.startswith(prefix + "/")
        ]
        if not chosen:
            raise NotFound(
                f"The run “{run_id}” has no file “{path}”.", f"List them with: desktop-aml run outputs {run_id}"
            )
        return tuple(
            self._copy_out(run_id, artifact, inside(Path(to), as_it_was(artifact.path))) for artifact in chosen
        )

    def copy(self, run_id: str, path: str, target: Path | str) -> None:
        """Copy the file `path` of a run to exactly `target`; what is there is replaced.

        Raises
        ------
        NotFound
            When the run has no such file.
        StorageError
            When the copy cannot be written, or `path` leads out of a folder.
        """
        kept = next((artifact for artifact in self.list(run_id) if artifact.path == path), None)
        if kept is None:
            raise NotFound(
                f"The run “{run_id}” has no file “{path}”.", f"List them with: desktop-aml run outputs {run_id}"
            )
        target = Path(target)
        # Callers make the target of the path.
        checked_inside(self._folder.run(run_id), path)
        try:
            if kept.sha256:
                self._folder.blobs.copy_out(kept.sha256, target)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                _copy(self.path(run_id, path), target)
        except OSError as error:
            raise StorageError(
                f"“{target}” cannot be written: {error.strerror}.", "Choose another folder, or free some space."
            ) from error

    def _copy_out(self, run_id: str, artifact: Artifact, target: Path) -> Path:
        try:
            if artifact.sha256:
                self._folder.blobs.copy_out(artifact.sha256, target)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                _copy(self.path(run_id, artifact.path), target)
        except OSError as error:
            raise StorageError(f"“{target}” cannot be written: {error.strerror}.", "Choose another folder.") from error
        return target

    def log_path(self, wanted: str) -> Path:
        """Return the file that a run's output goes to; it may not exist yet."""
        return self._folder.run(self._client.find_run(wanted)) / "logs" / "std_log.txt"

    def read_log(self, wanted: str, offset: int = 0, limit: int = 1 << 20) -> LogChunk:
        """Return a part of what a run printed.

        Parameters
        ----------
        wanted : str
            The run, as for `Runs.find`.
        offset, limit : int
            At most `limit` bytes from byte `offset`; a negative `offset` counts from the end.
        """
        return read_chunk(self.log_path(wanted), offset, limit)

    def log_notes(self, wanted: str, known: LogNotes | None = None) -> LogNotes:
        """Return when the lines of a run's log came, and which are of standard error, as far as that was noted.

        Parameters
        ----------
        wanted : str
            The run, as for `Runs.find`.
        known : LogNotes, optional
            What was read before: given back where nothing has changed.
        """
        return read_notes(self._folder.run(self._client.find_run(wanted)), known)


def _copy(source: Path, target: Path) -> None:
    # The run goes on, and may put anything in the place of what it has written so far.
    with open_regular(source) as data, target.open("wb") as copy:
        shutil.copyfileobj(data, copy)


def _size(path: Path) -> int | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size


def _in_place(origin: origins.Origin) -> dict[str, Path]:
    # Imported here: most workspaces have nothing attached.
    from desktop_aml.store.attached import reading as attached

    return attached.files(origin)
