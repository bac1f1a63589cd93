"""Send data to a web service of this computer, and read its answer."""

import json
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from azureml.exceptions import WebserviceException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def post(uri: str, data: "Any", headers: "dict[str, str]") -> "Any":
    """Return what the service answers to `data`: a JSON value, or text where it is none.

    Raises
    ------
    WebserviceException
        When it refuses, fails or is not there.
    """
    payload = data.encode() if isinstance(data, str) else data
    if not isinstance(payload, (bytes, bytearray)):
        payload = json.dumps(data).encode()
    # The address is the one that Desktop AML gave for its own service of this computer.
    request = Request(uri, payload, headers)  # noqa: S310
    try:
        # A proxy of the user's network does not know this computer's services.
        with build_opener(ProxyHandler({})).open(request) as answer:
            text = answer.read().decode()
    except HTTPError as error:
        body = error.read().decode(errors="replace")
        raise WebserviceException(
            "Received bad response from service:\nResponse Code: {}\nHeaders: {}\nContent: {}".format(
                error.code, dict(error.headers), body
            ),
            error.code,
        ) from None
    except URLError as error:
        raise WebserviceException("The service at {} cannot be reached: {}.".format(uri, error.reason)) from None
    try:
        return json.loads(text)
    except ValueError:
        return text
