"""Rows like those a model was trained on, when its run kept some: they sharpen what its endpoint says it takes."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from desktop_aml.domain.registry import ModelVersion
from desktop_aml.engine.core.context import Desk
from desktop_aml.store import runs

SAMPLE_NAMES: Final = ("sample_input.json", "input_example.json")
"""File names that are looked for, the first one first. The second is what MLflow writes beside a model."""


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
