"""Whether a run that was made again gave the same, as rows of its page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication

from desktop_aml.domain.compare.repeated import Sameness, Verdict, file_in_words, in_words, metric_in_words
from desktop_aml.domain.errors import NotFound
from desktop_aml.ui.look import formats

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_SHOWN: Final = 20


def verdict_of(workspace: Workspace, run_id: str) -> Verdict | None:
    """Return the verdict over a run that repeats another; None for one that repeats none, or one that is gone."""
    repeats = workspace.runs.repeats
    try:
        return repeats.verdict(run_id) if repeats.origin(run_id) else None
    except NotFound:
        return None


def is_final(verdict: Verdict | None) -> bool:
    """Whether a verdict is there that no later look changes."""
    return verdict is not None and verdict.sameness is not Sameness.NOT_COMPARABLE


def rows(verdict: Verdict) -> list[tuple[str, str]]:
    """Return name and text of each row: the verdict, what differs, what differed before the script began."""
    found = [(_tr("Repeats"), verdict.origin), (_title(verdict), in_words(verdict))]
    changes = [(one.path, file_in_words(one)) for one in verdict.files]
    changes += [(one.name, metric_in_words(one)) for one in verdict.metrics]
    found += changes[:_SHOWN]
    if len(changes) > _SHOWN:
        found.append(
            (_tr("and {0} more").format(formats.count(len(changes) - _SHOWN)), "desktop-aml run verify --json")
        )
    found += [
        (_tr("Differed before: {0}").format(one.name), f"{one.before or '–'} → {one.after or '–'}")
        for one in verdict.conditions[:_SHOWN]
    ]
    if verdict.times:
        found.append((_tr("Not compared"), _tr("{0}: times").format(", ".join(verdict.times))))
    return found


def _title(verdict: Verdict) -> str:
    if verdict.sameness is Sameness.NOT_COMPARABLE:
        return _tr("Not known")
    return _tr("Different") if verdict.sameness is Sameness.DIFFERS else _tr("The same")


def _tr(text: str) -> str:
    return QCoreApplication.translate("verdict", text)
