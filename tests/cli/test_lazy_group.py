"""The command line's table of commands agrees with the modules, and asking for help loads none of them."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from desktop_aml import cli
from desktop_aml import workspace as facade
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.store import runs
from desktop_aml.store.database import FILE_NAME, Database
from desktop_aml.workspace import Workspace

MODULES = {entry.module for entry in cli.COMMANDS.values()}


def test_the_table_names_every_command_of_every_module() -> None:
    found = set()
    for info in pkgutil.walk_packages(cli.__path__, "desktop_aml.cli."):
        module = import_module(info.name)
        found |= {(command.name, info.name) for command in getattr(module, "COMMANDS", ())}
    assert found == {(name, entry.module) for name, entry in cli.COMMANDS.items()}


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_only_hidden_commands_have_no_summary(name: str) -> None:
    command = cli.cli.get_command(click.Context(cli.cli), name)
    assert command is not None
    assert command.hidden == (not cli.COMMANDS[name].summary)


@pytest.mark.parametrize("words", [["--version"], ["--help"]])
def test_help_and_version_load_no_facade_and_no_settings(words: list[str]) -> None:
    asked = (
        "import sys\nfrom desktop_aml.__main__ import main\nmain()\n"
        "print(sorted(name for name in sys.modules if name.startswith('desktop_aml')))\n"
    )
    result = subprocess.run([sys.executable, "-c", asked, *words], capture_output=True, text=True, check=True)
    loaded = result.stdout.splitlines()[-1]
    assert "desktop_aml.cli.lazy_group" in loaded
    assert "workspace" not in loaded
    assert "settings" not in loaded


def test_listing_runs_loads_no_engine_and_nothing_that_only_other_commands_need(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "space").close()
    with Database(tmp_path / "space" / FILE_NAME, read_only=False) as db, db.transaction():
        request = SubmitRun(run_id="one", experiment="e", script="a.py", environment="x")
        runs.insert(db, request, environment="x", version=None, seed=1, at=1.0)
    asked = (
        "import sys\nfrom desktop_aml.__main__ import main\nassert main() == 0\nprint(*sorted(sys.modules), sep=' ')\n"
    )
    words = ["run", "list", "--workspace", str(tmp_path / "space")]
    result = subprocess.run([sys.executable, "-c", asked, *words], capture_output=True, text=True, check=True)
    loaded = set(result.stdout.splitlines()[-1].split())
    assert "one" in result.stdout.splitlines()[-2]
    assert "desktop_aml.store.run_table.view" in loaded
    rooms = ("executors", "serving", "environments", "docker_access", "run_folder", "sdk.calls", "engine.engine")
    assert [name for name in loaded if name.startswith(tuple(f"desktop_aml.{room}" for room in rooms))] == []
    others = {"desktop_aml.domain.requests", "desktop_aml.domain.events", "logging", "asyncio", "http", "packaging"}
    others |= {"msgspec", "sqlite_utils", "difflib", "desktop_aml.domain.jobs"}
    assert others & loaded == set()


def test_what_the_facade_offers_is_there_and_nothing_else() -> None:
    assert {name for name in facade.__all__ if getattr(facade, name).__name__ == name} == set(facade.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = facade.nonsense


def test_an_unknown_command_says_so() -> None:
    assert cli.main(["sumbit"]) == 2
