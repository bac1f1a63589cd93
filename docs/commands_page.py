"""Write ``docs/reference/command-line.md`` from the commands themselves. Called by ``make docs-generated``."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import click

from desktop_aml.cli import cli

PAGE = Path(__file__).parent / "reference" / "command-line.md"

HEAD = """# Command line

Generated from the commands by `make docs-generated`; change their help texts in `desktop_aml/cli/`.
`desktop-aml COMMAND --help` shows the same.

`desktop-aml`, alone or with the path of a workspace, opens the window; `desktop-aml --sample` opens it on the sample
workspace. How to have `desktop-aml` on your `PATH`, and how to work with it:
[Use the command line](../how-to/use-the-command-line.md).

## Common options

| option | means |
|---|---|
COMMON_ROWS
| `-h`, `--help` | Show what a command does, its options and an example. |

## Exit codes

| code | means |
|--:|---|
| 0 | done; for `submit`, `run rerun` and `sweep`: it completed; for `run verify`: it gave the same |
| 1 | it failed; the message says what, where and what to do |
| 2 | wrong usage |
| 3 | something is missing on this computer |
| 4 | nothing runs in this workspace, as it is [not trusted](trust.md) |
| 130 | canceled, or Ctrl+C |

## Environment variables

| variable | means |
|---|---|
| `DESKTOP_AML_PYTHON` | the Python of Desktop AML, for Azure ML code that does not find it |
| `DESKTOP_AML_HOME` | one folder for settings, caches and the default workspace, instead of the system's |
| `DISPLAY`, `WAYLAND_DISPLAY` | where the window opens |

Inside a run the script finds [its submitter's variables, those of Azure ML and those named with
`--env`](script-variables.md).

## All commands
"""


def commands(group: click.Group = cli, words: str = "desktop-aml") -> Iterator[tuple[str, click.Command]]:
    """Return every command that is shown, with the words that call it; a group comes before its own."""
    context = click.Context(group, info_name=words)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        yield f"{words} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{words} {name}")


def page() -> str:
    """Return the page as Markdown."""
    found = list(commands())
    common = "\n".join(f"| {names} | {text} |" for names, text in _common().items())
    lines = [HEAD.replace("COMMON_ROWS", common), "| command | does |", "|---|---|"]
    lines += [f"| [`{_short(words)}`](#{_anchor(words)}) | {_cell(_first_line(command))} |" for words, command in found]
    for words, command in found:
        lines += ["", *_section(words, command)]
    return "\n".join(lines) + "\n"


def _section(words: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=words)
    yield f"## {_short(words)}"
    yield ""
    for paragraph in inspect.cleandoc(command.help or "").replace("\b\n", "").split("\n\n"):
        # An example is typed as it stands, so it is shown as code.
        example = re.fullmatch(r"Example: (desktop-aml .*)", " ".join(paragraph.split()))
        yield f"Example: `{example[1]}`" if example else _text(" ".join(paragraph.split()))
        yield ""
    yield f"Usage: `{words} {' '.join(command.collect_usage_pieces(context))}`"
    options = [one for one in command.params if isinstance(one, click.Option) and not one.hidden]
    own = [one for one in options if not _is_common(one)]
    if own:
        yield ""
        yield "| option | means |"
        yield "|---|---|"
        for names, text in (record for one in own if (record := one.get_help_record(context))):
            yield f"| `{_cell(names)}` | {_cell(_text(text))} |"
    if len(own) < len(options):
        yield ""
        common = " and ".join(f"`{max(one.opts, key=len)}`" for one in options if _is_common(one))
        yield f"Also {common}: [common options](#common-options)."


def _common() -> dict[str, str]:
    """Return the options that mean the same wherever they are, with what they mean."""
    context = click.Context(cli)
    run = cli.get_command(context, "run")
    assert isinstance(run, click.Group)
    listing = run.get_command(context, "list")
    assert listing is not None
    wanted = [
        one for one in listing.params if isinstance(one, click.Option) and {"--workspace", "--json"} & set(one.opts)
    ]
    return {_names(one): one.help or "" for one in wanted}


def _names(option: click.Option) -> str:
    return ", ".join(f"`{name}`" for name in sorted(option.opts, key=len))


def _is_common(option: click.Option) -> bool:
    return _common().get(_names(option)) == option.help


def _short(words: str) -> str:
    return words.partition(" ")[2]


def _anchor(words: str) -> str:
    return _short(words).replace(" ", "-")


def _first_line(command: click.Command) -> str:
    return _text(" ".join(inspect.cleandoc(command.help or "").split("\n\n")[0].split()))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _text(text: str) -> str:
    return text.replace("*", "\\*").replace("<", "&lt;")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
