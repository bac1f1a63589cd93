"""A version of a model in the trash: out of sight, its files kept, taken out again or removed for good."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop_aml.domain.errors import NotFound
from desktop_aml.domain.events import ModelDeleted, ModelRegistered
from desktop_aml.domain.organising.requests import OrganiseModel, RenameModel
from desktop_aml.domain.requests import CleanStore, DeleteModel, Done, Refusal, RegisterModel
from desktop_aml.engine.rebuilding.rebuild import rebuild
from desktop_aml.store import registry
from desktop_aml.store.database import Database
from tests.conftest import DrivenEngine
from tests.state_dump import state_of


@pytest.fixture
def two(driven: DrivenEngine, tmp_path: Path) -> DrivenEngine:
    """Return an engine with two versions of a model, of other files each."""
    for number in (1, 2):
        (tmp_path / "m.joblib").write_bytes(b"weights" * number)
        driven.ask(RegisterModel(name="m", file=str(tmp_path / "m.joblib")))
    return driven


def put(driven: DrivenEngine, version: int, *, deleted: bool = True) -> object:
    return driven.ask(OrganiseModel(name="m", version=version, deleted=deleted))


def there(driven: DrivenEngine) -> list[int]:
    with Database(driven.folder.database, read_only=True) as db:
        return [one.version for one in registry.model_versions(db, "m")]


def test_a_version_in_the_trash_is_in_no_list_and_comes_back_as_it_was(two: DrivenEngine) -> None:
    assert put(two, 2) == Done()
    assert ModelDeleted("m", 2) in two.events
    with Database(two.folder.database, read_only=True) as db:
        assert [one.version for one in registry.models(db)] == [1] == [registry.get_model(db, "m").version]
        assert [one.label for one in registry.models_in_trash(db)] == ["m:2"]
        with pytest.raises(NotFound, match="in the trash") as refused:
            registry.get_model(db, "m", 2)
    assert "model restore m:2" in refused.value.hint
    two.events.clear()
    assert put(two, 2, deleted=False) == Done()
    assert two.events == [ModelRegistered("m", 2)]
    assert there(two) == [2, 1]


def test_its_files_stay_until_it_is_removed_for_good(two: DrivenEngine) -> None:
    with Database(two.folder.database, read_only=True) as db:
        digest = registry.get_model(db, "m", 2).files[0].sha256
    put(two, 2)
    two.ask(CleanStore())
    assert two.folder.blobs.path_of(digest).exists()
    assert two.ask(DeleteModel(name="m", version=2)) == Done()
    two.ask(CleanStore())
    assert not two.folder.blobs.path_of(digest).exists()
    two.until(two.engine.has_nothing_to_do)
    assert not (two.folder.model("m", 2) / "model.json").exists()


def test_what_is_not_where_it_is_looked_for_is_refused(two: DrivenEngine) -> None:
    assert isinstance(put(two, 1, deleted=False), Refusal)
    put(two, 1)
    again, absent = put(two, 1), put(two, 3)
    assert isinstance(again, Refusal)
    assert "in the trash" in again.message
    assert isinstance(absent, Refusal)


def test_a_rename_takes_what_is_in_the_trash_along_and_never_into_another(two: DrivenEngine, tmp_path: Path) -> None:
    two.ask(RegisterModel(name="other", file=str(tmp_path / "m.joblib")))
    put(two, 1)
    two.ask(OrganiseModel(name="other", version=1, deleted=True))
    taken = two.ask(RenameModel(name="m", new_name="other"))
    assert isinstance(taken, Refusal)
    assert "trash" in taken.hint
    assert two.ask(RenameModel(name="m", new_name="n")) == Done()
    with Database(two.folder.database, read_only=True) as db:
        assert [one.label for one in registry.models_in_trash(db)] == ["n:1", "other:1"]
        assert [one.version for one in registry.model_versions(db, "n")] == [2]


def test_a_rebuilt_workspace_has_it_in_the_trash(two: DrivenEngine) -> None:
    put(two, 1)
    two.until(two.engine.has_nothing_to_do)
    two.engine.close()
    two.close = lambda: None  # type: ignore[method-assign]
    said = json.loads((two.folder.model("m", 1) / "model.json").read_text())
    assert said["deleted_at"] is not None
    before = state_of(two.folder.root)
    for path in two.folder.root.glob("desktop_aml.db*"):
        path.unlink()
    assert rebuild(two.folder).problems == []
    assert state_of(two.folder.root) == before
