"""``@rawhttp`` and the request that a function so marked gets."""

import functools
import io
import json
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from azureml.contrib.services._headers import Headers


def rawhttp(func):
    """Have ``run`` take the whole HTTP request, as an `AMLRequest`, and give an `AMLResponse` or a value."""

    @functools.wraps(func)
    def with_request(*args, **kwargs):
        return func(*args, **kwargs)

    with_request.takes_raw_http = True
    return with_request


class Arguments(dict):
    """Parameters by name: the first value, or all of them with `getlist`."""

    def __init__(self, pairs):
        self._pairs = list(pairs)
        dict.__init__(self, reversed(self._pairs))

    def getlist(self, name):
        """Return every value of a parameter."""
        return [value for known, value in self._pairs if known == name]


class UploadedFile(io.BytesIO):
    """A file in a form."""

    def __init__(self, content, filename, content_type):
        io.BytesIO.__init__(self, content)
        self.filename = filename
        self.content_type = self.mimetype = content_type

    @property
    def stream(self):
        """The file itself."""
        return self

    def save(self, target):
        """Write the file to a path."""
        with open(target, "wb") as out:
            out.write(self.getvalue())


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

    def __init__(self, method, path, query, headers, body):
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
        self._parts = None

    def get_data(self, cache=True, as_text=False, parse_form_data=False):  # noqa: ARG002 - the original's signature
        """Return the body, as text when wanted."""
        return self.data.decode("utf-8", "replace") if as_text else self.data

    @property
    def is_json(self):
        """Whether the body says that it is JSON."""
        return self.mimetype == "application/json" or self.mimetype.endswith("+json")

    @property
    def json(self):
        """The value in a JSON body."""
        return self.get_json()

    def get_json(self, force=False, silent=False, cache=True):  # noqa: ARG002 - the original's signature
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
    def form(self):
        """The fields of a form."""
        return self._read_form()[0]

    @property
    def files(self):
        """The files of a form."""
        return self._read_form()[1]

    @property
    def values(self):
        """Parameters of the address and fields of a form together."""
        return dict(self.form, **self.args)

    def _read_form(self):
        if self._parts is None:
            fields, files = [], []
            if self.mimetype == "application/x-www-form-urlencoded":
                fields = parse_qsl(self.get_data(as_text=True), keep_blank_values=True)
            elif self.mimetype == "multipart/form-data":
                head = "Content-Type: {}\r\n\r\n".format(self.content_type).encode("latin-1")
                for part in BytesParser(policy=HTTP).parsebytes(head + self.data).iter_parts():
                    name, filename = (part.get_param(key, header="content-disposition") for key in ("name", "filename"))
                    content = part.get_payload(decode=True)
                    if filename is None:
                        fields.append((name, content.decode("utf-8", "replace")))
                    else:
                        files.append((name, UploadedFile(content, filename, part.get_content_type())))
            self._parts = Arguments(fields), Arguments(files)
        return self._parts
