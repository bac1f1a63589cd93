"""What a run logged and what was captured of it, read from the database."""

from __future__ import annotations

from desktop_aml.domain.captured.facts import CapturedFacts, captured_facts
from desktop_aml.domain.metrics import RunMetrics
from desktop_aml.store import documents, metrics
from desktop_aml.store.database import Database
from desktop_aml.store.summaries import captured


def metrics_of(db: Database, run_id: str) -> RunMetrics:
    """Return the metrics of a run, each with where it comes from. See `Runs.metrics`."""
    return metrics.read(db, run_id, captured.sources(db, run_id))


def facts_of(db: Database, run_id: str) -> CapturedFacts:
    """Return what was seen of a script beside metrics. See `Runs.captured`."""
    return captured_facts(documents.of_run(db, run_id))
