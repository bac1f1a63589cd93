"""The code of a run: what is copied of a source, what is kept with a run, and how two runs' code differs."""

from __future__ import annotations

import os
import sys
import zipfile
from pathlib import Path
from typing import Final

from desktop_aml.domain.compare.code import CodeChange, changed_lines
from desktop_aml.domain.compare.locks import ChangeKind
from desktop_aml.domain.errors import Conflict, NotFound, StorageError
from desktop_aml.domain.inside_paths import checked_inside
from desktop_aml.domain.jobs import CONTAINER
from desktop_aml.domain.requests import UpdateRun
from desktop_aml.domain.runs import Artifact
from desktop_aml.run_folder import properties as run_properties
from desktop_aml.run_folder import script_variables, snapshot
from desktop_aml.run_folder.properties import SNAPSHOT_ID
from desktop_aml.run_folder.snapshot import SnapshotPreview
from desktop_aml.settings import Settings
from desktop_aml.store import runs
from desktop_aml.system.files import read_regular
from desktop_aml.system.whole_paths import whole_path
from desktop_aml.workspace.service import Service

_READ_BYTES: Final = 1 << 20


class RunCode(Service):
    """The code that runs execute, as it was submitted.

    Examples
    --------
    >>> run = workspace.runs.submit(script)
    >>> [file.path for file in workspace.runs.code.list(run)]
    ['train.py']
    """

    def preview(self, source_directory: Path | str, *, any_number: bool = False) -> SnapshotPreview:
        """Return what would be copied from a source directory, and what would be left out."""
        source = whole_path(source_directory)
        return snapshot.preview(
            source, workspace=self._folder.root, limits=limits_of(self._client.settings, any_number=any_number)
        )

    def list(self, wanted: str) -> tuple[Artifact, ...]:
        """Return the files of the code that a run executes."""
        return snapshot.manifest(self._folder.run(self._client.find_run(wanted)))

    def path(self, wanted: str, path: str) -> Path:
        """Return a file to read one of the files of `list` from, as it was submitted."""
        for file in self.list(wanted):
            if file.path == path:
                return self._folder.blobs.path_of(file.sha256)
        raise NotFound(f"The run's code holds no “{path}”.")

    def container_options(self, wanted: str) -> str:
        """Return what a run asks of its container, as JSON; an empty object when that is nothing."""
        _, _, env_vars = runs.attempt_of(self._db, self._client.find_run(wanted))
        return env_vars.get(CONTAINER, "{}")

    def missing_secrets(self, wanted: str) -> tuple[str, ...]:
        """Return the variables that a run again of it would lack: secrets were not kept, and these are not set here."""
        detail = self._client.run_detail(wanted)
        _, _, given = runs.attempt_of(self._db, detail.summary.id)
        return script_variables.missing_again(Path(detail.run_directory), given, os.environ)

    def zip(self, run_id: str, target: Path | str) -> None:
        """Write the code of a run as a zip file.

        Raises
        ------
        NotFound
            When no code is kept with the run.
        StorageError
            When the file cannot be written.
        """
        files, target = self.list(run_id), Path(target)
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

    def take(self, run_id: str, path: Path | str) -> str:
        """Keep a file or folder as the code of a run that has none yet, and return the snapshot's identifier.

        Raises
        ------
        Conflict
            When code is kept with the run already.
        NotFound
            When there is nothing at `path`.
        """
        self._client.check_trust()
        if self.list(run_id):
            raise Conflict(f"Code is kept with the run “{run_id}” already.", "A run has one snapshot.")
        folder, path = self._folder.run(run_id), Path(path)
        if path.is_file():
            snapshot.take_file(path, folder, self._folder.blobs)
        else:
            snapshot.take(path, folder, self._folder.blobs, workspace=self._folder.root)
        identifier = run_properties.snapshot_id_of(folder)
        self._client.ask(UpdateRun(run_id=self._client.find_run(run_id), properties={SNAPSHOT_ID: identifier}))
        return identifier

    def compare(self, before: str, after: str) -> tuple[CodeChange, ...]:
        """Return the files in which the code of `after` differs from that of `before`, by path."""
        old, new = ({file.path: file for file in self.list(run_id)} for run_id in (before, after))
        paths = sorted(path for path in {*old, *new} if _content(old.get(path)) != _content(new.get(path)))
        return tuple(self._change(path, old.get(path), new.get(path)) for path in paths)

    def _change(self, path: str, old: Artifact | None, new: Artifact | None) -> CodeChange:
        kind = ChangeKind.ADDED if old is None else ChangeKind.REMOVED if new is None else ChangeKind.CHANGED
        before, after = self._text(old), self._text(new)
        is_text = before is not None and after is not None
        return CodeChange(path, kind, changed_lines(before or "", after or "") if is_text else ())

    def _text(self, file: Artifact | None) -> str | None:
        """Return a file that is text, empty for one that is not there; None when lines would say nothing of it."""
        if file is None:
            return ""
        if file.size_bytes > _READ_BYTES:
            return None
        data = read_regular(self._folder.blobs.verified(file.sha256))
        return None if b"\0" in data else data.decode("utf-8", "replace")


def _content(file: Artifact | None) -> str:
    return file.sha256 if file is not None else ""


def limits_of(settings: Settings, *, any_number: bool) -> snapshot.Limits:
    """Return how much of a source is copied without a warning."""
    files = sys.maxsize if any_number else settings.snapshot_warning_files
    return snapshot.Limits(settings.snapshot_warning_bytes, files)
