"""Words of the form ``KEY=VALUE`` on the command line: tags, and variables for scripts."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click

from desktop_aml.domain.names import is_variable_name

env_option = click.option(
    "--env",
    "env_words",
    multiple=True,
    metavar="KEY=VALUE",
    help="A variable for the script, beside those of this terminal; KEY alone takes its value from here.",
)


def tags_of(words: Sequence[str]) -> dict[str, str]:
    """Return the tags of ``KEY=VALUE`` words; a word without ``=`` is a tag without a value.

    Raises
    ------
    click.BadParameter
        When a tag has no name.
    """
    tags = {key.strip(): value for key, _, value in (word.partition("=") for word in words)}
    if "" in tags:
        raise click.BadParameter("A tag needs a name: --tag stage=test", param_hint="'--tag'")
    return tags


def variables_of(words: Sequence[str]) -> dict[str, str]:
    """Return the variables of ``KEY=VALUE`` words; a word without ``=`` names one of this process.

    Raises
    ------
    click.BadParameter
        When a variable has no name, one that no shell can hold, or is to be taken from here and is not there.
    """
    found = {}
    for word in words:
        name, has_value, value = word.partition("=")
        if not name.strip():
            raise click.BadParameter("A variable needs a name: --env DATA=/mnt/data", param_hint="'--env'")
        if not is_variable_name(name):
            raise click.BadParameter(
                f"“{name}” is no name of a variable. Use letters, digits and underscores, and no digit first.",
                param_hint="'--env'",
            )
        if not has_value and name not in os.environ:
            raise click.BadParameter(
                f"There is no variable {name} here. Give it a value: --env {name}=…", param_hint="'--env'"
            )
        found[name] = value if has_value else os.environ[name]
    return found
