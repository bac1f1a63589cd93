"""Libraries whose parsers take `add_argument` as `argparse` does, and read more than the command line, or otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from desktop_aml.domain.scripts.spelling import Spelling

_WITH_OTHER_DEFAULTS: Final = frozenset({"configargparse", "jsonargparse", "simple_parsing", "tap"})
"""What an argument is that is left out may stand in a file, a variable or an annotation."""

YAML: Final = Spelling(("true", "True", "TRUE", "yes", "on"), ("false", "False", "FALSE", "no", "off"))
"""As `jsonargparse` reads truth values; another word it refuses."""


def has_other_defaults(imports: Mapping[str, str]) -> bool:
    """Whether what `add_argument` names as default may not be what the script takes."""
    return not _WITH_OTHER_DEFAULTS.isdisjoint(_libraries(imports))


def reads_yaml(imports: Mapping[str, str]) -> bool:
    """Whether words are read as YAML values."""
    return "jsonargparse" in _libraries(imports)


def _libraries(imports: Mapping[str, str]) -> set[str]:
    return {full.partition(".")[0] for full in imports.values()}
