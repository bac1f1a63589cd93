"""Whether the runs of a report have changed since it was made."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_aml.domain.errors import InvalidInput, NotFound
from desktop_aml.store import metrics, runs
from desktop_aml.system.files import open_regular
from desktop_aml.workspace.reader import Reader
from desktop_aml.workspace.run.report import paper
from desktop_aml.workspace.run.report.gathering import marks_of
from desktop_aml.workspace.run.report.page import MARKS_ID

_MARKS: Final = re.compile(rf'<script type="application/json" id="{MARKS_ID}">(.*?)</script>')
_AT_MOST: Final = 512 << 20


@dataclass(frozen=True, slots=True)
class CheckedRun:
    """One run of a report: the parts of its record that differ now. `is_here` is false for one that is gone."""

    run_id: str
    changed: tuple[str, ...] = ()
    is_here: bool = True


def check(reader: Reader, path: Path) -> Iterator[CheckedRun]:
    """Return the runs of a report with what changed of them.

    Raises
    ------
    NotFound
        When there is no such file.
    InvalidInput
        When it is no report.
    """
    for run_id, kept in _marks(path).items():
        if runs.is_over(reader.db, run_id) is None:
            yield CheckedRun(run_id, is_here=False)
            continue
        now = marks_of(reader.run_detail(run_id), metrics.read(reader.db, run_id), runs.artifacts(reader.db, run_id))
        yield CheckedRun(run_id, tuple(part for part, mark in now.items() if kept.get(part) != mark))


def _marks(path: Path) -> dict[str, dict[str, str]]:
    try:
        with open_regular(path, follow_links=True) as stream:
            data = stream.read(_AT_MOST)
    except FileNotFoundError as error:
        raise NotFound(f"There is no file “{path}”.") from error
    except OSError as error:
        raise InvalidInput(f"“{path}” cannot be read: {error.strerror or error}.") from error
    found = _MARKS.findall(paper.kept_in(data) or data.decode("utf-8", "replace"))
    try:
        marks = json.loads(found[-1])["runs"]
        return {str(run_id): dict(parts) for run_id, parts in marks.items()}
    except (IndexError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(
            f"“{path.name}” is no report of runs.", "Make one with: desktop-aml run report RUN --to FILE"
        ) from error
