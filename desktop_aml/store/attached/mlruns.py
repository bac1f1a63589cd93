"""The folder of MLflow's file store (``mlruns``): a folder for each experiment, in it one for each run."""

from __future__ import annotations

import io
import math
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from desktop_aml.domain.errors import StorageError
from desktop_aml.domain.metrics import Point
from desktop_aml.domain.runs import RunState
from desktop_aml.store.attached.mlflow_database import local_folder
from desktop_aml.store.attached.values import MOST_RUNS, STATES, Kind, SourceRun, clipped
from desktop_aml.system.files import read_regular

_META: Final = "meta.yaml"
_LARGEST_META, _LARGEST_VALUE, _LARGEST_CURVE = 1 << 16, 1 << 16, 1 << 28
_MOST_FILES, _DEEPEST = 10_000, 8
_LINE: Final = re.compile(r"([A-Za-z_]+):(?: (.*))?")
_NUMBERED: Final = {"1": "RUNNING", "2": "SCHEDULED", "3": "FINISHED", "4": "FAILED", "5": "KILLED"}
_TRASH: Final = ".trash"


def _is_one(path: Path) -> bool:
    return any(_folders(path)) and any((one / _META).is_file() for one in (*_folders(path), *_folders(path / _TRASH)))


def _runs(path: Path) -> Iterator[SourceRun]:
    if not path.is_dir():
        raise StorageError(f"“{path}” is gone.", "Put it back, or detach it: desktop-aml attach --detach NAME")
    count = 0
    for experiment in (*_folders(path), *_folders(path / _TRASH)):
        about = _meta(experiment / _META)
        if about is None:
            continue
        is_gone = about.get("lifecycle_stage") == "deleted"
        for place in _folders(experiment):
            run = _run(path, place, about.get("name") or experiment.name, is_gone=is_gone)
            if run is not None:
                count += 1
                if count > MOST_RUNS:
                    return
                yield run


def _run(root: Path, place: Path, experiment: str, *, is_gone: bool) -> SourceRun | None:
    about = _meta(place / _META)
    if about is None or ("run_id" not in about and "run_uuid" not in about):
        return None
    run_id = about.get("run_id") or about["run_uuid"]
    tags = {name: _text(file) for name, file in _files(place / "tags")}
    status = about.get("status", "")
    return SourceRun(
        key=place.relative_to(root).as_posix(),
        id=run_id,
        name=clipped(tags.get("mlflow.runName") or about.get("run_name") or about.get("name") or run_id),
        experiment=clipped(experiment),
        state=STATES.get(_NUMBERED.get(status, status), RunState.RUNNING),
        created_at=_seconds(about.get("start_time")) or 0.0,
        ended_at=_seconds(about.get("end_time")),
        script=tags.get("mlflow.source.name", ""),
        parent=tags.get("mlflow.parentRunId", ""),
        note=tags.get("mlflow.note.content", ""),
        deleted=is_gone or about.get("lifecycle_stage") == "deleted",
        tags=tags,
        parameters={name: _text(file) for name, file in _files(place / "params")},
        curves=((name, _curve(file)) for name, file in _files(place / "metrics")),
        # A folder that was moved still says where it was: its own files lie beside it.
        artifacts=str(place / "artifacts")
        if (place / "artifacts").is_dir()
        else local_folder(about.get("artifact_uri", ""), root),
    )


def _points(path: Path, key: str, name: str) -> list[Point]:
    place = path / key
    if not place.is_dir():
        raise StorageError(f"“{place}” is gone.", "Read the folder again: desktop-aml attach --refresh NAME")
    found = next((file for one, file in _files(place / "metrics") if one == name), None)
    return _curve(found) if found is not None else []


def _folders(path: Path) -> list[Path]:
    """Return the folders in a folder that are really there, by name; links lead elsewhere."""
    try:
        with os.scandir(path) as found:
            return sorted(path / one.name for one in found if one.is_dir(follow_symlinks=False))
    except OSError:
        return []


def _files(folder: Path) -> list[tuple[str, Path]]:
    """Return the files below a folder with their names: a name may have slashes in it."""
    found: list[tuple[str, Path]] = []
    waiting = [(folder, 0)]
    while waiting and len(found) < _MOST_FILES:
        place, depth = waiting.pop()
        try:
            with os.scandir(place) as entries:
                for one in entries:
                    path = place / one.name
                    if one.is_file(follow_symlinks=False):
                        found.append((path.relative_to(folder).as_posix(), path))
                    elif one.is_dir(follow_symlinks=False) and depth < _DEEPEST:
                        waiting.append((path, depth + 1))
        except OSError:
            continue
    return sorted(found)


def _text(path: Path) -> str:
    try:
        return clipped(read_regular(path, _LARGEST_VALUE).decode("utf-8", "replace"))
    except OSError:
        return ""


def _curve(path: Path) -> list[Point]:
    """Return the points of a file of lines ``timestamp value step``; those that are none are left out."""
    points: list[Point] = []
    try:
        lines = read_regular(path, _LARGEST_CURVE).splitlines()
    except OSError:
        return points
    for line in lines:
        words = line.split()
        try:
            at, value = int(words[0]) / 1000, float(words[1])
            step = int(words[2]) if len(words) > 2 else 0
        except (ValueError, IndexError, OverflowError):
            continue
        points.append(Point(len(points), value if not math.isnan(value) else math.nan, step, at))
    return points


def _meta(path: Path) -> dict[str, str] | None:
    """Return what a ``meta.yaml`` says: one line for each name; None where it is none."""
    try:
        text = read_regular(path, _LARGEST_META).decode("utf-8", "replace")
    except OSError:
        return None
    found: dict[str, str] = {}
    for line in text.splitlines():
        if (match := _LINE.fullmatch(line)) is not None:
            found[match[1]] = _scalar((match[2] or "").strip())
    return found


def _scalar(text: str) -> str:
    if text[:1] in {"'", '"'}:
        # Imported here: most values are plain, and it loads much.
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError

        try:
            return str(YAML(typ="safe", pure=True).load(io.StringIO(text)))
        except YAMLError:
            return text
    return "" if text in {"null", "~"} else text


def _seconds(milliseconds: str | None) -> float | None:
    try:
        return int(milliseconds or "") / 1000
    except (ValueError, OverflowError):
        return None


MLRUNS: Final = Kind("mlruns folder", _is_one, _runs, _points)
