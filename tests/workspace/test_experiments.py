"""Experiments are renamed, archived, deleted and restored with their runs, by us and by the clients of others."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from desktop_aml.domain.errors import Conflict, InvalidInput, NotFound
from desktop_aml.domain.organising.shelf import Shelf
from desktop_aml.domain.runs import RunQuery
from desktop_aml.engine.rebuilding.rebuild import rebuild
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.tracking.experiments import Experiments as Tracked
from tests.state_dump import state_of


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with three runs that ended, for every test to have a copy of."""
    root = tmp_path_factory.mktemp("template")
    workspace = Workspace.create(root / "ws")
    workspace.start_engine()
    script = root / "source" / "train.py"
    script.parent.mkdir()
    script.write_text("open('outputs/made.bin', 'wb').write(bytes(20_000))\n")
    for experiment, name in (("first", "one"), ("first", "two"), ("second", "three")):
        workspace.runs.wait(workspace.runs.submit(script, experiment=experiment, display_name=name), timeout_s=60)
    workspace.close()
    return root


@pytest.fixture
def made(template: Path, tmp_path: Path) -> Iterator[Workspace]:
    shutil.copytree(template / "ws", tmp_path / "ws", symlinks=True)
    workspace = Workspace.open(tmp_path / "ws")
    workspace.trust()
    workspace.start_engine()
    yield workspace
    workspace.close()


def names(workspace: Workspace, shelf: Shelf = Shelf.ACTIVE) -> list[str]:
    return sorted(run.display_name for run in workspace.runs.list(RunQuery(shelf=shelf)))


def listed(workspace: Workspace, shelf: Shelf = Shelf.ACTIVE) -> list[tuple[str, int]]:
    return [(one.name, one.run_count) for one in workspace.experiments.list(shelf)]


def tracked(workspace: Workspace) -> Tracked:
    return workspace.experiments._tracked()


def test_a_deleted_experiment_takes_its_runs_along_and_brings_those_back(made: Workspace) -> None:
    made.runs.organise.delete(["two"])
    undo = made.experiments.delete("first")
    assert (listed(made), names(made)) == ([("second", 1)], ["three"])
    assert listed(made, Shelf.TRASH) == [("first", 0)]
    assert tracked(made).named("first").deleted_at is not None
    made.experiments.undo(undo)
    assert (names(made), names(made, Shelf.TRASH)) == (["one", "three"], ["two"])
    assert tracked(made).named("first").deleted_at is None
    made.experiments.delete("first")
    made.runs.organise.restore(["one"])
    assert listed(made) == [("first", 1), ("second", 1)]  # with a run that is here it is here


def test_an_experiment_with_a_starred_run_is_not_deleted(made: Workspace) -> None:
    made.runs.organise.star(["two"])
    with pytest.raises(Conflict, match="starred"):
        made.experiments.delete("first")
    assert names(made) == ["one", "three", "two"]
    for act in (made.experiments.delete, made.experiments.remove):
        with pytest.raises(InvalidInput, match="default"):
            act("default")
    with pytest.raises(NotFound, match="frist"):
        made.experiments.delete("frist")


def test_an_experiment_is_removed_for_good_only_from_the_trash(made: Workspace) -> None:
    with pytest.raises(Conflict, match="not in the trash"):
        made.experiments.remove("first")
    made.experiments.delete("first")
    one = made.runs.find("one")
    made.experiments.remove("first")
    assert listed(made, Shelf.EVERYTHING) == [("second", 1)]
    assert not (made.path / "runs" / one).exists()
    assert not list((made.path / "experiments").glob("first*"))


def test_a_renamed_experiment_keeps_numbers_and_identifier(made: Workspace) -> None:
    identifier = tracked(made).named("first").id
    undo = made.experiments.rename("first", "Titanic 2")
    assert listed(made) == [("Titanic 2", 2), ("second", 1)]
    assert [made.runs.get(one).summary.number for one in ("one", "two")] == [1, 2]
    assert (tracked(made).named("Titanic 2").id, tracked(made).named("first")) == (identifier, None)
    assert [one.display_name for one in made.runs.list(RunQuery(search="experiment = 'Titanic 2'"))] == ["two", "one"]
    assert made.runs.list(RunQuery(text="Titanic"))
    with pytest.raises(Conflict, match="already"):
        made.experiments.rename("second", "Titanic 2")
    made.experiments.undo(undo)
    assert listed(made) == [("first", 2), ("second", 1)]


def test_archived_experiments_come_back_with_what_went_with_them(made: Workspace) -> None:
    made.runs.organise.archive(["two"])
    made.experiments.archive("first")
    assert (listed(made), listed(made, Shelf.ARCHIVE)) == ([("second", 1)], [("first", 2)])
    assert names(made) == ["three"]
    made.experiments.restore("first")
    assert (names(made), names(made, Shelf.ARCHIVE)) == (["one", "three"], ["two"])


def test_a_run_that_comes_into_an_experiment_takes_it_out(made: Workspace) -> None:
    made.experiments.archive("first")
    made.experiments.delete("second")
    for experiment in ("first", "second"):
        made.runs.external.start(run_id=f"new-{experiment}", experiment=experiment)
    assert listed(made) == [("first", 3), ("second", 1)]


def test_the_last_word_of_clients_and_of_us_counts(made: Workspace) -> None:
    theirs = tracked(made)
    theirs.change(theirs.named("second").id, deleted=True, tags={"kept": "yes"})
    made.runs.organise.delete(["three"])
    assert listed(made) == [("first", 2)]
    made.experiments.restore("second")
    assert (theirs.named("second").deleted_at, theirs.named("second").tags) == (None, {"kept": "yes"})
    made.experiments.delete("second")
    theirs.change(theirs.named("second").id, deleted=False)
    assert listed(made) == [("first", 2), ("second", 0)]


def test_azure_code_and_we_archive_the_same_experiment(made: Workspace) -> None:
    record = made.experiments.get("first")
    made.experiments.put("first", msgspec.structs.replace(record, archived_at=1.0))
    assert listed(made) == [("second", 1)]
    made.experiments.archive("first", archived=False)
    assert made.experiments.get("first").archived_at is None


def test_files_of_a_run_are_deleted_alone(made: Workspace) -> None:
    one = made.runs.find("one")
    made.runs.organise.star(["one"])
    with pytest.raises(Conflict, match="starred"):
        made.runs.files.delete("one", ["outputs/made.bin"])
    made.runs.organise.star(["one"], starred=False)
    with pytest.raises(Conflict, match="record"):
        made.runs.files.delete("one", ["user_logs/std_log.txt"])
    with pytest.raises(NotFound, match="no file"):
        made.runs.files.delete("one", ["outputs/made.bin", "outputs/absent"])
    late = made.path / "runs" / one / "uploads" / "late.txt"
    late.parent.mkdir(exist_ok=True)
    late.write_text("late")
    made.runs.external.take_in(one)
    made.runs.files.delete("one", ["outputs/made.bin", "late.txt"])
    made.runs.external.take_in(one)  # what is gone does not come back from the folder
    assert not {"outputs/made.bin", "late.txt"} & {file.path for file in made.runs.files.list("one")}
    assert made.runs.files.path("two", "outputs/made.bin").stat().st_size == 20_000  # the same bytes, of another run


def test_experiments_are_the_same_from_their_folders_alone(made: Workspace) -> None:
    made.experiments.rename("first", "renamed")
    made.experiments.archive("renamed")
    made.experiments.delete("second")
    made.close()
    folder = WorkspaceFolder(made.path)
    with contextlib.closing(Workspace.open(made.path)) as before:
        known = before.experiments.list(Shelf.EVERYTHING)
    state = state_of(made.path)
    rebuild(folder)
    assert state_of(made.path) == state
    with contextlib.closing(Workspace.open(made.path)) as after:
        assert after.experiments.list(Shelf.EVERYTHING) == known
