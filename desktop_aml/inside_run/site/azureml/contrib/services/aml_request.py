"""``@rawhttp`` and the request that a function so marked gets."""

import functools
import io
import json
from email.parser import BytesParser
from email.policy import HTTP
from email.utils import collapse_rfc2231_value
from urllib.parse import parse_qsl

from azureml.contrib.services._headers import Headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any


def rawhttp(func: "Callable[..., Any]") -> "Callable[..., Any]":
    """Have ``run`` take the whole HTTP request, as an `AMLRequest`, and give an `AMLResponse` or a value."""

    @functools.wraps(func)
    def with_request(*args: "Any", **kwargs: "Any") -> "Any":
        return func(*args, **kwargs)

    with_request.takes_raw_http = True  # type: ignore[attr-defined]  # whoever calls it looks for this mark
    return with_request


class Arguments(dict):  # type: ignore[type-arg]  # what it holds cannot be named before Python 3.9
    """Parameters by name: the first value, or all of them with `getlist`."""

    def __init__(self, pairs: "Iterable[tuple[str, Any]]") -> None:
        self._pairs = list(pairs)
        dict.__init__(self, reversed(self._pairs))

    def getlist(self, name: str) -> "list[Any]":
        """Return every value of a parameter."""
        return [value for known, value in self._pairs if known == name]


class UploadedFile(io.BytesIO):
    """A file in a form."""

    def __init__(self, content: bytes, filename: str, content_type: str) -> None:
        io.BytesIO.__init__(self, content)
        self.filename = filename
        self.content_type = self.mimetype = content_type

    @property
    def stream(self) -> "UploadedFile":
        """The file itself."""
        return self

    def save(self, target: str) -> None:
        """Write the file to a path."""
        with open(target, "wb") as out:
            out.write(self.getvalue())


def _text(parameter: "Any") -> str:
    """Return a parameter of a header, which may be written in parts, with its encoding and language (RFC 2231)."""
    return "" if parameter is None else collapse_rfc2231_value(parameter)


class AMLRequest(object):
    """One HTTP request.

    Parameters
    ----------
    path : str
        Path of the address, without the query.
    query : str
        What stands after the question mark.
    body : bytes
        As it came.
    """

    def __init__(self, method: str, path: str, query: str, headers: "Any", body: bytes) -> None:
        self.method = method
        self.path = path
        self.query_string = query.encode("ascii", "replace")
        self.full_path = path + "?" + query
        self.headers = Headers(headers)
        self.host = self.headers.get("host", "")
        self.base_url = "http://" + self.host + path
        self.url = self.base_url + ("?" + query if query else "")
        self.args = Arguments(parse_qsl(query, keep_blank_values=True))
        self.data = body
        self.content_length = len(body)
        self.content_type = self.headers.get("content-type", "")
        self.mimetype = self.content_type.partition(";")[0].strip().lower()
        self.stream = io.BytesIO(body)
        self._parts: "tuple[Arguments, Arguments] | None" = None

    def get_data(self, cache: bool = True, as_text: bool = False, parse_form_data: bool = False) -> "str | bytes":  # noqa: ARG002 - the original's signature
        """Return the body, as text when wanted."""
        return self.data.decode("utf-8", "replace") if as_text else self.data

    @property
    def is_json(self) -> bool:
        """Whether the body says that it is JSON."""
        return bool(self.mimetype == "application/json" or self.mimetype.endswith("+json"))

    @property
    def json(self) -> "Any":
        """The value in a JSON body."""
        return self.get_json()

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> "Any":  # noqa: ARG002 - the original's signature
        """Return the value in a JSON body; None when the body is something else and `force` is not given."""
        if not (force or self.is_json):
            return None
        try:
            return json.loads(self.data.decode("utf-8"))
        except ValueError:
            if silent:
                return None
            raise

    @property
    def form(self) -> "Arguments":
        """The fields of a form."""
        return self._read_form()[0]

    @property
    def files(self) -> "Arguments":
        """The files of a form."""
        return self._read_form()[1]

    @property
    def values(self) -> "dict[str, Any]":
        """Parameters of the address and fields of a form together."""
        return dict(self.form, **self.args)

    def _read_form(self) -> "tuple[Arguments, Arguments]":
        if self._parts is None:
            fields: "list[tuple[str, Any]]" = []
            files: "list[tuple[str, Any]]" = []
            if self.mimetype == "application/x-www-form-urlencoded":
                fields = parse_qsl(self.get_data(as_text=True), keep_blank_values=True)
            elif self.mimetype == "multipart/form-data":
                head = "Content-Type: {}\r\n\r\n".format(self.content_type).encode("latin-1")
                for part in BytesParser(policy=HTTP).parsebytes(head + self.data).iter_parts():
                    name, filename = (part.get_param(key, header="content-disposition") for key in ("name", "filename"))
                    payload = part.get_payload(decode=True)
                    content = payload if isinstance(payload, bytes) else b""  # a part may hold parts in its turn
                    key = _text(name)
                    if filename is None:
                        fields.append((key, content.decode("utf-8", "replace")))
                    else:
                        files.append((key, UploadedFile(content, _text(filename), part.get_content_type())))
            self._parts = Arguments(fields), Arguments(files)
        return self._parts
