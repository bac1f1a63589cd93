"""The routes of an endpoint: health, description, scoring.

Statuses, bodies and headers are those of the Azure ML inference HTTP server.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.registry import EndpointState
from desktop_aml.inside_model import predicting
from desktop_aml.inside_model.loading import SAVED_WITH, sayable
from desktop_aml.serving.config import EndpointConfig
from desktop_aml.serving.guard import Guard, Refusal, Route
from desktop_aml.serving.model_process import CRASHED, TIMED_OUT, ModelProcess
from desktop_aml.serving.request import Request
from desktop_aml.serving.rows import read_request
from desktop_aml.serving.schema import ModelSchema
from desktop_aml.serving.script_requests import (
    ScriptDescription,
    content_type,
    extra_headers,
    pack,
    script_swagger,
    unpack,
)
from desktop_aml.serving.strict_json import read_json
from desktop_aml.serving.swagger import swagger
from desktop_aml.serving.use import Tally

ROUTES: Final = {
    route.path: route
    for route in (
        Route("/", ("GET",), open_to_all=True),
        Route("/swagger.json", ("GET",), open_to_all=True),
        Route("/score", ("GET", "POST", "OPTIONS"), takes_body=True),
    )
}
_RUN_FAILED: Final = ("x-ms-run-function-failed", "True")
_SWAGGER_VERSIONS: Final = {"2": 2, "3": 3}

log = logging.getLogger(__name__)


class App:
    """Answers requests that passed the guard.

    Parameters
    ----------
    model : ModelProcess
        Where rows are scored.
    """

    def __init__(self, config: EndpointConfig, model: ModelProcess, scoring_uri: str) -> None:
        self._config = config
        self._model = model
        self._uri = scoring_uri
        self._answer_of: dict[str, Callable[[Request], None]] = {
            "/": self._health,
            "/swagger.json": self._swagger,
            "/score": self._score,
        }
        self._label = ("x-desktop-aml-model", config.model.encode("ascii", "replace").decode("ascii"))
        self.state = EndpointState.TRANSITIONING
        self.schema: ModelSchema | None = None
        self.script: ScriptDescription | None = None
        self.use = Tally(time.time)

    def guard(self, port: int, config: EndpointConfig) -> Guard:
        """Return the guard in force for a configuration."""
        keys = tuple(key.encode() for key in config.keys) if config.auth_enabled else ()
        score = replace(ROUTES["/score"], any_type=config.script is not None)
        return Guard(port, {**ROUTES, score.path: score}, keys, config.max_body_bytes)

    def handle(self, request: Request) -> None:
        """Answer one request that passed the guard. The HTTP boundary: it never raises."""
        try:
            self._answer_of[request.route.path if request.route else "/"](request)
        except Refusal as refusal:
            self.refuse(request, refusal)
        except InvalidInput as error:
            self.refuse(request, Refusal(400, error.message))
        except Exception:
            log.exception("A request could not be answered.")
            self.refuse(request, Refusal(500, "The endpoint failed on this request; its log has the details."))

    def refuse(self, request: Request, refusal: Refusal) -> None:
        """Answer with a refusal and log it."""
        body = msgspec.json.encode({"message": sayable(refusal.message)})
        request.respond(refusal.status, body, headers=(*refusal.headers, self._label))
        self._count(request, refusal.status)
        path = request.target.partition(b"?")[0][:80].decode("latin-1")
        log.warning(
            "%d %s %r [%s] %s",
            refusal.status,
            request.method[:20] or "-",
            path,
            request.request_id.decode(),
            refusal.message[:300],
        )

    def _count(self, request: Request, status: int) -> None:
        self.use.count(status, time.perf_counter() - request.begun, request.rows)

    def _health(self, request: Request) -> None:
        healthy = self.state is EndpointState.HEALTHY
        request.respond(200 if healthy else 503, str(self.state).encode(), "text/plain; charset=utf-8", (self._label,))

    def _swagger(self, request: Request) -> None:
        asked = parse_qs(request.target.partition(b"?")[2].decode("latin-1"), keep_blank_values=True)
        version = _SWAGGER_VERSIONS.get(asked.get("version", ["2"])[-1])
        if version is None:
            raise Refusal(404, "There is no such version of the description; ask for version=2 or version=3.")
        request.respond(200, msgspec.json.encode(self._document(version)), headers=(self._label,))

    def _document(self, version: int) -> dict[str, Any]:
        name = self._config.name
        if self.script is not None and self._config.script is not None:
            return script_swagger(self.script, Path(self._config.script.app), name, version, self._uri)
        if self.schema is None:
            raise _still_loading()
        return swagger(self.schema, name, version, self._uri)

    def _score(self, request: Request) -> None:
        if request.method == "OPTIONS":
            request.respond(200, b"", headers=(("Allow", "GET, POST, OPTIONS"), self._label))
            return
        if self.script is not None:
            self._model.submit(0, pack(request), lambda *answer: self._answer(request, "", *answer))
            return
        if self.schema is None:
            raise _still_loading()
        body = read_json(request.body) if request.method == "POST" else _query(request.target)
        method, table = read_request(body, self.schema)
        request.rows = table.rows
        self._model.submit(method, table, lambda *answer: self._answer(request, table.first_null, *answer))

    def _answer(self, request: Request, first_null: str, status: int, seconds: float, payload: bytes) -> None:
        """Send what the process answers, or that it cannot be sent: a boundary as `handle` is. It never raises."""
        try:
            self._send(request, first_null, status, seconds, payload)
        except Exception:
            log.exception("An answer could not be sent.")
            self.refuse(request, Refusal(500, "The endpoint failed on this answer; its log has the details."))

    def _send(self, request: Request, first_null: str, status: int, seconds: float, payload: bytes) -> None:
        took = ("x-ms-run-fn-exec-ms", f"{seconds * 1000:.3f}")
        if status == predicting.OK:
            request.respond(200, payload, headers=(took, self._label))
            self._count(request, 200)
            return
        if status == predicting.REPLY:
            self._pass_on(request, took, payload)
            return
        refusal = self._refusal_of(status, first_null, payload)
        refusal.headers += (took,)
        self.refuse(request, refusal)

    def _pass_on(self, request: Request, took: tuple[str, str], payload: bytes) -> None:
        """Send what a scoring script answers."""
        answer, body = unpack(payload)
        failed = (_RUN_FAILED,) if answer.failed else ()
        headers = (*extra_headers(answer), took, *failed, self._label)
        request.respond(answer.status, body, content_type(answer), headers)
        self._count(request, answer.status)
        if answer.failed:
            log.error("run() failed on the request %s.", request.request_id.decode())

    def _refusal_of(self, status: int, first_null: str, payload: bytes) -> Refusal:
        if status == CRASHED:
            return Refusal(503, "The model's process ended while it answered.", (_RUN_FAILED, ("Retry-After", "1")))
        if status == TIMED_OUT:
            return Refusal(500, f"Scoring timeout after {self._config.scoring_timeout_ms} ms.", (_RUN_FAILED,))
        if status == predicting.OUT_OF_MEMORY:
            limit = f" of {self._config.memory_in_gb:g} GB" if self._config.memory_in_gb else ""
            return Refusal(500, f"The model needs more memory than its limit{limit}.", (_RUN_FAILED,))
        complaint = msgspec.json.decode(payload, type=dict[str, str]) if payload else {}
        words = complaint.get("message", "")
        if status == predicting.BAD_INPUT:
            if first_null:
                return Refusal(400, f"{first_null} is null, and the model takes no missing values: {words}")
            return Refusal(400, f"The model refused the rows: {words}")
        if status == predicting.APART:
            return Refusal(400, words)
        if status == predicting.BAD_OUTPUT:
            return Refusal(500, words, (_RUN_FAILED,))
        return Refusal(
            500, f"The model failed on this request; the endpoint's log has the details.{self._age}", (_RUN_FAILED,)
        )

    @property
    def _age(self) -> str:
        """Return that the model was saved by another version of scikit-learn, when it was."""
        notes = self.schema.model.notes if self.schema else ()
        found = next((note for note in notes if note.startswith(SAVED_WITH)), "")
        return f" {found} Deploy it with an environment of its own version." if found else ""


def _still_loading() -> Refusal:
    return Refusal(503, "The model is being loaded.", (("Retry-After", "1"),))


def _query(target: bytes) -> dict[str, Any]:
    """Return the parameters of a GET, each read as JSON where it is JSON."""
    try:
        asked = parse_qs(target.partition(b"?")[2].decode("ascii"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise InvalidInput("The address is not UTF-8 text.") from error
    parameters: dict[str, Any] = {}
    for name, values in asked.items():
        if len(values) > 1:
            raise InvalidInput(f"The address names {name[:60]} twice.")
        try:
            parameters[name] = read_json(values[0].encode())
        except InvalidInput:
            if name == "data":
                raise
            parameters[name] = values[0]
    return parameters
