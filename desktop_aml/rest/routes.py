"""Every route: method, address, what answers it. What is not here is not found, and all need a token."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from desktop_aml.rest import artifacts, experiments, logged_models, model_versions, registered_models, runs
from desktop_aml.rest.asking import Asked
from desktop_aml.rest.messages import Message

Answer = Callable[[Asked], Message]
API: Final = "/api/2.0/mlflow"
PROXY: Final = "/api/2.0/mlflow-artifacts"
FILES: Final = f"{PROXY}/artifacts/"
"""What begins here takes and gives whole files, see `server`."""

OPEN: Final = frozenset({"/health", "/version"})
"""What needs no token: it tells nothing of the workspace."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route; parts of the address in braces are handed over by name."""

    methods: tuple[str, ...]
    path: str
    answer: Answer


def _api(methods: str, path: str, answer: Answer) -> Route:
    return Route(tuple(methods.split("|")), API + path, answer)


def _in_turn(answer: Answer) -> Answer:
    """Have a route that reads something, changes it and writes it back wait for the others that do."""

    def answered(asked: Asked) -> Message:
        with asked.tracker.turn:
            return answer(asked)

    return answered


def server_info(_: Asked) -> Message:
    """Say which of the newer parts of the protocol there are: none."""
    return {
        "store_type": "SqlStore",
        "workspaces_enabled": False,
        "trace_archival_enabled": False,
        "multipart_uploads_enabled": False,
        "multipart_downloads_enabled": False,
    }


ROUTES: Final[tuple[Route, ...]] = (
    _api("GET", "/experiments/get-by-name", experiments.get_by_name),
    _api("POST", "/experiments/create", _in_turn(experiments.create)),
    _api("GET", "/experiments/get", experiments.get),
    _api("GET|POST", "/experiments/search", experiments.search),
    _api("POST", "/experiments/delete", _in_turn(experiments.delete)),
    _api("POST", "/experiments/restore", _in_turn(experiments.restore)),
    _api("POST", "/experiments/update", _in_turn(experiments.update)),
    _api("POST", "/experiments/set-experiment-tag", _in_turn(experiments.set_tag)),
    _api("POST|DELETE", "/experiments/delete-experiment-tag", _in_turn(experiments.delete_tag)),
    _api("POST", "/runs/create", runs.create),
    _api("GET", "/runs/get", runs.get),
    _api("POST", "/runs/update", runs.update),
    _api("POST", "/runs/delete", runs.delete),
    _api("POST", "/runs/restore", runs.restore),
    _api("POST", "/runs/log-metric", runs.log_metric),
    _api("POST", "/runs/log-parameter", runs.log_parameter),
    _api("POST", "/runs/log-batch", runs.log_batch),
    _api("POST", "/runs/set-tag", runs.set_tag),
    _api("POST", "/runs/delete-tag", runs.delete_tag),
    _api("POST", "/runs/log-inputs", runs.log_inputs),
    _api("POST", "/runs/outputs", runs.log_outputs),
    _api("POST", "/runs/log-model", _in_turn(runs.log_model)),
    _api("POST", "/runs/search", runs.search),
    _api("GET", "/metrics/get-history", runs.history),
    _api("GET", "/metrics/get-history-bulk-interval", runs.history_of_several),
    _api("GET", "/artifacts/list", artifacts.list_of_run),
    _api("POST", "/logged-models", _in_turn(logged_models.create)),
    _api("POST", "/logged-models/search", logged_models.search),
    _api("GET", "/logged-models/{model_id}", logged_models.get),
    _api("PATCH", "/logged-models/{model_id}", _in_turn(logged_models.finish)),
    _api("DELETE", "/logged-models/{model_id}", _in_turn(logged_models.delete)),
    _api("PATCH", "/logged-models/{model_id}/tags", _in_turn(logged_models.set_tags)),
    _api("DELETE", "/logged-models/{model_id}/tags/{key}", _in_turn(logged_models.delete_tag)),
    _api("POST", "/logged-models/{model_id}/params", _in_turn(logged_models.log_params)),
    _api("GET", "/logged-models/{model_id}/artifacts/directories", logged_models.list_files),
    _api("POST", "/registered-models/create", registered_models.create),
    _api("GET", "/registered-models/get", registered_models.get),
    _api("GET", "/registered-models/search", registered_models.search),
    _api("GET|POST", "/registered-models/get-latest-versions", registered_models.latest),
    _api("PATCH", "/registered-models/update", registered_models.update),
    _api("DELETE", "/registered-models/delete", registered_models.delete),
    _api("POST", "/registered-models/set-tag", registered_models.set_tag),
    _api("DELETE", "/registered-models/delete-tag", registered_models.delete_tag),
    _api("POST", "/registered-models/alias", registered_models.set_alias),
    _api("DELETE", "/registered-models/alias", registered_models.delete_alias),
    _api("GET", "/registered-models/alias", registered_models.get_alias),
    _api("POST", "/model-versions/create", model_versions.create),
    _api("GET", "/model-versions/get", model_versions.get),
    _api("GET", "/model-versions/search", model_versions.search),
    _api("GET", "/model-versions/get-download-uri", model_versions.download_uri),
    _api("PATCH", "/model-versions/update", model_versions.update),
    _api("POST", "/model-versions/transition-stage", model_versions.transition),
    _api("DELETE", "/model-versions/delete", model_versions.delete),
    _api("POST", "/model-versions/set-tag", model_versions.set_tag),
    _api("DELETE", "/model-versions/delete-tag", model_versions.delete_tag),
    Route(("GET",), f"{PROXY}/artifacts", artifacts.list_of_proxy),
    Route(("DELETE",), f"{FILES}{{path}}", artifacts.remove),
    Route(("POST",), f"{PROXY}/mpu/create/{{path}}", artifacts.in_one_piece),
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
