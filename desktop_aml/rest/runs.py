"""Routes about runs: making, reading, logging, ending."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any, Final

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.rest import messages
from desktop_aml.rest.arguments import Arguments
from desktop_aml.rest.asking import Asked
from desktop_aml.rest.errors import INVALID, RestError
from desktop_aml.rest.limits import (
    checked_metric,
    checked_metrics,
    checked_parameter,
    checked_tag,
    refuse_more,
    refuse_twice,
)
from desktop_aml.rest.paging import size_of, start_of, token_for
from desktop_aml.workspace.tracking.values import (
    LIFECYCLE,
    LIVE_STATUSES,
    NAME_TAG,
    STATUSES,
    USER_TAG,
    DocumentKind,
    NewRun,
    TrackedMetric,
)

_HISTORY_TAG: Final = "mlflow.log-model.history"
_CONTEXT_TAG: Final = "mlflow.data.context"
_MOST_EXPERIMENTS: Final = 20
_MOST_DATASETS: Final = 1000


def create(asked: Asked) -> messages.Message:
    """Begin a run."""
    arguments, tracker = asked.arguments, asked.tracker
    experiment = tracker.experiments.get(arguments.text("experiment_id", "0"))
    if experiment.deleted_at is not None:
        raise RestError(
            INVALID, f"The experiment {experiment.id} must be in the 'active' state. Current state is deleted."
        )
    tags = dict(map(checked_tag, arguments.parts("tags")))
    given, in_tag = arguments.text("run_name", ""), tags.get(NAME_TAG, "")
    if given and in_tag and given != in_tag:
        raise RestError(
            INVALID,
            f"Both 'run_name' argument and '{NAME_TAG}' tag are specified, but with different values "
            f"(run_name='{given[:200]}', {NAME_TAG}='{in_tag[:200]}').",
        )
    made = tracker.create(
        NewRun(
            experiment=experiment.name,
            name=given or in_tag,
            tags=tags,
            user=arguments.text("user_id", "") or tags.get(USER_TAG, ""),
            start_time=arguments.moment("start_time"),
            client=asked.client(),
        )
    )
    return {"run": messages.run(made, tracker.experiments.ids())}


def get(asked: Asked) -> messages.Message:
    """Return a run."""
    found = asked.tracker.resumed.shown(asked.tracker.run(_run_id(asked.arguments)))
    return {"run": messages.run(found, asked.tracker.experiments.ids())}


def update(asked: Asked) -> messages.Message:
    """Rename a run, or say how it stands."""
    status = asked.arguments.text("status", "")
    if status and status not in STATUSES:
        raise RestError(INVALID, f"Invalid value {status[:50]!a} for parameter 'status' supplied.")
    changed = asked.tracker.update(
        _active(asked),
        status=status,
        end_time=asked.arguments.moment("end_time"),
        name=asked.arguments.text("run_name", ""),
    )
    asked.tracker.resumed.note(changed, status, asked.client() if status in LIVE_STATUSES else 0)
    return {"run_info": messages.run_info(asked.tracker.resumed.shown(changed), asked.tracker.experiments.ids())}


def delete(asked: Asked) -> messages.Message:
    """Put a run into MLflow's trash."""
    return _move(asked, "deleted")


def restore(asked: Asked) -> messages.Message:
    """Take a run out of MLflow's trash."""
    return _move(asked, "active")


def _move(asked: Asked, stage: str) -> messages.Message:
    run_id = _run_id(asked.arguments)
    asked.tracker.run(run_id)
    if stage == "deleted" and asked.tracker.workspace.runs.get(run_id).summary.starred:
        raise InvalidInput(f"The run “{run_id}” is starred in Desktop AML.", "Take its star away first.")
    asked.tracker.log(run_id, documents={(DocumentKind.RUN, LIFECYCLE): {"stage": stage}})
    return {}


def log_metric(asked: Asked) -> messages.Message:
    """Add a point to a metric."""
    point = checked_metric(asked.arguments)
    log_points(asked, _active(asked), [asked.arguments.values], [point])
    return {}


def log_parameter(asked: Asked) -> messages.Message:
    """Add one parameter to a run; a value that it has may not become another."""
    asked.tracker.log(_active(asked), parameters=[checked_parameter(asked.arguments)])
    return {}


def log_batch(asked: Asked) -> messages.Message:
    """Add points, parameters and tags: all of them or none."""
    arguments = asked.arguments
    points = arguments.objects("metrics")
    parameters = [checked_parameter(one) for one in arguments.parts("params")]
    tags = [checked_tag(one) for one in arguments.parts("tags")]
    refuse_more(metrics=len(points), params=len(parameters), tags=len(tags))
    refuse_twice(parameters)
    checked = checked_metrics(points)
    log_points(asked, _active(asked), points, checked, parameters=parameters, tags=tags)
    return {}


def log_points(
    asked: Asked,
    run_id: str,
    given: Sequence[Mapping[str, Any]],
    points: Sequence[TrackedMetric],
    *,
    parameters: Sequence[tuple[str, str]] = (),
    tags: Sequence[tuple[str, str]] = (),
) -> None:
    """Add points to a run, and those that name a logged model to that model, too."""
    of_models: dict[str, list[messages.Message]] = {}
    for place, one in enumerate(given):
        if one.get("model_id"):
            more = Arguments(one)
            names = ("model_id", "dataset_name", "dataset_digest")
            named = {name: text for name in names if (text := more.text(name, ""))}
            point = messages.metric(points[place])
            of_models.setdefault(named["model_id"], []).append({**point, **named, "run_id": run_id})
    with asked.tracker.turn if of_models else nullcontext():
        documents = asked.tracker.points_for_models(run_id, of_models) if of_models else {}
        asked.tracker.log(run_id, metrics=points, parameters=parameters, tags=tags, documents=documents)


def set_tag(asked: Asked) -> messages.Message:
    """Give a tag of a run a value, in place of the one it had."""
    asked.tracker.log(_active(asked), tags=[checked_tag(asked.arguments)])
    return {}


def delete_tag(asked: Asked) -> messages.Message:
    """Remove a tag."""
    asked.tracker.remove_tag(_active(asked), asked.arguments.text("key"))
    return {}


def log_inputs(asked: Asked) -> messages.Message:
    """Note the data sets and models that a run uses; a data set that it has already stays as it was noted first."""
    run_id = _active(asked)
    known = asked.tracker.run(run_id).documents_of(DocumentKind.INPUT)
    documents: dict[tuple[str, str], object] = {}
    for one in asked.arguments.parts("datasets"):
        dataset = one.part("dataset")
        fields = ("name", "digest", "source_type", "source", "schema", "profile")
        body = {name: dataset.text(name, "") for name in fields if dataset.text(name, "")}
        tags = [{"key": key, "value": value} for key, value in one.pairs("tags")]
        key = f"{dataset.text('name')}\n{dataset.text('digest')}"
        if key not in known:
            documents.setdefault((DocumentKind.INPUT, key), {"tags": tags, "dataset": body})
    for one in asked.arguments.parts("models"):
        documents[DocumentKind.INPUT, f"model:{one.text('model_id')}"] = {"model_id": one.text("model_id")}
    asked.tracker.log(run_id, documents=documents)
    return {}


def search_datasets(asked: Asked) -> messages.Message:
    """Return the data sets that the runs of some experiments note, each once for what it was used as."""
    experiments, tracker = asked.arguments.texts("experiment_ids"), asked.tracker
    if not experiments:
        raise RestError(INVALID, "SearchDatasets request must specify at least one experiment_id.")
    if len(experiments) > _MOST_EXPERIMENTS:
        raise RestError(
            INVALID,
            f"SearchDatasets request cannot specify more than {_MOST_EXPERIMENTS} experiment_ids. "
            f"Received {len(experiments)} experiment_ids.",
        )
    runs = tracker.search(
        filter_text="datasets.name LIKE '%'",
        order=(),
        experiment_ids=experiments,
        deleted=None,
        offset=0,
        limit=_MOST_DATASETS,
    )
    id_of = tracker.experiments.ids()
    found: dict[tuple[str, ...], messages.Message] = {}
    for run in runs:
        for body in run.documents_of(DocumentKind.INPUT).values():
            if isinstance(body, dict) and "dataset" in body:
                used_as = [one["value"] for one in body.get("tags", ()) if one["key"] == _CONTEXT_TAG]
                shown = {"experiment_id": id_of(run.experiment), **_named(body["dataset"])}
                shown |= {"context": used_as[0]} if used_as else {}
                found[tuple(map(str, shown.values()))] = shown
    return {"dataset_summaries": list(found.values())[:_MOST_DATASETS]}


def _named(dataset: Mapping[str, object]) -> messages.Message:
    return {key: dataset.get(key, "") for key in ("name", "digest")}


def log_outputs(asked: Asked) -> messages.Message:
    """Note the models that a run made."""
    documents: dict[tuple[str, str], object] = {
        (DocumentKind.OUTPUT, one.text("model_id")): {"model_id": one.text("model_id"), "step": one.whole("step", 0)}
        for one in asked.arguments.parts("models")
    }
    asked.tracker.log(_active(asked), documents=documents)
    return {}


def log_model(asked: Asked) -> messages.Message:
    """Note a model, as MLflow 2 does: in a tag."""
    run_id = _active(asked)
    try:
        model = json.loads(asked.arguments.text("model_json"))
        known = json.loads(asked.tracker.run(run_id).tags.get(_HISTORY_TAG, "[]"))
    except (ValueError, RecursionError):
        raise RestError(INVALID, "Malformed model info. The model_json is no JSON.") from None
    if not isinstance(model, dict) or not isinstance(known, list):
        raise RestError(INVALID, "Malformed model info.")
    asked.tracker.log(run_id, tags=[(_HISTORY_TAG, json.dumps([*known, model]))])
    return {}


def search(asked: Asked) -> messages.Message:
    """Return the runs that a filter asks for."""
    arguments, tracker = asked.arguments, asked.tracker
    view = arguments.text("run_view_type", "ACTIVE_ONLY")
    start, size = start_of(arguments), size_of(arguments, default=1000, most=50_000)
    found = tracker.search(
        filter_text=arguments.text("filter", ""),
        order=arguments.texts("order_by"),
        experiment_ids=arguments.texts("experiment_ids"),
        deleted={"ALL": None, "DELETED_ONLY": True}.get(view, False),
        offset=start,
        limit=size + 1,
    )
    token = token_for(start + size) if len(found) > size else {}
    id_of = tracker.experiments.ids()
    return {"runs": [messages.run(tracker.resumed.shown(one), id_of) for one in found[:size]], **token}


def _active(asked: Asked) -> str:
    """Return the run that is meant, once it is known that it may be added to."""
    run_id = _run_id(asked.arguments)
    asked.tracker.check_active(run_id)
    return run_id


def _run_id(arguments: Arguments) -> str:
    return arguments.text("run_id", "") or arguments.text("run_uuid")
