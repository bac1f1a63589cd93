"""Opening: a database that cannot be relied on is noticed, and what to do is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from desktop_aml.cli import cli
from desktop_aml.domain.errors import StorageError
from desktop_aml.store.database import migrate
from desktop_aml.workspace import Workspace, rebuild
from tests.conftest import wait_until

Write = Callable[..., Path]


@pytest.fixture
def full(tmp_path: Path, write_script: Write) -> Path:
    """The folder of a workspace with a run and a model."""
    workspace = Workspace.create(tmp_path / "full")
    workspace.start_engine()
    run_id = workspace.runs.submit(write_script("pass"))
    wait_until(lambda: workspace.runs.state(run_id).is_terminal(), "the end of a run")
    workspace.models.register("m", file=write_script("x", "model.bin"))
    workspace.close()
    return workspace.path


def lose(root: Path) -> None:
    for path in root.glob("desktop_aml.db*"):
        path.unlink()


@pytest.mark.parametrize("how", ["is missing", "is empty"])
def test_a_database_that_is_not_what_the_folders_are_is_noticed(full: Path, how: str) -> None:
    lose(full)
    if how == "is empty":
        migrate(full / "desktop_aml.db")
    with pytest.raises(StorageError, match=rf"{how}, but its folders hold 1 (run|model)\.") as caught:
        Workspace.open(full)
    assert f'desktop-aml workspace rebuild "{full}"' in caught.value.hint
    assert (full / "desktop_aml.db").exists() is (how == "is empty"), "nothing is made that would hide it"


def test_the_command_line_names_the_mend_and_it_works(full: Path) -> None:
    lose(full)
    said = CliRunner().invoke(cli, ["run", "list", "-w", str(full)])
    assert isinstance(said.exception, StorageError)
    assert "workspace rebuild" in said.exception.hint
    rebuilt = CliRunner().invoke(cli, ["workspace", "rebuild", str(full)])
    assert rebuilt.exit_code == 0, rebuilt.output
    assert "Rebuilt: 1 run, 1 model" in rebuilt.output
    found = Workspace.open(full)
    assert (found.runs.count(), found.models.get("m").version) == (1, 1)
    found.close()


def test_a_workspace_from_which_everything_was_deleted_opens(workspace: Workspace, write_script: Write) -> None:
    workspace.models.register("m", file=write_script("x", "model.bin"))
    workspace.models.delete("m", 1)
    workspace.close()
    Workspace.open(workspace.path).close()


def test_a_new_workspace_has_nothing_to_rebuild(tmp_path: Path) -> None:
    made = Workspace.create(tmp_path / "new")
    made.close()
    Workspace.open(made.path).close()
    assert rebuild(made.path).problems == []
