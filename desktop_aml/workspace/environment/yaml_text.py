"""YAML read for those who have no reader of their own."""

from __future__ import annotations


def yaml_values(text: str) -> object:
    """Return a YAML text as JSON values, every scalar without a plain meaning as text.

    Raises
    ------
    InvalidSpec
        With line and column, when it is not YAML or larger than a page of text ought to be.
    """
    # Imported here: most questions read no YAML.
    from desktop_aml.environments.spec import yaml_values

    return yaml_values.values(text)
