"""Sample rows are found where they lie, the nearest to the model first."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from desktop_aml.domain.registry import ModelVersion
from desktop_aml.domain.runs import Artifact
from desktop_aml.engine.registry import model_sample
from desktop_aml.store import runs
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder

RUN = (
    "INSERT INTO run (id, number, experiment, display_name, state, script, target, environment, created_at, parent)"
    " VALUES ('r', 1, 'e', 'x', 'Completed', 's.py', 'local', 'sklearn', 1, '')"
)


def model(*files: str, path: str = "outputs/m/model.pkl", run_id: str = "r") -> ModelVersion:
    return ModelVersion("m", 1, 0.0, run_id, path, files=tuple(Artifact(one, 1, digest(one)) for one in files))


def digest(path: str) -> str:
    return path.encode().hex().ljust(64, "0")[:64]


@pytest.fixture
def desk(folder: WorkspaceFolder) -> Iterator[Any]:
    with Database(folder.database, read_only=False) as db:
        with db.transaction():
            db.run(RUN)
        yield SimpleNamespace(db=db, folder=folder)


@pytest.mark.parametrize(
    ("left", "of_model", "found"),
    [
        ((), (), ""),
        (("outputs/sample_input.json",), (), "outputs/sample_input.json"),
        (("outputs/sample_input.json", "outputs/m/sample_input.json"), (), "outputs/m/sample_input.json"),
        (("outputs/m/input_example.json", "outputs/sample_input.json"), (), "outputs/sample_input.json"),
        (("outputs/input_example.json",), (), "outputs/input_example.json"),
        (("elsewhere/sample_input.json",), (), ""),
        ((), ("outputs/m/model.pkl/sample_input.json",), "outputs/m/model.pkl/sample_input.json"),
    ],
)
def test_the_nearest_sample_of_a_model_is_found(
    desk: Any, left: tuple[str, ...], of_model: tuple[str, ...], found: str
) -> None:
    with desk.db.transaction():
        runs.replace_artifacts(desk.db, "r", [Artifact(one, 1, digest(one)) for one in left])
    wanted = str(desk.folder.blobs.path_of(digest(found))) if found else ""
    assert model_sample.sample_of(desk, (model(*of_model),)) == wanted


def test_no_model_and_several_have_no_sample(desk: Any) -> None:
    one = model("outputs/m/sample_input.json")
    assert model_sample.sample_of(desk, (one,))
    for models in ((), (one, one)):
        assert model_sample.sample_of(desk, models) == ""
        assert model_sample.data_of(desk, models) == ()
    assert model_sample.data_of(desk, (model(run_id=""),)) == ()
