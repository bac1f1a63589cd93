"""Ask a scoring script: one HTTP request in, one HTTP answer out, as the Azure ML inference server does it.

A request is a header of JSON, ``{"method", "path", "query", "headers"}``, and the body as it came; an answer is a
header ``{"status", "headers", "failed"}`` and a body. Both headers come after their length. Python 3.6 or newer.
"""

import importlib
import json
import struct
import sys
import time
from typing import Any, Dict, List, Tuple
from urllib.parse import parse_qsl

from desktop_aml.inside_model.answers import as_json, check_size, plain
from desktop_aml.inside_model.loading import first_line
from desktop_aml.inside_model.predicting import ANSWER, METHODS, REPLY, Item, tell_trace
from desktop_aml.inside_model.scripting import REQUEST_HEADERS, Script, in_words, is_raised_in, trace

HEADER = struct.Struct("!I")
_JSON = [["content-type", "application/json"]]
Reply = Tuple[int, List[List[str]], bytes]
"""Status, headers, body."""


class BadRequest(Exception):
    """The client is at fault; `status` and the words tell how."""

    def __init__(self, status: int, message: str) -> None:
        Exception.__init__(self, message)
        self.status = status


class Caller:
    """Answers requests with a scoring script, one after the other."""

    methods = METHODS

    def __init__(self, script: Script) -> None:
        self.script = script

    def answer_all(self, items: List[Item]) -> bytes:
        """Return the answers to the items of a frame as bytes. Never raises."""
        return b"".join([self.answer(item) for item in items])

    def answer(self, item: Item) -> bytes:
        """Return the answer to one item as bytes. Never raises."""
        (size,) = HEADER.unpack_from(item[5])
        request = json.loads(item[5][HEADER.size : HEADER.size + size].decode("utf-8"))
        body = item[5][HEADER.size + size :]
        failed = False
        started = time.perf_counter()
        try:
            status, headers, content = self.call(request, body)
            check_size(len(content))
        except BadRequest as error:
            status, headers, content = error.status, _JSON, message(str(error))
        except BaseException as error:  # noqa: BLE001 - a script may raise anything; the next request must be answered
            failed = True
            status, headers, content = 500, _JSON, self.complain(error)
        seconds = time.perf_counter() - started
        head = json.dumps({"status": status, "headers": headers, "failed": failed}).encode("ascii")
        payload = HEADER.pack(len(head)) + head + content
        return ANSWER.pack(item[0], REPLY, seconds, len(payload)) + payload

    def complain(self, error: BaseException) -> bytes:
        """Put what the script raised into the log, and return what the client is told."""
        app = self.script.app
        try:
            sys.stderr.write("run() failed: {}\n{}\n".format(in_words(error, app), trace(error, app)))
        except Exception:  # noqa: BLE001 - the script may have closed or replaced where errors are printed
            tell_trace()
        if isinstance(error, MemoryError):
            return message("The scoring script needs more memory than its limit.")
        return message("The scoring script failed on this request; the endpoint's log has the details.")

    def call(self, request: Dict[str, Any], body: bytes) -> Reply:
        """Return what the script answers.

        Raises
        ------
        BadRequest
            When the request is not what ``run`` takes.
        """
        given = self.arguments(request, body)
        if self.script.wants_headers:
            given[REQUEST_HEADERS] = {_title(name): text for name, text in request["headers"].items()}
        try:
            result = self.script.run(**given)
        except ValueError as error:
            # The decorators convert what came before the script's own code begins: then the client is at fault.
            if self.script.decorated and not is_raised_in(error, self.script.app):
                raise BadRequest(400, first_line(error)) from error
            raise
        return as_reply(result)

    def arguments(self, request: Dict[str, Any], body: bytes) -> Dict[str, Any]:
        """Return what ``run`` is called with."""
        script = self.script
        if script.raw:
            module = importlib.import_module("azureml.contrib.services.aml_request")
            raw = module.AMLRequest(request["method"], request["path"], request["query"], request["headers"], body)
            return {script.parameters[0]: raw}
        if request["method"] == "GET":
            fields = query_fields(request["query"])
            return self.named(fields) if script.decorated else {script.parameters[0]: json.dumps(fields)}
        if script.decorated:
            kind = request["headers"].get("content-type", "").partition(";")[0].strip().lower()
            if kind != "application/json":
                raise BadRequest(415, "The body must be application/json.")
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadRequest(400, "The body is not UTF-8 text (byte {}).".format(error.start)) from error
        return self.named(read_object(text)) if script.decorated else {script.parameters[0]: text}

    def named(self, fields: Dict[str, Any]) -> Dict[str, Any]:
        """Return the fields, after looking whether they are the ones that ``run`` takes."""
        takes = "The endpoint takes {}.".format(", ".join(self.script.parameters))
        for name in self.script.required:
            if name not in fields:
                raise BadRequest(400, "Missing parameter: {}. {}".format(name, takes))
        for name in fields:
            if name not in self.script.parameters:
                raise BadRequest(400, "Unknown parameter: {}. {}".format(name[:60], takes))
        return fields


def read_object(text: str) -> Dict[str, Any]:
    """Return the JSON object in the body of a request."""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRequest(400, "The body is not valid JSON: {}.".format(first_line(error))) from error
    if not isinstance(fields, dict):
        raise BadRequest(400, "The body must be a JSON object, not {}.".format(type(fields).__name__))
    return fields


def query_fields(query: str) -> Dict[str, Any]:
    """Return the parameters of an address, each read as JSON where it is JSON; one that is repeated is a list."""
    found: Dict[str, List[Any]] = {}
    for name, text in parse_qsl(query, keep_blank_values=True):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = text
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def as_reply(result: Any) -> Reply:
    """Return the answer that a script's own response object stands for, else the result as JSON."""
    if hasattr(result, "status_code") and hasattr(result, "get_data") and hasattr(result, "headers"):
        headers = [[str(name), str(text)] for name, text in result.headers.items()]
        return int(result.status_code), headers, bytes(result.get_data())
    return 200, _JSON, encode({} if result is None else result)


def encode(result: Any) -> bytes:
    """Return the JSON bytes of a result; numpy's and pandas' values become lists and numbers, odd numbers null."""
    try:
        return json.dumps(plain(result), allow_nan=False, separators=(",", ":")).encode("ascii")
    except (ValueError, TypeError):
        return json.dumps(as_json(result), default=_refuse, separators=(",", ":")).encode("ascii")


def _refuse(value: Any) -> Any:
    raise TypeError("The result of run() holds a {}, which is no JSON.".format(type(value).__name__))


def message(words: str) -> bytes:
    """Return the JSON bytes that tell a client what is wrong."""
    return json.dumps({"message": words}).encode("ascii")


def _title(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))
