"""Logged models of MLflow 3: what a client says of a model that a run made, before anybody registers it."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from desktop_aml.domain.errors import NotFound
from desktop_aml.store import documents
from desktop_aml.store.database import Database
from desktop_aml.workspace.tracking.reading import RunReader
from desktop_aml.workspace.tracking.values import DocumentKind, TrackedRun

_UNFIT: Final = re.compile(r"[^\w.-]+")
_LONGEST_PLACE: Final = 100


@dataclass(frozen=True, slots=True)
class LoggedModel:
    """A model that a run logged. `place` is the folder of its files among the run's outputs."""

    model_id: str
    run_id: str
    experiment: str
    name: str
    place: str
    created_ms: int
    updated_ms: int
    status: str = "LOGGED_MODEL_PENDING"
    model_type: str = ""
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


def places(run: TrackedRun) -> set[str]:
    """Return the folders, among the outputs of a run, that hold its models."""
    kept = run.documents_of(DocumentKind.MODEL).values()
    return {msgspec.convert(body, LoggedModel).place for body in kept if body is not None}


class LoggedModels:
    """The logged models of one workspace; they are documents of the runs that made them."""

    def __init__(self, reader: RunReader, db: Database) -> None:
        self._reader = reader
        self._db = db
        # What this process wrote and the engine may not have stored: model to the runs that hold something of it.
        self._fresh: dict[str, set[str]] = {}

    def new(self, run_id: str, experiment: str, given: Mapping[str, Any]) -> LoggedModel:
        """Return a model that is about to be logged; nothing is written."""
        model_id = f"m-{uuid.uuid4().hex}"
        name = str(given.get("name") or f"model-{model_id[2:10]}")
        now = round(time.time() * 1000)
        taken = places(self._reader.run(run_id))
        place = _UNFIT.sub("_", name).strip(".")[:_LONGEST_PLACE] or "model"
        return LoggedModel(
            model_id=model_id,
            run_id=run_id,
            experiment=experiment,
            name=name,
            place=place if place not in taken else f"{place}-{model_id[2:10]}",
            created_ms=now,
            updated_ms=now,
            model_type=str(given.get("model_type") or ""),
            params=dict(given.get("params") or {}),
            tags=dict(given.get("tags") or {}),
        )

    def document(self, model: LoggedModel) -> dict[tuple[str, str], object]:
        """Return what has to be logged with its run, so that the model is as given."""
        self._fresh.setdefault(model.model_id, set()).add(model.run_id)
        return {(DocumentKind.MODEL, model.model_id): msgspec.to_builtins(model)}

    def with_metrics(self, run_id: str, added: Mapping[str, Sequence[object]]) -> dict[tuple[str, str], object]:
        """Return what has to be logged with a run, so that these points belong to these models, too."""
        run = self._reader.run(run_id)
        found: dict[tuple[str, str], object] = {}
        for model_id, points in added.items():
            known = run.documents.get((DocumentKind.MODEL_METRICS, model_id), [])
            kept = known if isinstance(known, list) else []
            found[DocumentKind.MODEL_METRICS, model_id] = kept + [one for one in points if one not in kept]
            self._fresh.setdefault(model_id, set()).add(run_id)
        return found

    def get(self, model_id: str) -> LoggedModel:
        """Return a model.

        Raises
        ------
        NotFound
            When there is none of this id.
        """
        for run_id in self._holders(DocumentKind.MODEL, model_id):
            body = self._reader.run(run_id).documents.get((DocumentKind.MODEL, model_id))
            if body is not None:
                return msgspec.convert(body, LoggedModel)
        raise NotFound(f"Logged model with ID '{model_id[:100]}' not found.")

    def metrics(self, model_id: str) -> list[object]:
        """Return the points that belong to a model, as messages."""
        found: list[object] = []
        for run_id in self._holders(DocumentKind.MODEL_METRICS, model_id):
            body = self._reader.run(run_id).documents.get((DocumentKind.MODEL_METRICS, model_id))
            found += body if isinstance(body, list) else []
        return found

    def all(self) -> list[LoggedModel]:
        """Return every model, newest first."""
        found = {key: body for _, key, body in documents.owners(self._db, DocumentKind.MODEL)}
        models = {key: msgspec.convert(body, LoggedModel) for key, body in found.items() if body is not None}
        for model_id, holders in self._fresh.items():
            for run_id in holders:
                body = self._reader.run(run_id).documents.get((DocumentKind.MODEL, model_id))
                if body is not None:
                    models[model_id] = msgspec.convert(body, LoggedModel)
                elif (DocumentKind.MODEL, model_id) in self._reader.run(run_id).documents:
                    models.pop(model_id, None)  # forgotten
        return sorted(models.values(), key=lambda one: (-one.created_ms, one.model_id))

    def _holders(self, kind: str, model_id: str) -> list[str]:
        stored = [run_id for run_id, _, _ in documents.owners(self._db, kind, model_id)]
        return list(dict.fromkeys([*self._fresh.get(model_id, ()), *stored]))
