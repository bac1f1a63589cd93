"""Tags as they are written on the command line."""

from __future__ import annotations

from collections.abc import Sequence

import click


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
