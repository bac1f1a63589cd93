"""Routes about files: listings, and the proxy that takes and gives them. The server alone decides where bytes lie."""

from __future__ import annotations

import mimetypes
import re
from typing import IO, Final
from urllib.parse import quote

from desktop_aml.domain.registry import ModelVersion
from desktop_aml.rest import messages
from desktop_aml.rest.arguments import Arguments
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


OF_RUNS: Final = "/get-artifact"
OF_VERSIONS: Final = "/model-versions/get-artifact"
UPLOAD: Final = frozenset({"/api/2.0/mlflow/upload-artifact", "/ajax-api/2.0/mlflow/upload-artifact"})

_TEXTS: Final = frozenset(
    (
        *("MLmodel", "cf", "cfg", "cnf", "conf", "csv", "err", "hocon", "ini", "ipynb", "js", "json", "log", "md"),
        *("mlproject", "prop", "properties", "py", "py3", "rst", "toml", "tsv", "txt", "xml", "yaml", "yml"),
    )
)
"""Endings, and names without one, of files that people read: text for MLflow's own pages."""
_UNFIT_FOR_HEADERS: Final = re.compile(r"[^\w!#$%&+\-.^`|~]", re.ASCII)


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


def _without_dot(path: str) -> str:
    """Return a path without a dot that stands for the whole root, as clients write it: ``.`` alone is all files."""
    root, mark, below = path.partition("/artifacts/.")
    return "" if path == "." else f"{root}/artifacts{below}" if mark and below[:1] in {"", "/"} else path


def list_of_run(asked: Asked) -> messages.Message:
    """Return what lies in a folder of a run; paths begin at the run's root."""
    run = asked.tracker.run(asked.arguments.text("run_id", "") or asked.arguments.text("run_uuid"))
    path = checked(_without_dot(asked.arguments.text("path", "")))
    experiment = asked.tracker.experiments.ids()(run.experiment)
    found = [_file(one, f"{path}/" if path else "") for one in _of_run_alone(asked.tracker, run.run_id, path)]
    return {"root_uri": messages.artifact_root(experiment, run.run_id), "files": found}


def list_of_proxy(asked: Asked) -> messages.Message:
    """Return what lies in a folder of the proxy; paths begin at that folder."""
    path = asked.arguments.text("path", "")
    if not path:
        return {}
    tracker, path = asked.tracker, _without_dot(path.rstrip("/")).rstrip("/")
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


def named_place(tracker: Tracker, arguments: Arguments) -> tuple[str, str]:
    """Return the run and the path that an upload by one request names.

    Raises
    ------
    RestError
        When it names none.
    """
    for name in ("run_uuid", "path"):
        if not arguments.text(name, ""):
            raise RestError(INVALID, f"Request must specify {name}.")
    path = checked(arguments.text("path"))
    return tracker.run(arguments.text("run_uuid")).run_id, path


def opened_by_name(tracker: Tracker, place: str, arguments: Arguments) -> tuple[IO[bytes], str]:
    """Open a file of a run or of a version of a model that a query names; return its name, too."""
    path = checked(arguments.text("path"))
    if place == OF_VERSIONS:
        _, version = tracker.registry.version(arguments.text("name"), arguments.version())
        found = tracker.artifacts.open_version(version, path)
    else:
        run_id = arguments.text("run_id", "") or arguments.text("run_uuid")
        found = tracker.artifacts.open(tracker.run(run_id).run_id, path)
    if found is None:
        raise RestError(MISSING, f"No such artifact: '{path[-200:]}'")
    return found, path.rpartition("/")[2]


def told_of(name: str) -> tuple[str, str]:
    """Return type and disposition of a file that is sent: it is one to keep, whatever it is, and no page of ours."""
    ending = name.rpartition(".")[2]
    kind = "text/plain" if ending in _TEXTS else mimetypes.guess_type(name)[0] or "application/octet-stream"
    plain = _UNFIT_FOR_HEADERS.sub("_", name)
    shown = f"filename={plain}" if plain == name else f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return kind, f"attachment; {shown}"


def remove(asked: Asked) -> messages.Message:
    """Remove a file or folder."""
    run_id, inside = place_of(asked.tracker, asked.path["path"])
    asked.tracker.artifacts.remove(run_id, inside)
    return {}


def _file(one: Entry, prefix: str) -> messages.Message:
    if one.size_bytes is None:
        return {"path": prefix + one.name, "is_dir": True}
    return {"path": prefix + one.name, "is_dir": False, "file_size": one.size_bytes}
