"""Every route: method, address, what answers it. What is not here is not found, and all need a token."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from desktop_aml.rest import (
    artifacts,
    experiments,
    histories,
    logged_models,
    model_versions,
    parts,
    registered_models,
    runs,
    schemas,
)
from desktop_aml.rest.asking import Asked
from desktop_aml.rest.messages import Message

Answer = Callable[[Asked], Message]
API: Final = "/api/2.0/mlflow"
PROXY: Final = "/api/2.0/mlflow-artifacts"
FILES: Final = f"{PROXY}/artifacts/"
"""What begins here takes and gives whole files, see `server`."""
PARTS: Final = f"{PROXY}/mpu/part/"
"""What begins here takes parts of files, see `server`."""

NO_PAGES: Final = """This is a tracking server of Desktop AML. It answers MLflow's clients and has no pages.
Runs and models are shown by the window (desktop-aml) and by: desktop-aml run list
"""
"""What a browser is told: MLflow's clients print an address of a page with each run that ends."""

OPEN: Final = frozenset({"/", "/health", "/version"})
"""What needs no token: it tells nothing of the workspace."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route; parts of the address in braces are handed over by name."""

    methods: tuple[str, ...]
    path: str
    answer: Answer


def _api(methods: str, path: str, answer: Answer, takes: str = "") -> Route:
    return Route(tuple(methods.split("|")), API + path, _checked(answer, takes) if takes else answer)


def _checked(answer: Answer, takes: str) -> Answer:
    """Have a route refuse what it cannot be asked with, see `schemas`."""
    fields = schemas.read(takes)

    def answered(asked: Asked) -> Message:
        schemas.check(asked.arguments.values, fields, is_query=asked.arguments.is_query)
        return answer(asked)

    return answered


def _in_turn(answer: Answer) -> Answer:
    """Have a route that reads something, changes it and writes it back wait for the others that do."""

    def answered(asked: Asked) -> Message:
        with asked.tracker.turn:
            return answer(asked)

    return answered


def server_info(_: Asked) -> Message:
    """Say which of the newer parts of the protocol there are: none.

    Files in parts are taken from a client that is set to send them so. Told here, each client of MLflow 3 would send
    all large files so, which are written twice then.
    """
    return {
        "store_type": "SqlStore",
        "workspaces_enabled": False,
        "trace_archival_enabled": False,
        "multipart_uploads_enabled": False,
        "multipart_downloads_enabled": False,
    }


ROUTES: Final[tuple[Route, ...]] = (
    _api("GET", "/experiments/get-by-name", experiments.get_by_name, "experiment_name!"),
    _api("POST", "/experiments/create", _in_turn(experiments.create), "name! artifact_location tags*"),
    _api("GET", "/experiments/get", experiments.get, "experiment_id!"),
    _api("GET|POST", "/experiments/search", experiments.search, "max_results# order_by* filter page_token"),
    _api("POST", "/experiments/delete", _in_turn(experiments.delete), "experiment_id!"),
    _api("POST", "/experiments/restore", _in_turn(experiments.restore), "experiment_id!"),
    _api("POST", "/experiments/update", _in_turn(experiments.update), "experiment_id! new_name!"),
    _api("POST", "/experiments/set-experiment-tag", _in_turn(experiments.set_tag), "experiment_id! key! value"),
    _api("POST|DELETE", "/experiments/delete-experiment-tag", _in_turn(experiments.delete_tag), "experiment_id! key!"),
    _api("POST", "/experiments/search-datasets", runs.search_datasets, "experiment_ids*"),
    _api("POST", "/runs/create", runs.create, "experiment_id start_time# run_name tags*"),
    _api("GET", "/runs/get", runs.get, "run_id!"),
    _api("POST", "/runs/update", runs.update, "run_id! status end_time# run_name"),
    _api("POST", "/runs/delete", runs.delete, "run_id!"),
    _api("POST", "/runs/restore", runs.restore, "run_id!"),
    _api(
        "POST",
        "/runs/log-metric",
        runs.log_metric,
        "run_id! key! value!~ timestamp!# step# model_id dataset_name dataset_digest",
    ),
    _api("POST", "/runs/log-parameter", runs.log_parameter, "run_id! key! value"),
    _api("POST", "/runs/log-batch", runs.log_batch, "run_id! metrics* params* tags*"),
    _api("POST", "/runs/set-tag", runs.set_tag, "run_id! key! value"),
    _api("POST", "/runs/delete-tag", runs.delete_tag, "run_id! key!"),
    _api("POST", "/runs/log-inputs", runs.log_inputs, "run_id! datasets* models*"),
    _api("POST", "/runs/outputs", runs.log_outputs, "run_id! models!*"),
    _api("POST", "/runs/log-model", _in_turn(runs.log_model), "run_id! model_json!"),
    _api("POST", "/runs/search", runs.search, "experiment_ids* filter max_results# order_by* page_token"),
    _api("GET", "/metrics/get-history", histories.history, "run_id! metric_key! max_results# page_token"),
    _api(
        "GET",
        "/metrics/get-history-bulk-interval",
        histories.sampled,
        "run_ids!* metric_key! start_step# end_step# max_results#",
    ),
    _api("GET", "/metrics/get-history-bulk", histories.of_several, "max_results#"),
    _api("GET", "/artifacts/list", artifacts.list_of_run, "run_id! path page_token"),
    _api(
        "POST",
        "/logged-models",
        _in_turn(logged_models.create),
        "experiment_id! name model_type source_run_id params* tags*",
    ),
    _api(
        "POST",
        "/logged-models/search",
        logged_models.search,
        "experiment_ids!* filter datasets* max_results# order_by* page_token",
    ),
    _api("GET", "/logged-models/{model_id}", logged_models.get),
    _api("PATCH", "/logged-models/{model_id}", _in_turn(logged_models.finish)),
    _api("DELETE", "/logged-models/{model_id}", _in_turn(logged_models.delete)),
    _api("PATCH", "/logged-models/{model_id}/tags", _in_turn(logged_models.set_tags)),
    _api("DELETE", "/logged-models/{model_id}/tags/{key}", _in_turn(logged_models.delete_tag)),
    _api("POST", "/logged-models/{model_id}/params", _in_turn(logged_models.log_params)),
    _api("GET", "/logged-models/{model_id}/artifacts/directories", logged_models.list_files),
    _api("POST", "/registered-models/create", registered_models.create, "name! tags* description"),
    _api("GET", "/registered-models/get", registered_models.get, "name!"),
    _api("GET", "/registered-models/search", registered_models.search, "filter max_results# order_by* page_token"),
    _api("GET|POST", "/registered-models/get-latest-versions", registered_models.latest, "name! stages*"),
    _api("POST", "/registered-models/rename", registered_models.rename, "name! new_name!"),
    _api("PATCH", "/registered-models/update", registered_models.update, "name! description"),
    _api("DELETE", "/registered-models/delete", registered_models.delete, "name!"),
    _api("POST", "/registered-models/set-tag", registered_models.set_tag, "name! key! value"),
    _api("DELETE", "/registered-models/delete-tag", registered_models.delete_tag, "name! key!"),
    _api("POST", "/registered-models/alias", registered_models.set_alias, "name! alias! version!"),
    _api("DELETE", "/registered-models/alias", registered_models.delete_alias, "name! alias!"),
    _api("GET", "/registered-models/alias", registered_models.get_alias, "name! alias!"),
    _api(
        "POST",
        "/model-versions/create",
        model_versions.create,
        "name! source! run_id tags* run_link description model_id",
    ),
    _api("GET", "/model-versions/get", model_versions.get, "name! version!"),
    _api("GET", "/model-versions/search", model_versions.search, "filter max_results# order_by* page_token"),
    _api("GET", "/model-versions/get-download-uri", model_versions.download_uri, "name! version!"),
    _api("PATCH", "/model-versions/update", model_versions.update, "name! version! description"),
    _api(
        "POST",
        "/model-versions/transition-stage",
        model_versions.transition,
        "name! version! stage! archive_existing_versions?",
    ),
    _api("DELETE", "/model-versions/delete", model_versions.delete, "name! version!"),
    _api("POST", "/model-versions/set-tag", model_versions.set_tag, "name! version! key! value"),
    _api("DELETE", "/model-versions/delete-tag", model_versions.delete_tag, "name! version! key!"),
    Route(("GET",), f"{PROXY}/artifacts", artifacts.list_of_proxy),
    Route(("DELETE",), f"{FILES}{{path}}", artifacts.remove),
    Route(("POST",), f"{PROXY}/mpu/create/{{path}}", _checked(parts.create(PARTS), "path! num_parts#")),
    Route(("POST",), f"{PROXY}/mpu/complete/{{path}}", _checked(parts.complete, "path! upload_id! parts!*")),
    Route(("POST",), f"{PROXY}/mpu/abort/{{path}}", _checked(parts.abort, "path! upload_id!")),
    Route(("GET",), f"{PROXY}/presigned/{{path}}", parts.whole(FILES)),
    Route(("GET",), "/api/3.0/mlflow/server-info", server_info),
)


def _expression(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", path)
    # Only the path of a file has slashes in it.
    words = [f"(?P<{part}>{'.+' if part == 'path' else '[^/]+'})" if place % 2 else re.escape(part)
             for place, part in enumerate(parts)]  # fmt: skip
    return re.compile("".join(words), re.DOTALL)


_FIXED: Final = {(method, one.path): one for one in ROUTES for method in one.methods if "{" not in one.path}
_OTHERS: Final = tuple((one, _expression(one.path)) for one in ROUTES if "{" in one.path)


_NOT_KEPT: Final = {
    "traces": "traces",
    "datasets": "evaluation data sets; those of runs are logged with mlflow.log_input",
    "webhooks": "webhooks",
    "scorers": "scorers",
    "assessments": "assessments",
    "prompts": "prompts",
    "gateway": "gateway of language models",
    "issues": "issues",
}
_FAMILY: Final = re.compile(r"/(?:ajax-)?api/[23]\.0/mlflow/(\w+)\b")


def words_for_none(method: str, path: str) -> str:
    """Return why an address is not answered: what MLflow has and Desktop AML does not keep is named."""
    family = _FAMILY.match(path)
    what = _NOT_KEPT.get(family[1], "") if family else ""
    if path == "/v1/traces":
        what = _NOT_KEPT["traces"]
    missing = f"There is no route {method} {path[:200]!a} here."
    return f"{missing} Desktop AML keeps no {what}." if what else missing


def find(method: str, path: str) -> tuple[Answer, Mapping[str, str]] | None:
    """Return what answers an address, with the parts of it that have names; None when nothing does."""
    if path.startswith("/ajax-api/"):
        path = "/api/" + path.removeprefix("/ajax-api/")
    fixed = _FIXED.get((method, path))
    if fixed is not None:
        return fixed.answer, {}
    for one, expression in _OTHERS:
        found = expression.fullmatch(path) if method in one.methods else None
        if found is not None:
            return one.answer, found.groupdict()
    return None
