"""What a report is made of: the runs, where they differ, and what tells later whether one has changed."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from desktop_aml import __version__
from desktop_aml.domain.compare.runs import ComparedRow, ComparedRun, compare
from desktop_aml.domain.errors import DesktopAMLError, InvalidInput
from desktop_aml.domain.metrics import RunMetrics
from desktop_aml.domain.runs import Artifact, RunDetail
from desktop_aml.store import metrics, runs
from desktop_aml.system.files import read_regular
from desktop_aml.workspace.reader import Reader
from desktop_aml.workspace.run import data

IMAGE_AT_MOST: Final = 2 << 20
"""Bytes of one picture that is shown; of a greater one the report gives name and hash."""

IMAGES_AT_MOST: Final = 24
_IMAGES: Final = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif"}


@dataclass(frozen=True, slots=True)
class Picture:
    """An image among the outputs of a run."""

    path: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class ReportedRun:
    """One run of a report. `marks` hold a hash of each part of its record."""

    detail: RunDetail
    metrics: RunMetrics
    artifacts: tuple[Artifact, ...]
    pictures: tuple[Picture, ...]
    marks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Report:
    """What is to be shown. `made_at` is Unix time in seconds."""

    title: str
    workspace: str
    program: str
    made_at: float
    runs: tuple[ReportedRun, ...]
    rows: tuple[ComparedRow, ...] = field(default=())


def gather(reader: Reader, wanted: Sequence[str], title: str) -> Report:
    """Read what a report of some runs shows.

    Raises
    ------
    NotFound
        When there is no such run.
    InvalidInput
        When no run is named.
    """
    ids = tuple(dict.fromkeys(reader.find_run(one) for one in wanted))
    if not ids:
        raise InvalidInput("There is no run to report on.", "Name at least one.")
    details = [reader.run_detail(run_id) for run_id in ids]
    sides = [ComparedRun(one, metrics.last_values(reader.db, one.summary.id)) for one in details]
    compared = compare(sides, time.time(), data=data.compared(reader.db, reader.folder, ids))
    name = reader.folder.name()
    return Report(
        title=title or (details[0].summary.display_name if len(ids) == 1 else f"{len(ids)} runs of {name}"),
        workspace=name,
        program=__version__,
        made_at=time.time(),
        runs=tuple(_run(reader, detail) for detail in details),
        rows=compared.rows,
    )


def _run(reader: Reader, detail: RunDetail) -> ReportedRun:
    run_id = detail.summary.id
    logged, artifacts = metrics.read(reader.db, run_id), runs.artifacts(reader.db, run_id)
    return ReportedRun(detail, logged, artifacts, _pictures(reader, artifacts), marks_of(detail, logged, artifacts))


def _pictures(reader: Reader, artifacts: Sequence[Artifact]) -> tuple[Picture, ...]:
    found: list[Picture] = []
    for one in artifacts:
        media_type = _IMAGES.get(one.path[one.path.rfind(".") :].lower())
        if media_type is None or one.size_bytes > IMAGE_AT_MOST or not one.sha256 or len(found) == IMAGES_AT_MOST:
            continue
        try:
            found.append(Picture(one.path, media_type, read_regular(reader.folder.blobs.verified(one.sha256))))
        except (DesktopAMLError, OSError):
            continue  # gone or damaged: the list of files still names it
    return tuple(found)


def marks_of(detail: RunDetail, logged: RunMetrics, artifacts: Sequence[Artifact]) -> dict[str, str]:
    """Return a hash of each part of a run's record that a report shows."""
    summary = detail.summary
    return {
        "state": _mark([summary.state, summary.started_at, summary.ended_at, summary.error]),
        "arguments": _mark([detail.arguments, [[one.name, one.text] for one in detail.parameters]]),
        "metrics": _mark(
            [
                [[curve.name, [[repr(p.value), p.step, p.at] for p in curve.points]] for curve in logged.curves],
                [[record.name, record.kind, record.data] for record in logged.records],
            ]
        ),
        "outputs": _mark([[one.path, one.sha256] for one in artifacts]),
        "environment": _mark([summary.environment, detail.lock_hash, detail.python_version]),
        "name": _mark(summary.display_name),
        "tags": _mark(dict(detail.tags)),
        "notes": _mark(detail.description),
    }


def _mark(value: object) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
