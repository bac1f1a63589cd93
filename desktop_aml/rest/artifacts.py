"""Routes about files: listings, and the proxy that takes and gives them. The server alone decides where bytes lie."""

from __future__ import annotations

import re
from typing import IO, Final

from desktop_aml.domain.registry import ModelVersion
from desktop_aml.rest import messages
from desktop_aml.rest.asking import Asked
from desktop_aml.rest.errors import INVALID, MISSING, RestError
from desktop_aml.workspace.tracking.artifacts import Entry, checked
from desktop_aml.workspace.tracking.models import places
from desktop_aml.workspace.tracking.tracker import Tracker

_OF_RUN: Final = re.compile(
    r"(?P<experiment>[\w-]{1,64})/(?P<run>[\w.-]{1,256})/artifacts(?:/(?P<path>.*))?", re.DOTALL
)
_OF_MODEL: Final = re.compile(
    r"(?P<experiment>[\w-]{1,64})/models/(?P<model>m-[0-9a-f]{32})/artifacts(?:/(?P<path>.*))?", re.DOTALL
)


_OF_VERSION: Final = re.compile(
    r"registry/(?P<name>[^/]{1,255})/(?P<version>\d{1,9})/artifacts(?:/(?P<path>.*))?", re.DOTALL
)


def _version_at(tracker: Tracker, path: str) -> tuple[ModelVersion, str] | None:
    found = _OF_VERSION.fullmatch(path)
    if found is None:
        return None
    _, version = tracker.registry.version(found["name"], int(found["version"]))
    return version, checked(found["path"] or "")


def place_of(tracker: Tracker, path: str) -> tuple[str, str]:
    """Return the run that a path of the proxy means, and the path among its outputs.

    Raises
    ------
    RestError
        When it means no run's files.
    """
    found = _OF_MODEL.fullmatch(path)
    if found is not None:
        model = tracker.model(found["model"])
        return model.run_id, f"{model.place}/{checked(found['path'] or '')}".rstrip("/")
    found = _OF_RUN.fullmatch(path)
    if found is None:
        raise RestError(INVALID, f"Invalid path: {path[:100]!a}")
    tracker.run(found["run"])
    return found["run"], checked(found["path"] or "")


def _of_run_alone(tracker: Tracker, run_id: str, path: str) -> tuple[Entry, ...]:
    """Return what lies in a folder of a run besides its logged models: a client of MLflow 3 adds those by itself."""
    of_models = places(tracker.run(run_id))
    if path.partition("/")[0] in of_models:
        return ()
    return tuple(one for one in tracker.artifacts.list(run_id, path) if path or one.name not in of_models)


def list_of_run(asked: Asked) -> messages.Message:
    """Return what lies in a folder of a run; paths begin at the run's root."""
    run = asked.tracker.run(asked.arguments.text("run_id", "") or asked.arguments.text("run_uuid"))
    path = checked(asked.arguments.text("path", ""))
    experiment = asked.tracker.experiments.ids()(run.experiment)
    found = [_file(one, f"{path}/" if path else "") for one in _of_run_alone(asked.tracker, run.run_id, path)]
    return {"root_uri": messages.artifact_root(experiment, run.run_id), "files": found}


def list_of_proxy(asked: Asked) -> messages.Message:
    """Return what lies in a folder of the proxy; paths begin at that folder."""
    path = asked.arguments.text("path", "")
    if not path:
        return {}
    tracker, path = asked.tracker, path.rstrip("/")
    registered = _version_at(tracker, path)
    if registered is not None:
        entries = tracker.artifacts.list_version(*registered)
    elif _OF_MODEL.fullmatch(path):
        entries = tracker.artifacts.list(*place_of(tracker, path))
    else:
        entries = _of_run_alone(tracker, *place_of(tracker, path))
    found = [_file(one, "") for one in entries]
    return {"files": found} if found else {}


def opened(tracker: Tracker, path: str) -> IO[bytes]:
    """Open the file at a path of the proxy.

    Raises
    ------
    RestError
        When there is none: a client then looks for a logged model.
    """
    registered = _version_at(tracker, path)
    if registered is not None:
        found = tracker.artifacts.open_version(*registered)
    else:
        found = tracker.artifacts.open(*place_of(tracker, path))
    if found is None:
        raise RestError(MISSING, f"No such artifact: '{path[-200:]}'")
    return found


def remove(asked: Asked) -> messages.Message:
    """Remove a file or folder."""
    run_id, inside = place_of(asked.tracker, asked.path["path"])
    asked.tracker.artifacts.remove(run_id, inside)
    return {}


def in_one_piece(asked: Asked) -> messages.Message:
    """Refuse to take a file in parts: a client that wants to sends it as a whole then, which has no limit here."""
    place_of(asked.tracker, asked.path["path"])
    raise RestError("NOT_IMPLEMENTED", "Files are taken as a whole: send it with PUT.")


def _file(one: Entry, prefix: str) -> messages.Message:
    if one.size_bytes is None:
        return {"path": prefix + one.name, "is_dir": True}
    return {"path": prefix + one.name, "is_dir": False, "file_size": one.size_bytes}
