"""Runs as one file: the service."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.system.whole_paths import whole_path
from desktop_aml.workspace.run.bundles import reading, writing
from desktop_aml.workspace.run.bundles.layout import SUFFIX
from desktop_aml.workspace.run.bundles.reading import Imported
from desktop_aml.workspace.service import Service


class RunBundles(Service):
    """Runs that are taken along to another computer.

    Examples
    --------
    >>> run = workspace.runs.submit(script)
    >>> _ = workspace.runs.wait(run)
    >>> file = workspace.runs.bundles.export([run], folder / "mine.amlrun")
    >>> other.runs.bundles.take_in(file).runs == (run,)
    True
    """

    def export(self, wanted: Sequence[str], to: Path | str | None = None) -> Path:
        """Write ended runs, with all children of theirs, into one file: record, code, packages, logs, metrics, outputs.

        What looks like a password among their arguments and variables is masked.

        Parameters
        ----------
        wanted : sequence of str
            Ids or names of runs.
        to : Path or str, optional
            The file; one that is there is replaced. By default one in the current folder, named after the first run.

        Returns
        -------
        Path
            The file that was written.

        Raises
        ------
        NotFound
            When there is no such run.
        InvalidInput
            When the name of the file ends as those of another kind do.
        Conflict
            When one has not ended.
        StorageError
            When the file cannot be written, or a file of a run is gone or damaged.
        """
        run_ids = [self._client.find_run(one) for one in wanted]
        target = self.place(run_ids, to)
        writing.write(self._db, self._folder, run_ids, target, self._folder.name())
        return target

    def place(self, wanted: Sequence[str], to: Path | str | None = None) -> Path:
        """Return the file that `export` writes with the same arguments.

        Raises
        ------
        NotFound
            When there is no such run.
        InvalidInput
            When the name of the file ends as those of another kind do: nothing would open it.
        """
        target = whole_path(to or "")
        if target.is_dir():
            target /= f"{self._client.find_run(wanted[0]) if wanted else 'runs'}{SUFFIX}"
        suffix = target.suffix.lower()
        if suffix not in ("", ".zip", SUFFIX) and not suffix[1:].isdigit():
            raise InvalidInput(
                f"Exported runs are an archive, and “{target.name}” is the name of something else.",
                f"Name it {target.stem}{SUFFIX}.",
            )
        return target

    def take_in(self, file: Path | str) -> Imported:
        """Take in the runs of an exported file; those that are here already stay as they are.

        Nothing of them is run. A property of each says where it comes from.

        Parameters
        ----------
        file : Path or str
            What `export` wrote, here or on another computer.

        Raises
        ------
        NotFound
            When there is no such file.
        InvalidInput
            When it is no exported file, damaged, or of a newer version; nothing is kept of it then.
        """
        return reading.take_in(self._client, whole_path(file))
