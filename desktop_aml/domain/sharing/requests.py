"""Requests about what comes from another workspace."""

from __future__ import annotations

from desktop_aml.domain.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRun:
    """Take in an ended run of another workspace, whose folder lies among the runs; once more changes nothing."""

    run_id: str
