"""Routes about the logged models of MLflow 3."""

from __future__ import annotations

from dataclasses import replace
from time import time
from typing import Final

from desktop_aml.rest import messages, model_search
from desktop_aml.rest.asking import Asked
from desktop_aml.rest.errors import INVALID, MISSING, RestError
from desktop_aml.rest.limits import checked_parameter
from desktop_aml.rest.paging import paged
from desktop_aml.workspace.tracking.models import LoggedModel
from desktop_aml.workspace.tracking.values import LIVE_STATUSES, NewRun, files_root

_PENDING: Final = "LOGGED_MODEL_PENDING"
_READY: Final = "LOGGED_MODEL_READY"
_NOT_IN_NAMES: Final = frozenset("/:.%\"'")
_ALONE_TAG: Final = "desktop-aml.only-for-its-model"


def create(asked: Asked) -> messages.Message:
    """Begin to log a model."""
    arguments, tracker = asked.arguments, asked.tracker
    if set(arguments.text("name", "")) & _NOT_IN_NAMES:
        raise RestError(
            INVALID,
            f"Invalid model name ({arguments.text('name')[:200]!r}) provided. Model name must be a non-empty string "
            f"and cannot contain the following characters: {' '.join(sorted(_NOT_IN_NAMES))}",
        )
    experiment = tracker.experiments.get(arguments.text("experiment_id", "0")).name
    run_id = arguments.text("source_run_id", "") or tracker.own_run
    if not run_id:
        # Files lie with runs: a model that a client logs outside of any has one of its own, which ends with it.
        name = arguments.text("name", "") or "model"
        alone = NewRun(experiment, name, {_ALONE_TAG: "true"}, None, asked.client())
        run_id = tracker.create(alone).run_id
    given = {
        "name": arguments.text("name", ""),
        "model_type": arguments.text("model_type", ""),
        "params": dict(map(checked_parameter, arguments.parts("params"))),
        "tags": dict(arguments.pairs("tags")),
    }
    return _logged(asked, tracker.log_model(run_id, experiment, given))


def get(asked: Asked) -> messages.Message:
    """Return a model."""
    return _logged(asked, asked.tracker.model(asked.path["model_id"]))


def finish(asked: Asked) -> messages.Message:
    """Say whether a model is complete."""
    status = asked.arguments.text("status")
    if status not in {_PENDING, _READY, "LOGGED_MODEL_UPLOAD_FAILED"}:
        raise RestError(INVALID, f"Invalid value {status[:50]!a} for parameter 'status' supplied.")
    answer = _changed(asked, replace(asked.tracker.model(asked.path["model_id"]), status=status))
    run = asked.tracker.run(asked.tracker.model(asked.path["model_id"]).run_id)
    if status != _PENDING and _ALONE_TAG in run.tags and run.status in LIVE_STATUSES:
        asked.tracker.update(run.run_id, status="FINISHED" if status == _READY else "FAILED")
    return answer


def set_tags(asked: Asked) -> messages.Message:
    """Set tags of a model."""
    old = asked.tracker.model(asked.path["model_id"])
    return _changed(asked, replace(old, tags={**old.tags, **dict(asked.arguments.pairs("tags"))}))


def delete_tag(asked: Asked) -> messages.Message:
    """Remove a tag of a model."""
    old, gone = asked.tracker.model(asked.path["model_id"]), asked.path["key"]
    if gone not in old.tags:
        raise RestError(MISSING, f"No tag with key {gone[:250]!r} found for model with ID {old.model_id!r}.")
    return _changed(asked, replace(old, tags={key: value for key, value in old.tags.items() if key != gone}))


def log_params(asked: Asked) -> messages.Message:
    """Add parameters of a model."""
    old = asked.tracker.model(asked.path["model_id"])
    given = dict(map(checked_parameter, asked.arguments.parts("params")))
    return _changed(asked, replace(old, params={**given, **old.params}))


def delete(asked: Asked) -> messages.Message:
    """Forget a model; its files stay among the outputs of its run."""
    asked.tracker.forget_model(asked.tracker.model(asked.path["model_id"]))
    return {}


def search(asked: Asked) -> messages.Message:
    """Return the models of some experiments that a filter asks for."""
    page, token = paged(model_search.found_by(asked), asked.arguments, default=100, most=10_000)
    id_of = asked.tracker.experiments.ids()
    return {"models": [_message(asked, one, id_of(one.experiment)) for one in page], **token}


def list_files(asked: Asked) -> messages.Message:
    """Return what lies in a folder of a model."""
    model = asked.tracker.model(asked.path["model_id"])
    inside = asked.arguments.text("artifact_directory_path", "")
    place = f"{model.place}/{inside}".rstrip("/")
    prefix = f"{inside}/" if inside else ""
    files = [
        {"path": f"{prefix}{one.name}", "is_dir": True}
        if one.size_bytes is None
        else {"path": f"{prefix}{one.name}", "is_dir": False, "file_size": one.size_bytes}
        for one in asked.tracker.artifacts.list(model.run_id, place)
    ]
    return {"root_uri": _root(asked.tracker.experiments.ids()(model.experiment), model), "files": files}


def _changed(asked: Asked, model: LoggedModel) -> messages.Message:
    changed = replace(model, updated_ms=round(time() * 1000))
    asked.tracker.change_model(changed)
    return _logged(asked, changed)


def _logged(asked: Asked, model: LoggedModel) -> messages.Message:
    return {"model": _message(asked, model, asked.tracker.experiments.ids()(model.experiment))}


def _root(experiment_id: str, model: LoggedModel) -> str:
    return f"{files_root(experiment_id)}/models/{model.model_id}/artifacts"


def _message(asked: Asked, model: LoggedModel, experiment_id: str) -> messages.Message:
    info: messages.Message = {
        "model_id": model.model_id,
        "experiment_id": experiment_id,
        "name": model.name,
        "creation_timestamp_ms": model.created_ms,
        "last_updated_timestamp_ms": model.updated_ms,
        "artifact_uri": _root(experiment_id, model),
        "status": model.status,
        "source_run_id": model.run_id,
        "tags": messages.pairs(model.tags),
    }
    if model.model_type:
        info["model_type"] = model.model_type
    data = {"params": messages.pairs(model.params), "metrics": asked.tracker.model_metrics(model.model_id)}
    return {"info": info, "data": data}
