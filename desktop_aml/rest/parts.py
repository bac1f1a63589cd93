"""Routes about files in parts: a client sends or fetches each part at the address that it is told."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from desktop_aml.rest import messages
from desktop_aml.rest.arguments import Arguments
from desktop_aml.rest.artifacts import opened, place_of
from desktop_aml.rest.asking import Asked
from desktop_aml.rest.errors import INVALID, RestError
from desktop_aml.workspace.tracking.tracker import Tracker


def create(base: str) -> Callable[[Asked], messages.Message]:
    """Return the route that begins an upload.

    Parameters
    ----------
    base : str
        What the addresses of parts begin with. Nobody is asked for them but with what the client showed here.
    """

    def answered(asked: Asked) -> messages.Message:
        path = _path(asked)
        count = asked.arguments.whole("num_parts", 1) or 0
        upload = asked.tracker.parts.begin(*place_of(asked.tracker, path), count)
        address = f"http://{asked.host}{base}{quote(path)}?upload_id={upload}&part_number="
        headers = {"Authorization": asked.authorization}
        parts = [{"url": f"{address}{one}", "part_number": one, "headers": headers} for one in range(1, count + 1)]
        return {"upload_id": upload, "credentials": parts}

    return answered


def complete(asked: Asked) -> messages.Message:
    """Join the parts to the file."""
    named = [(_number(one), one.text("etag").strip('"')) for one in asked.arguments.parts("parts")]
    run_id, inside = place_of(asked.tracker, _path(asked))
    asked.tracker.parts.complete(run_id, inside, asked.arguments.text("upload_id"), named)
    asked.tracker.uploaded(run_id)
    return {}


def abort(asked: Asked) -> messages.Message:
    """Give an upload up."""
    asked.tracker.parts.abort(*place_of(asked.tracker, _path(asked)), asked.arguments.text("upload_id"))
    return {}


def whole(base: str) -> Callable[[Asked], messages.Message]:
    """Return the route that tells a client from where it can have a file, also a part of it.

    Parameters
    ----------
    base : str
        What the addresses of files begin with.
    """

    def answered(asked: Asked) -> messages.Message:
        path = asked.path["path"]
        with opened(asked.tracker, path) as found:
            size = found.seek(0, 2)
        headers = {"Authorization": asked.authorization}
        return {"url": f"http://{asked.host}{base}{quote(path)}", "headers": headers, "file_size": size}

    return answered


def place_of_part(tracker: Tracker, path: str, named: Arguments) -> tuple[str, str, str, int]:
    """Return the run, the path among its outputs, the upload and the number that the address of a part means."""
    return *place_of(tracker, path), named.text("upload_id"), _number(named)


def _path(asked: Asked) -> str:
    """Return the path of the file in the proxy: the name of the client's own file, in the folder of the address."""
    name = asked.arguments.text("path").rpartition("/")[2]
    return f"{asked.path['path'].rstrip('/')}/{name}"


def _number(named: Arguments) -> int:
    number = named.whole("part_number")
    if number is None:
        raise RestError(INVALID, "Missing value for required parameter 'part_number'.")
    return number
