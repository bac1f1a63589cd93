"""The whole HTTP answer that a scoring script can give."""

import json

from azureml.contrib.services._headers import Headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_FROM_THE_SERVER = ("content-length", "connection", "transfer-encoding")


class AMLResponse(object):
    """An HTTP answer.

    Parameters
    ----------
    message : object
        Text or bytes to send as they are; with `json_str`, or for other values, what to send as JSON. The texts or
        bytes that a generator yields are sent as one answer, when it is through.
    status_code : int
        From 200 to 599.
    response_headers : dict
        Headers to send.
    json_str : bool
        Whether text is a value to send as JSON too.
    """

    def __init__(
        self, message: "Any", status_code: int, response_headers: "Any" = None, json_str: bool = False
    ) -> None:
        self.status_code = int(status_code)
        if not 200 <= self.status_code <= 599:
            raise ValueError("{} is no status of an answer: choose one from 200 to 599.".format(status_code))
        is_pieces = hasattr(message, "__next__")
        if is_pieces:
            pieces = [piece.encode("utf-8") if isinstance(piece, str) else bytes(piece) for piece in message]
            message = b"".join(pieces)
        is_json = (json_str and not is_pieces) or not isinstance(message, (str, bytes, bytearray))
        self.set_data(json.dumps(message) if is_json else message)
        self.headers = Headers({"Content-Type": "application/json" if is_json else "text/html; charset=utf-8"})
        for name, text in dict(response_headers or {}).items():
            if name.lower() not in _FROM_THE_SERVER:
                self.headers[name] = text

    def get_data(self, as_text: bool = False) -> "str | bytes":
        """Return the body, as text when wanted."""
        return self.data.decode("utf-8", "replace") if as_text else self.data

    def set_data(self, value: "str | bytes") -> None:
        """Replace the body."""
        self.data = value.encode("utf-8") if isinstance(value, str) else bytes(value)

    @property
    def mimetype(self) -> str:
        """Type of the body, without its parameters."""
        found: str = self.headers.get("content-type", "").partition(";")[0].strip()
        return found

    @mimetype.setter
    def mimetype(self, value: str) -> None:
        self.headers["Content-Type"] = value

    content_type = mimetype
