"""The command line's table of commands agrees with the modules, and asking for help loads none of them."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from importlib import import_module

import click
import pytest

from desktop_aml import cli

MODULES = {entry.module for entry in cli.COMMANDS.values()}


def test_the_table_names_every_command_of_every_module() -> None:
    found = set()
    for info in pkgutil.iter_modules(cli.__path__, "desktop_aml.cli."):
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


def test_an_unknown_command_says_so() -> None:
    assert cli.main(["sumbit"]) == 2
