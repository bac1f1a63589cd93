"""Files of a run, one at a time: its state while it goes on, its logs by Azure ML's names, its code as an archive."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from desktop_aml.domain.errors import NotFound, StorageError
from desktop_aml.domain.files_read import DataDifference, FileRead
from desktop_aml.domain.inside_paths import checked_inside
from desktop_aml.domain.runs import LogChunk, RunState
from desktop_aml.store import files_read, runs
from desktop_aml.workspace import run_data
from desktop_aml.workspace.reading import Reading, read_chunk


class RunFiles(Reading):
    """The reading half of a workspace, as code that follows one run needs it."""

    def run_state(self, run_id: str) -> RunState:
        """Return the state of a run; quick enough to be asked often.

        Raises
        ------
        NotFound
            When there is no run with exactly this id.
        """
        return runs.state_of(self._db, run_id)

    def read_run_file(self, run_id: str, path: str, offset: int, limit: int) -> LogChunk:
        """Return a part of a file of a run, as far as it is written."""
        return read_chunk(self.artifact_path(run_id, path), offset, limit)

    def download_file(self, run_id: str, path: str, target: Path) -> None:
        """Copy the file `path` of a run to exactly `target`; what is there is replaced.

        Raises
        ------
        NotFound
            When the run has no such file.
        StorageError
            When the copy cannot be written, or `path` leads out of a folder.
        """
        kept = next((artifact for artifact in self.artifacts(run_id) if artifact.path == path), None)
        if kept is None:
            raise NotFound(
                f"The run “{run_id}” has no file “{path}”.", f"List them with: desktop-aml run outputs {run_id}"
            )
        # Callers make the target of the path.
        checked_inside(self._folder.run(run_id), path)
        try:
            if kept.sha256:
                self._folder.blobs.copy_out(kept.sha256, target)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(self.artifact_path(run_id, path), target)
        except OSError as error:
            raise StorageError(
                f"“{target}” cannot be written: {error.strerror}.", "Choose another folder, or free some space."
            ) from error

    def files_read(self, wanted: str) -> tuple[FileRead, ...]:
        """Return the files that a run has read from elsewhere, in the order it did: what does not travel with it.

        Known of scripts in Python 3.8 and newer, for files that Python opens and folders that it lists; besides of
        every script for files that its arguments or its code name.
        """
        return run_data.as_it_stands(self._db, self._folder, self.find_run(wanted))

    def has_read_more(self, wanted: str) -> bool:
        """Whether a run read more from elsewhere than is kept."""
        return files_read.has_more(self._db, self.find_run(wanted))

    def changed_data(self, wanted: str) -> tuple[FileRead, ...]:
        """Return what a run read and would not find again: changed since, or gone."""
        return tuple(one for one in self.files_read(wanted) if one.has_changed())

    def data_differences(self, wanted: str) -> tuple[DataDifference, ...]:
        """Return where the data of a run differs from that of the run it repeats, and of the runs that repeat it."""
        return run_data.between_repeats(self._db, self._folder, self.find_run(wanted))

    def zip_snapshot(self, run_id: str, target: Path) -> None:
        """Write the code of a run as a zip file.

        Raises
        ------
        NotFound
            When no code is kept with the run.
        StorageError
            When the file cannot be written.
        """
        files = self.snapshot_files(run_id)
        if not files:
            raise NotFound(f"No code is kept with the run “{run_id}”.", "It was started without a snapshot.")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
                for file in files:
                    archive.write(self._folder.blobs.verified(file.sha256), checked_inside(target.parent, file.path))
        except OSError as error:
            raise StorageError(
                f"“{target}” cannot be written: {error.strerror}.", "Choose another folder, or free some space."
            ) from error
