"""The rules before aliases and stages of a model, and what came of them for a version, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desktop_aml.ui.look import formats

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace
    from desktop_aml.workspace.tracking.model_records import PromotionCheck


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a model by what they stand before, and what came of them, the newest first."""

    texts: Mapping[str, str] = field(default_factory=dict)
    checks: Sequence[PromotionCheck] = ()

    def lines(self) -> str:
        """Return the rules as they are edited, a line each."""
        return "\n".join(f"{target}: {text}" for target, text in self.texts.items())

    def rows(self, version: int) -> Iterator[tuple[str, str]]:
        """Return title and words of each rule, and of its newest answer for a version."""
        for target, text in self.texts.items():
            yield _tr("Rule before {0}").format(target), text
            found = next((one for one in self.checks if (one.target, one.version) == (target, version)), None)
            if found is not None:
                yield _tr("Checked {0}").format(formats.relative_time(found.at)), answer(found)


def answer(found: PromotionCheck) -> str:
    """Return what came of a rule, and why not where it was not kept."""
    if found.passed:
        return _tr("Kept: {0}").format("; ".join(one.words for one in found.results))
    reasons = "; ".join(f"{one.condition}: {one.words}" for one in found.results if not one.holds)
    words = _tr("Not kept, and given all the same: {0}") if found.forced else _tr("Not kept: {0}")
    return words.format(reasons)


def read_rules(workspace: Workspace, name: str) -> Rules:
    """Return the rules of a model and what came of them."""
    rules = workspace.models.rules
    return Rules(rules.of(name), rules.checks(name))


def parsed(text: str) -> dict[str, str] | None:
    """Return the rules that lines say; None where one has no colon with a name before it."""
    found = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        before, _, after = line.strip().partition(":")
        if before.lower() == "stage":
            stage, _, after = after.partition(":")
            before = f"stage:{stage.strip()}"
        if not before.strip() or not after.strip():
            return None
        found[before.strip()] = after.strip()
    return found


def _tr(text: str) -> str:
    return QCoreApplication.translate("ModelRules", text)
