"""Reports: the service."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from desktop_aml.domain.errors import FULL, InvalidInput, StorageError, disk_full
from desktop_aml.system.files import write_durably
from desktop_aml.system.whole_paths import whole_path
from desktop_aml.workspace.run.report import checking, gathering, paper
from desktop_aml.workspace.run.report.checking import CheckedRun
from desktop_aml.workspace.run.report.page import page
from desktop_aml.workspace.service import Service

_READABLE = 0o644
_PAGE_SUFFIXES = ("", ".html", ".htm", ".xhtml")


class RunReports(Service):
    """Chosen runs as one page.

    Examples
    --------
    >>> run = workspace.runs.submit(script)
    >>> _ = workspace.runs.wait(run)
    >>> file = workspace.runs.reports.write([run], folder / "report.html")
    >>> [one.changed for one in workspace.runs.reports.check(file)]
    [()]
    >>> _ = workspace.runs.update(run, tags={"chosen": "yes"})
    >>> [one.changed for one in workspace.runs.reports.check(file)]
    [('tags',)]
    """

    def write(self, wanted: Sequence[str], to: Path | str, *, title: str = "") -> Path:
        """Write one HTML file, or a PDF where its name ends so.

        It says where the runs differ, shows their curves, pictures and files, and tells what each was.

        The file holds no script and asks for nothing from elsewhere. Arguments that look like passwords are masked.

        Parameters
        ----------
        wanted : sequence of str
            Ids or names of runs.
        to : Path or str
            The file; one that is there is replaced.
        title : str
            Its heading; by default the name of the run, or how many there are.

        Raises
        ------
        NotFound
            When there is no such run.
        InvalidInput
            When the name of the file ends as those of another kind do: nothing would open it.
        StorageError
            When the file cannot be written.
        """
        target = whole_path(to)
        suffix = target.suffix.lower()
        if suffix != paper.SUFFIX and suffix not in _PAGE_SUFFIXES:
            raise InvalidInput(
                f"A report is a web page or a PDF, and “{target.name}” is the name of neither.",
                f"Name it {target.stem}.html or {target.stem}.pdf.",
            )
        text = page(gathering.gather(self._client, wanted, title))
        data = paper.printed(text) if suffix == paper.SUFFIX else text.encode("utf-8", "replace")
        try:
            write_durably(target, data, mode=_READABLE)
        except OSError as error:
            if error.errno in FULL:
                raise disk_full(target, error) from error
            raise StorageError(
                f"“{target}” cannot be written: {error.strerror or error}.", "Choose another place."
            ) from error
        return target

    def check(self, file: Path | str) -> tuple[CheckedRun, ...]:
        """Return the runs of a report, each with the parts of its record that changed since.

        Raises
        ------
        NotFound
            When there is no such file.
        InvalidInput
            When it is no report.
        """
        return tuple(checking.check(self._client, whole_path(file)))
