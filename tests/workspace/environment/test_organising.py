"""Environments are renamed, deleted and brought back, and no label ever means another text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.errors import Conflict, InvalidName, NotFound
from desktop_aml.domain.registry import Endpoint, EndpointState
from desktop_aml.domain.runs import RunQuery
from desktop_aml.engine.rebuilding.rebuild import rebuild
from desktop_aml.store import registry
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace import Workspace
from tests.state_dump import state_of


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with two versions of an environment, whose queue stands still."""
    workspace = Workspace.create(tmp_path / "ws")
    workspace.start_engine()
    workspace.runs.queue.pause()
    for text in ("numpy\n", "numpy\nscipy\n"):
        workspace.environments.register("iris", text)
    yield workspace
    workspace.close()


def names(workspace: Workspace) -> list[str]:
    return [one.label for one in workspace.environments.list() if not one.curated]


def test_a_deleted_environment_comes_back_and_a_new_one_of_its_name_gets_the_next_number(made: Workspace) -> None:
    organise = made.environments.organise
    undo = organise.delete("iris")
    assert names(made) == []
    with pytest.raises(NotFound, match="in the trash"):
        made.environments.get("iris")
    assert made.environments.register("iris", "pandas\n").label == "iris:3"
    organise.undo(undo)
    assert [one.version for one in made.environments.versions("iris")] == [3, 2, 1]


def test_one_version_goes_alone_and_for_good(made: Workspace) -> None:
    organise = made.environments.organise
    organise.delete("iris", 2)
    assert names(made) == ["iris:1"]
    with pytest.raises(NotFound):
        organise.remove("iris", 1)
    organise.remove("iris", 2)
    assert organise.trash() == ()
    assert made.environments.register("iris", "numpy\nscipy\n").label == "iris:3"


def test_what_was_renamed_is_found_by_its_labels_of_before(made: Workspace, tmp_path: Path) -> None:
    organise = made.environments.organise
    undo = organise.rename("iris", "flowers")
    assert made.environments.get("iris", 1).label == "flowers:1"
    with pytest.raises(NotFound, match="called “flowers” now"):
        made.environments.get("iris")
    assert made.environments.register("iris", "pandas\n").label == "iris:3"
    script = tmp_path / "train.py"
    script.write_text("print(1)\n")
    run_id = made.runs.submit(script, environment="iris:2")
    assert made.runs.get(run_id).summary.environment == "flowers:2"
    made.runs.cancel(run_id)
    organise.delete("iris")
    with pytest.raises(Conflict, match="already in the trash"):
        organise.undo(undo)
    organise.remove("iris")
    organise.undo(undo)
    assert [one.label for one in made.environments.versions("iris")] == ["iris:2", "iris:1"]
    assert made.environments.register("iris", "polars\n").label == "iris:4"


def test_a_name_whose_numbers_were_given_is_not_taken(made: Workspace) -> None:
    organise = made.environments.organise
    made.environments.register("other", "pandas\n")
    for taken in ("iris", "AzureML-sklearn-1.5", "this-python"):
        with pytest.raises((Conflict, InvalidName)):
            organise.rename("other", taken)
    organise.delete("iris")
    organise.remove("iris")
    with pytest.raises(Conflict, match="its numbers are not used again"):
        organise.rename("other", "iris")


def test_a_name_with_blanks_goes_wherever_a_name_goes(made: Workspace, tmp_path: Path) -> None:
    organise, name = made.environments.organise, "Telecome_churn env"
    organise.rename("iris", name)
    with pytest.raises(Conflict) as caught:
        made.environments.export(name, 1)
    assert caught.value.hint.endswith(f"build '{name}:1'"), "a shell takes the line as it stands"
    script = tmp_path / "train.py"
    script.write_text("print(1)\n")
    run_id = made.runs.submit(script, environment=f"{name}:1")
    assert made.runs.get(run_id).summary.environment == f"{name}:1"
    assert [one.id for one in made.runs.list(RunQuery(search=f'environment = "{name}:1"'))] == [run_id]
    made.runs.cancel(run_id)
    organise.delete(name, 2)
    with pytest.raises(NotFound) as gone:
        made.environments.get(name, 2)
    assert gone.value.hint.endswith(f"restore '{name}:2'")
    made.close()
    folder = WorkspaceFolder(tmp_path / "ws")
    before = state_of(folder.root)
    folder.database.unlink()
    rebuild(folder)
    assert state_of(folder.root)["environment"] == before["environment"]


def test_what_a_run_or_an_endpoint_uses_stays_and_both_are_named(made: Workspace, tmp_path: Path) -> None:
    organise = made.environments.organise
    script = tmp_path / "train.py"
    script.write_text("print(1)\n")
    run_id = made.runs.submit(script, environment="iris:1")
    for act in (lambda: organise.delete("iris"), lambda: organise.rename("iris", "flowers")):
        with pytest.raises(Conflict, match=f"run “{run_id}”, which is Queued"):
            act()
    assert names(made) == ["iris:2"], "all or none"
    organise.delete("iris", 2)
    made.runs.cancel(run_id)
    with Database(tmp_path / "ws" / "desktop_aml.db", read_only=False) as db:
        serving = Endpoint("service", "m", 1, EndpointState.HEALTHY, 1.0, environment="iris:1")
        registry.put_endpoint(db, serving, wanted="serving")
    with pytest.raises(Conflict, match="endpoint “service”"):
        organise.delete("iris", 1)


def test_names_trash_and_numbers_come_back_from_the_manifests(made: Workspace, tmp_path: Path) -> None:
    organise = made.environments.organise
    made.environments.register("other", "pandas\n")
    organise.rename("iris", "flowers")
    organise.delete("flowers", 1)
    organise.delete("other")
    organise.remove("other")
    made.close()
    folder = WorkspaceFolder(tmp_path / "ws")
    before = state_of(folder.root)
    folder.database.unlink()
    rebuild(folder)
    after = state_of(folder.root)
    for table in ("environment", "environment_counter"):
        assert after[table] == before[table]
    assert {row["name"] for row in after["environment_counter"]} == {"iris", "flowers", "other"}
    assert not (folder.root / "environments" / "iris" / "1").exists()
