"""The commands and options that pages name, in any place, are those of the program."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from desktop_aml.__main__ import WINDOW_OPTIONS
from desktop_aml.cli import cli
from tests.documentation.commands import command_below

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = sorted([*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md"), *(CHECKOUT / "resources").rglob("*.md")])


def typed_in(page: str) -> list[list[str]]:
    """Return the commands of ours that a page names, in its text and its blocks, as words up to what is the shell's."""
    spans = re.findall(r"`(desktop-aml [^`\n]+)`", page)
    blocks = re.findall(r"^```(?:sh|bash)?\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    found = [
        line[line.index("desktop-aml ") :] for line in (*spans, *lines) if re.search(r"(^|[ (/])desktop-aml ", line)
    ]
    commands = []
    for line in found:
        plain = re.split(r"&&|[|;>)#]|[\s\[]--(?:\s|$)", re.sub(r"'[^']*'|\"[^\"]*\"", "TEXT", line))[0]
        commands.append(re.findall(r"[^\s,\[\]…]+", plain)[1:])
    return commands


def fault_of(words: list[str]) -> str:
    """Return the first word of a command that the program does not know; empty when it knows them all."""
    command: click.Command = cli
    for word in words:
        named = command_below(command, word)
        if named:
            command = named
        elif isinstance(command, click.Group) and re.match(r"[a-z-]+$", word) and not word.startswith("-"):
            # A sweep's `start` may be left out; a workspace may be named in place of a command.
            if command.name != "sweep":
                return word
        elif word.startswith("-"):
            meant = [one for one in (command, command_below(command, "start")) if one]
            known = {
                name
                for one in meant
                for parameter in one.params
                for name in (*parameter.opts, *parameter.secondary_opts)
            }
            # The window's own options are read before there are commands.
            if word.partition("=")[0] not in known | {"-h", "--help"} and not (
                command is cli and word in WINDOW_OPTIONS
            ):
                return word
    return ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(CHECKOUT).as_posix())
def test_every_command_and_option_that_a_page_names_is_there(page):
    # What the changelog says was true when it was written.
    if page.name != "changelog.md":
        commands = typed_in(page.read_text(encoding="utf-8"))
        assert [f"{fault_of(words)} in {words}" for words in commands if fault_of(words)] == []


@pytest.mark.parametrize(
    "line", ["desktop-aml runs list", "desktop-aml run list --newest", "desktop-aml environment diffs a b | cat"]
)
def test_a_command_that_is_not_there_is_found(line):
    [words] = typed_in(f"```\n{line}\n```\n")
    assert fault_of(words)
