"""Stars, the archive, the trash, moves and words: for many runs at once, undone as a whole, and kept in the folders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.errors import Conflict, InvalidInput, NotFound
from desktop_aml.domain.organising.shelf import Shelf
from desktop_aml.domain.runs import RunQuery
from desktop_aml.engine.rebuilding.rebuild import rebuild
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.workspace import Workspace
from tests.state_dump import state_of


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace.create(tmp_path / "ws")
    workspace.start_engine()
    script = tmp_path / "source" / "train.py"
    script.parent.mkdir()
    script.write_text("open('outputs/made.bin', 'wb').write(bytes(20_000))\n")
    for name in ("one", "two"):
        run_id = workspace.runs.submit(script, experiment="first", display_name=name, tags={"kept": "yes"})
        workspace.runs.wait(run_id, timeout_s=60)
    yield workspace
    workspace.close()


def names(workspace: Workspace, search: str = "", shelf: Shelf = Shelf.ACTIVE) -> list[str]:
    return sorted(run.display_name for run in workspace.runs.list(RunQuery(search=search, shelf=shelf)))


def test_a_starred_run_cannot_be_deleted_in_any_way(made: Workspace) -> None:
    undo = made.runs.organise.star(["one"])
    assert names(made, "starred") == ["one"]
    for delete in (lambda: made.runs.organise.delete(["two", "one"]), lambda: made.runs.delete("one")):
        with pytest.raises(Conflict, match="starred"):
            delete()
    assert names(made) == ["one", "two"]
    made.runs.organise.undo(undo)
    made.runs.organise.delete(["two", "one"])
    assert names(made) == []


def test_the_trash_holds_runs_and_their_files_until_it_is_emptied(made: Workspace) -> None:
    undo = made.runs.organise.delete(["one", "two"])
    ids = [run.id for run in made.runs.organise.trash()]
    assert names(made, shelf=Shelf.TRASH) == names(made, "deleted") == ["one", "two"]
    assert (made.runs.count(), made.runs.space(ids) > 40_000) == (0, True)
    with pytest.raises(NotFound):
        made.runs.find("latest")
    made.runs.organise.undo(undo)
    assert names(made) == ["one", "two"]
    one = made.runs.find("one")
    made.runs.organise.delete(["one"])
    assert (made.path / "runs" / one).exists()
    assert made.runs.organise.empty_trash() == 1
    assert names(made, shelf=Shelf.EVERYTHING) == ["two"]
    assert not (made.path / "runs" / one).exists()
    made.runs.organise.undo(undo)  # what is gone is left out
    with pytest.raises(Conflict, match="not in the trash"):
        made.runs.organise.empty_trash(["two"])


def test_archived_runs_are_shown_where_they_are_asked_for(made: Workspace) -> None:
    made.runs.organise.archive(["one"])
    assert names(made) == ["two"]
    assert names(made, shelf=Shelf.ARCHIVE) == names(made, "archived = true") == ["one"]
    assert names(made, "archived or name = two") == ["one", "two"]
    assert made.runs.find("one")
    made.runs.organise.restore(["one"])
    assert names(made) == ["one", "two"]


def test_words_and_moves_of_many_runs_are_undone_each_to_what_it_was(made: Workspace) -> None:
    organise = made.runs.organise
    organise.tag(["one"], {"fold": "1"})
    before = {name: made.runs.get(name) for name in ("one", "two")}
    ids = [run.summary.id for run in before.values()]
    undos = [
        organise.tag(ids, {"fold": "2", "new": ""}, ["kept"]),
        organise.note(ids, "look again"),
        organise.move(ids, "second"),
        organise.rename(ids, "same"),
    ]
    after = [made.runs.get(run_id) for run_id in ids]
    assert [(run.summary.display_name, run.summary.experiment) for run in after] == [("same", "second")] * 2
    assert [(run.tags, run.description) for run in after] == [({"fold": "2", "new": ""}, "look again")] * 2
    for undo in reversed(undos):
        organise.undo(undo)
    for run in before.values():
        again = made.runs.get(run.summary.id)
        assert (again.tags, again.description) == (run.tags, "")
        assert (again.summary.display_name, again.summary.experiment) == (run.summary.display_name, "first")


def test_one_run_that_cannot_be_changed_leaves_all_as_they_were(made: Workspace) -> None:
    with pytest.raises(NotFound):
        made.runs.organise.star(["one", "nobody"])
    with pytest.raises(InvalidInput):
        made.runs.organise.move(["one", "two"], "\n")
    with pytest.raises(InvalidInput):
        made.runs.organise.rename(["one", "two"], "  ")
    assert names(made, "starred") == []
    assert names(made) == ["one", "two"]


def test_every_act_is_in_the_folders(made: Workspace) -> None:
    organise = made.runs.organise
    organise.star(["one"])
    organise.archive(["one"])
    organise.move(["two"], "second")
    organise.note(["two"], "a note")
    organise.delete(["two"])
    made.close()
    before = state_of(made.path)
    rebuild(WorkspaceFolder(made.path))
    assert state_of(made.path) == before
