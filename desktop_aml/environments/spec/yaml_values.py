"""YAML read as JSON values, for whoever has no reader of its own."""

from __future__ import annotations

from typing import Any

from desktop_aml.environments.spec import yaml_tree


def values(text: str) -> object:
    """Return a YAML text as JSON values, every scalar without a plain meaning as text.

    Raises
    ------
    InvalidSpec
        With line and column, when it is not YAML or larger than a page of text ought to be.
    """
    return _plain(yaml_tree.read(text))


def _plain(node: Any) -> object:
    if isinstance(node, yaml_tree.Mapping):
        return {key.text: _plain(value) for key, value in node.entries}
    if isinstance(node, yaml_tree.Sequence):
        return [_plain(item) for item in node.items]
    return _scalar(node)


def _scalar(node: Any) -> object:
    if node.quoted:
        return node.text
    if node.is_empty:
        return None
    if node.text in {"true", "True", "false", "False"}:
        return node.text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(node.text)
        except ValueError:
            continue
    return node.text
