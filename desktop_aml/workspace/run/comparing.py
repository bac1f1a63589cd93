"""Runs side by side: their values. Code is compared by `RunCode.compare`, packages by `Environments.compare`."""

from __future__ import annotations

import time
from collections.abc import Sequence

from desktop_aml.domain.compare.runs import COMPARED_AT_MOST, ComparedRun, RunComparison, compare
from desktop_aml.domain.errors import InvalidInput
from desktop_aml.store import metrics
from desktop_aml.workspace.reader import Reader
from desktop_aml.workspace.run import data


def compare_runs(reader: Reader, wanted: Sequence[str]) -> RunComparison:
    """Return the values of runs side by side. See `Runs.compare`."""
    ids = tuple(dict.fromkeys(reader.find_run(one) for one in wanted))
    if not 2 <= len(ids) <= COMPARED_AT_MOST:
        words = "That is one run alone." if len(ids) == 1 else f"These are {len(ids)} different runs."
        raise InvalidInput(words, f"Two to {COMPARED_AT_MOST} can be compared at a time.")
    sides = [ComparedRun(reader.run_detail(run_id), metrics.last_values(reader.db, run_id)) for run_id in ids]
    return compare(sides, time.time(), data=data.compared(reader.db, reader.folder, ids))
