"""Runs side by side: values, and code file by file. Packages are compared by `compare_environments`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from desktop_aml.domain.compare.code import CodeChange, changed_lines
from desktop_aml.domain.compare.locks import ChangeKind
from desktop_aml.domain.compare.runs import COMPARED_AT_MOST, ComparedRun, RunComparison, compare
from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.runs import Artifact
from desktop_aml.store import metrics
from desktop_aml.workspace import run_data
from desktop_aml.workspace.reading import Reading

_READ_BYTES: Final = 1 << 20


class RunComparing(Reading):
    """The comparing half of a workspace."""

    def compare_runs(self, wanted: Sequence[str]) -> RunComparison:
        """Return arguments, last metrics, data, tags and properties of runs side by side.

        Parameters
        ----------
        wanted : sequence of str
            For each its id, the beginning of it, or ``latest``.

        Raises
        ------
        NotFound
            When there is no such run.
        InvalidInput
            When these are fewer than two runs, or too many to tell apart.
        """
        ids = tuple(dict.fromkeys(self.find_run(one) for one in wanted))
        if not 2 <= len(ids) <= COMPARED_AT_MOST:
            raise InvalidInput(
                f"These are {len(ids)} different runs.", f"Two to {COMPARED_AT_MOST} can be compared at a time."
            )
        sides = [ComparedRun(self.run(run_id), metrics.last_values(self._db, run_id)) for run_id in ids]
        return compare(sides, time.time(), data=run_data.compared(self._db, self._folder, ids))

    def compare_code(self, before: str, after: str) -> tuple[CodeChange, ...]:
        """Return the files in which the code of `after` differs from that of `before`, by path."""
        old, new = ({file.path: file for file in self.snapshot_files(run_id)} for run_id in (before, after))
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
        data = self._folder.blobs.verified(file.sha256).read_bytes()
        return None if b"\0" in data else data.decode("utf-8", "replace")


def _content(file: Artifact | None) -> str:
    return file.sha256 if file is not None else ""
