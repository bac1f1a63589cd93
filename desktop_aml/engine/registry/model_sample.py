"""Rows like those a model was trained on, when its run kept some: they sharpen what its endpoint says it takes."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.registry import ModelVersion
from desktop_aml.engine.core.context import Desk
from desktop_aml.run_folder import snapshot
from desktop_aml.serving.data_files import ENDINGS
from desktop_aml.store import files_read, runs

SAMPLE_NAMES: Final = ("sample_input.json", "input_example.json")
"""File names that are looked for, the first one first. The second is what MLflow writes beside a model."""


_MOST_FILES: Final = 20


def sample_of(desk: Desk, models: tuple[ModelVersion, ...]) -> str:
    """Return the path of the sample rows that came with one model, or nothing.

    They are among the files of the model, else beside it in the outputs of its run, else at the top of the outputs.
    """
    if len(models) != 1:
        return ""
    model = models[0]
    beside = str(PurePosixPath(model.path).parent)
    kept = {file.path: file.sha256 for file in model.files}
    if model.run_id:
        kept |= {artifact.path: artifact.sha256 for artifact in runs.artifacts(desk.db, model.run_id)}
    for name in SAMPLE_NAMES:
        for place in (model.path, beside, "outputs"):
            found = kept.get(str(PurePosixPath(place) / name))
            if found:
                return str(desk.folder.blobs.path_of(found))
    return ""


def data_of(desk: Desk, models: tuple[ModelVersion, ...]) -> tuple[tuple[str, str], ...]:
    """Return name and path of the tables, as text, that the run of one model had: what it opened, then its source's."""
    if len(models) != 1 or not models[0].run_id:
        return ()
    run_id = models[0].run_id
    found = [(PurePosixPath(one.path).name, one.path) for one in files_read.of_run(desk.db, run_id)]
    try:
        source = snapshot.manifest(desk.folder.run(run_id))
    except DesktopAMLError:
        source = ()
    found += [(file.path, str(desk.folder.blobs.path_of(file.sha256))) for file in source]
    return tuple(one for one in found if one[0].lower().endswith(ENDINGS))[:_MOST_FILES]
