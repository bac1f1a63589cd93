"""Our values as MLflow's messages. Fields that are not set are left out, as its own server leaves them out."""

from __future__ import annotations

import math
from collections.abc import Callable

from desktop_aml.workspace.tracking.experiments import shown_name
from desktop_aml.workspace.tracking.values import (
    NAME_TAG,
    START,
    USER_TAG,
    DocumentKind,
    TrackedExperiment,
    TrackedMetric,
    TrackedRun,
    files_root,
)

Message = dict[str, object]
IdOf = Callable[[str], str]
"""Tells the identifier of an experiment by its name."""


def number(value: float) -> float | str:
    """Return a number as JSON can hold it."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def pairs(values: dict[str, str]) -> list[Message]:
    """Return tags or parameters."""
    return [{"key": key, "value": value} for key, value in values.items()]


def experiment(one: TrackedExperiment) -> Message:
    """Return an experiment with the names and the moments in milliseconds that MLflow's clients expect."""
    return {
        "experiment_id": one.id,
        "name": shown_name(one.name),
        "artifact_location": files_root(one.id),
        "lifecycle_stage": "deleted" if one.deleted_at else "active",
        "creation_time": round(one.created_at * 1000),
        "last_update_time": round(one.updated_at * 1000),
        "tags": pairs(one.tags),
    }


def metric(one: TrackedMetric) -> Message:
    """Return a point of a metric."""
    return {"key": one.key, "value": number(one.value), "timestamp": one.timestamp_ms, "step": one.step}


def artifact_root(experiment_id: str, run_id: str) -> str:
    """Return where a client puts the files of a run: a path of the proxy."""
    return f"{files_root(experiment_id)}/{run_id}/artifacts"


def run_info(one: TrackedRun, id_of: IdOf) -> Message:
    """Return what tells a run from others."""
    experiment_id = id_of(one.experiment)
    told = one.document(DocumentKind.RUN, START)
    found: Message = {
        "run_id": one.run_id,
        "run_uuid": one.run_id,
        "run_name": one.name,
        "experiment_id": experiment_id,
        "user_id": str(told.get("user_id") or one.tags.get(USER_TAG, "")),
        "status": one.status,
        "start_time": one.start_ms,
        "artifact_uri": artifact_root(experiment_id, one.run_id),
        "lifecycle_stage": "deleted" if one.is_deleted else "active",
    }
    if one.end_ms is not None:
        found["end_time"] = one.end_ms
    return found


def run(one: TrackedRun, id_of: IdOf) -> Message:
    """Return a run with what it logged."""
    inputs, outputs = one.documents_of(DocumentKind.INPUT), one.documents_of(DocumentKind.OUTPUT)
    models = [{"model_id": key.removeprefix("model:")} for key in inputs if key.startswith("model:")]
    datasets = [body for key, body in inputs.items() if not key.startswith("model:")]
    return {
        "info": run_info(one, id_of),
        "data": {
            "metrics": [metric(point) for point in one.metrics.values()],
            "params": pairs(one.parameters),
            "tags": pairs({NAME_TAG: one.name, **one.tags}),
        },
        "inputs": {"dataset_inputs": datasets, "model_inputs": models},
        "outputs": {"model_outputs": list(outputs.values())},
    }
