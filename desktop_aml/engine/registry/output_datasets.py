"""What a run was asked to leave as a dataset: written in its environment variables, read when it has completed."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from desktop_aml.domain.errors import DesktopAMLError, InvalidInput, NotFound
from desktop_aml.domain.requests import RegisterDataset
from desktop_aml.inside_run.site.desktop_aml_run.dataset_variables import REGISTERED_OUTPUT
from desktop_aml.store import runs
from desktop_aml.store.blobs import digest_of
from desktop_aml.store.database import Database

_log = logging.getLogger(__name__)

Measured = tuple[str, int, str]
"""Absolute path, size in bytes and SHA-256 of a file."""


class OutputDataset(msgspec.Struct, frozen=True):
    """A folder to register under a name.

    Parameters
    ----------
    definition : str
        JSON text, as `desktop_aml.domain.datasets.DatasetVersion` has it.
    """

    name: str
    folder: str
    definition: str
    description: str = ""
    tags: dict[str, str] = {}

    @classmethod
    def read(cls, text: str) -> OutputDataset:
        """Read one from the variable's text.

        Raises
        ------
        InvalidInput
            When it is none.
        """
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.MsgspecError as error:
            raise InvalidInput(f"An output dataset of the run cannot be read: {error}.") from error

    def measure(self) -> tuple[Measured, ...]:
        """Return what the run left in the folder; slow."""
        files = sorted(path for path in Path(self.folder).rglob("*") if path.is_file())
        return measured(files)

    def measure_or_fail(self) -> tuple[Measured, ...] | DesktopAMLError:
        """Return what the run left in the folder, or why it cannot be had; slow."""
        try:
            return self.measure()
        except DesktopAMLError as error:
            return error

    def request(self, files: tuple[Measured, ...]) -> RegisterDataset:
        """Return what registers the folder."""
        return RegisterDataset(
            kind="file",
            definition=self.definition,
            name=self.name,
            files=files,
            description=self.description,
            tags=self.tags,
            create_new_version=True,
        )


def wanted(db: Database, run_id: str) -> list[OutputDataset]:
    """Return what a run was to leave, nothing for one that was deleted; what cannot be read is noted in the log."""
    found: list[OutputDataset] = []
    try:
        variables = runs.attempt_of(db, run_id)[2]
    except NotFound:
        return found
    for name, text in variables.items():
        if name.startswith(REGISTERED_OUTPUT):
            try:
                found.append(OutputDataset.read(text))
            except InvalidInput as error:
                _log.warning("The run %s: %s", run_id, error)
    return found


def measured(files: list[Path]) -> tuple[Measured, ...]:
    """Return path, size and hash of each file.

    Raises
    ------
    NotFound
        When one cannot be read.
    """
    return tuple(map(_measure, files))


def _measure(file: Path) -> Measured:
    try:
        return str(file), file.stat().st_size, digest_of(file)
    except OSError as error:
        raise NotFound(f"The file “{file}” of the dataset cannot be read: {error.strerror}.") from error
