"""The channel: what a running script asks of the engine, through files in its own run folder."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from desktop_aml.domain.errors import DesktopAMLError, InvalidInput
from desktop_aml.domain.names import storable
from desktop_aml.domain.registry import ModelVersion
from desktop_aml.domain.replies import failure, success
from desktop_aml.domain.requests import RegisterModel
from desktop_aml.domain.values import dataclass
from desktop_aml.engine.core import spool
from desktop_aml.engine.core.boundary import boundary
from desktop_aml.engine.core.context import Desk, Failed
from desktop_aml.engine.registry.models import ModelFlow
from desktop_aml.store import requests
from desktop_aml.system.files import is_own_folder, read_regular, write_durably

_log = logging.getLogger(__name__)
_MAX_BYTES = 1 << 20
_CALL_THREADS = 2

Answer = Callable[[str, Mapping[str, Any]], object]
"""Carries out a call by its name and JSON values, and returns a JSON value; may be slow, and may ask the engine."""


def no_answer(method: str, _: Mapping[str, Any]) -> object:
    """Refuse a call, where nothing stands behind the engine that could answer it."""
    raise InvalidInput(f"Nothing here answers the call “{method}”.")


class Channel:
    """Answers the requests of running scripts, each once."""

    def __init__(self, desk: Desk, models: ModelFlow, answer: Answer = no_answer) -> None:
        self._desk = desk
        self._models = models
        self._answer = answer
        # Not the desk's workers: a call may wait for the engine, and the engine waits for its workers when it ends.
        self._callers = ThreadPoolExecutor(_CALL_THREADS, thread_name_prefix="call")
        self._under_way: set[Path] = set()

    def close(self) -> None:
        """Answer no more calls; one under way loses its reply and is asked again of the next engine."""
        self._callers.shutdown(wait=False, cancel_futures=True)

    def look(self, run_id: str) -> None:
        """Carry out what the script of one run asks for."""
        folder = self._desk.folder.run(run_id) / "requests"
        if not is_own_folder(folder):
            return  # replies would be written wherever it leads
        try:
            with os.scandir(folder) as entries:
                names = {entry.name for entry in entries}
        except FileNotFoundError:
            return
        except OSError as error:
            _log.debug("The requests of %s cannot be looked at: %s", run_id, error)
            return
        for name in sorted(names):
            if spool.is_request(name) and name.removesuffix(".json") + ".reply.json" not in names:
                self._carry_out(run_id, folder / name)

    def _carry_out(self, run_id: str, path: Path) -> None:
        if path in self._under_way:
            return
        request_id = f"{run_id}/{storable(path.stem)}"
        stored = requests.reply_to(self._desk.db, request_id)
        if stored is not None:
            _reply(path, stored)
            return
        try:
            request = _read(run_id, path)
        except FileNotFoundError:
            return  # the script has its reply already and removed both files
        except DesktopAMLError as error:
            _reply(path, failure(error))
            return
        self._under_way.add(path)
        if isinstance(request, _Call):
            self._call(request, path)
        else:
            self._register(request, path, request_id)

    def _call(self, call: _Call, path: Path) -> None:
        future = self._callers.submit(self._answer, call.method, call.body)

        def answered(done: Future[object]) -> None:
            if done.cancelled():
                return
            error = done.exception()
            if error is not None and not isinstance(error, DesktopAMLError):
                _log.error("The call %s failed unexpectedly.", call.method, exc_info=error)
            _reply(path, failure(error) if error is not None else success(done.result()))
            # On the engine's own thread, which alone looks for requests.
            self._desk.put(lambda: self._under_way.discard(path))

        future.add_done_callback(answered)

    def _register(self, request: RegisterModel, path: Path, request_id: str) -> None:
        def answered(result: ModelVersion | Failed) -> None:
            self._under_way.discard(path)
            if isinstance(result, Failed):
                _reply(path, failure(result.error))
                return
            reply = success({"name": result.name, "version": result.version})
            requests.keep(self._desk.db, request_id, reply, self._desk.now())
            self._desk.afterwards(lambda: _reply(path, reply))

        def refuse(error: Exception) -> None:
            answered(Failed(self._desk.in_words(error)))

        with boundary(self._desk.folder.root, refuse):
            self._models.register(request, answered)


@dataclass(frozen=True, slots=True)
class _Call:
    """A call for `Answer`."""

    method: str
    body: Mapping[str, Any]


def _read(run_id: str, path: Path) -> RegisterModel | _Call:
    try:
        data = read_regular(path, _MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise InvalidInput("The request of the script is too large.")
        envelope = json.loads(data)
        kind, body = envelope["kind"], envelope["body"]
        if kind == "call":
            return _Call(str(body["method"]), dict(body["body"]))
        if kind == "register_model":
            return RegisterModel(
                name=str(body["model_name"]),
                run_id=run_id,
                path=str(body.get("model_path") or body["model_name"]),
                framework=str(body.get("model_framework") or ""),
                framework_version=str(body.get("model_framework_version") or ""),
                description=str(body.get("description") or ""),
                tags=_labels(body.get("tags")),
                properties=_labels(body.get("properties")),
                cpu=_number(body.get("cpu")),
                memory_in_gb=_number(body.get("memory_in_gb")),
            )
    except FileNotFoundError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError, OSError) as error:
        raise InvalidInput(f"The request of the script cannot be read: {error}") from error
    raise InvalidInput(f"A script cannot ask for “{kind}”.")


def _labels(found: Any) -> dict[str, str]:
    return {str(key): str(value) for key, value in (found or {}).items()}


def _number(found: Any) -> float | None:
    return None if found is None else float(found)


def _reply(request: Path, text: str) -> None:
    try:
        write_durably(request.with_name(f"{request.stem}.reply.json"), text.encode())
    except OSError as error:
        _log.warning("The reply to %s could not be written: %s", request, error)
