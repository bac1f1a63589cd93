"""Datasets of a workspace: versions, hashes, names, and what a rebuilt index still knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_aml.domain.datasets import DatasetVersion
from desktop_aml.domain.errors import Conflict, InvalidName, NotFound
from desktop_aml.domain.events import DatasetChanged, Event
from desktop_aml.workspace import Workspace, rebuild
from desktop_aml.workspace.datasets import DEFAULT_DATASTORE

HEAD, ALL = '{"take": 5}', '{"take": null}'


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,2\n")
    return path


def register(workspace: Workspace, rows: Path, definition: str = ALL, **options: object) -> DatasetVersion:
    return workspace.datasets.register("tabular", definition, [rows], name="rows of May", **options)  # type: ignore[arg-type]


def test_a_new_definition_is_a_new_version_when_that_is_wanted(workspace: Workspace, rows: Path) -> None:
    first = register(workspace, rows, description="all of them", tags={"month": "May"})
    second = register(workspace, rows, HEAD, create_new_version=True)
    assert (first.version, second.version) == (1, 2)
    assert (first.description, first.tags, first.size_bytes) == ("all of them", {"month": "May"}, 8)
    assert workspace.datasets.get("rows of May") == second
    assert [one.version for one in workspace.datasets.versions("rows of May")] == [2, 1]
    assert workspace.datasets.list() == (second,)


def test_the_same_definition_over_the_same_bytes_is_the_same_version(workspace: Workspace, rows: Path) -> None:
    first = register(workspace, rows)
    assert register(workspace, rows, create_new_version=True) == first


def test_other_bytes_under_the_same_definition_are_a_new_version(workspace: Workspace, rows: Path) -> None:
    first = register(workspace, rows)
    assert workspace.datasets.changed_files(first) == ()
    rows.write_text("a,b\n1,3\n")
    assert workspace.datasets.changed_files(first) == first.files
    assert register(workspace, rows).version == 2


def test_another_definition_is_refused_unless_a_new_version_is_wanted(workspace: Workspace, rows: Path) -> None:
    register(workspace, rows)
    with pytest.raises(Conflict, match="create_new_version=True"):
        register(workspace, rows, HEAD)


def test_a_forgotten_name_does_not_give_its_numbers_again(workspace: Workspace, rows: Path) -> None:
    first = register(workspace, rows)
    workspace.datasets.unregister("rows of May")
    with pytest.raises(NotFound, match="There is: none yet"):
        workspace.datasets.get("rows of May")
    assert workspace.datasets.get_by_id(first.id).definition == ALL
    assert register(workspace, rows).version == 2
    with pytest.raises(NotFound):
        workspace.datasets.unregister("other")


def test_a_dataset_without_a_name_is_found_by_its_id(workspace: Workspace, rows: Path) -> None:
    kept = workspace.datasets.register("file", ALL, [rows])
    assert workspace.datasets.get_by_id(kept.id).files[0].path == str(rows)
    assert workspace.datasets.list() == ()
    with pytest.raises(NotFound):
        workspace.datasets.get_by_id("absent")


def test_what_is_written_about_a_version_can_change(workspace: Workspace, rows: Path) -> None:
    register(workspace, rows, tags={"a": "1"})
    changed = workspace.datasets.update("rows of May", 1, tags={"b": "2"})
    assert (changed.tags, changed.description) == ({"b": "2"}, "")
    assert workspace.datasets.update("rows of May", 1, description="d").tags == {"b": "2"}


def test_files_can_be_registered_under_a_name_with_blanks_as_code_does(workspace: Workspace, rows: Path) -> None:
    assert workspace.datasets.register_files([rows], name="Housing Prices Dataset").name == "Housing Prices Dataset"


def test_a_name_with_a_slash_is_refused(workspace: Workspace, rows: Path) -> None:
    with pytest.raises(InvalidName):
        workspace.datasets.register("file", ALL, [rows], name="../rows")


def test_a_missing_file_is_named(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"absent\.csv"):
        workspace.datasets.register("file", ALL, [tmp_path / "absent.csv"])


def test_the_window_is_told(tmp_path: Path, rows: Path) -> None:
    events: list[Event] = []
    workspace = Workspace.create(tmp_path / "told", "told")
    workspace.start_engine(events.append)
    register(workspace, rows)
    workspace.close()
    assert DatasetChanged("rows of May", 1) in events


def test_the_default_datastore_is_a_folder_that_is_there_when_needed(workspace: Workspace) -> None:
    assert workspace.datasets.datastore().is_dir()
    assert workspace.datasets.datastore("images", make=True) == workspace.path / "datastores" / "images"
    assert workspace.datasets.datastores() == (DEFAULT_DATASTORE, "images")
    with pytest.raises(NotFound, match="There is: workspaceblobstore, images"):
        workspace.datasets.datastore("absent")


def test_a_rebuilt_index_knows_the_datasets(tmp_path: Path, rows: Path) -> None:
    workspace = Workspace.create(tmp_path / "rebuilt", "rebuilt")
    workspace.start_engine()
    kept = register(workspace, rows, tags={"month": "May"})
    workspace.close()
    assert rebuild(workspace.path).datasets == 1
    again = Workspace.open(workspace.path)
    assert again.datasets.get("rows of May", 1) == kept
    again.close()
