"""How two environments differ: what they resolved to, package by package, and what was written."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum

from desktop_aml.domain.environments import EnvironmentLock, LockedPackage


class ChangeKind(StrEnum):
    """What became of one package."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    """Another version."""
    REPLACED = "replaced"
    """The same version from another file."""


@dataclass(frozen=True, slots=True)
class LockChange:
    """One difference. `before` and `after` are versions; empty where there is none."""

    name: str
    kind: ChangeKind
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class LockSide:
    """One of two environments that are compared.

    Parameters
    ----------
    label : str
        ``name:version`` of an environment, or a run's id.
    text : str
        The specification as the user wrote it; empty when there is none.
    """

    label: str
    lock: EnvironmentLock
    text: str = ""


@dataclass(frozen=True, slots=True)
class EnvironmentDiff:
    """How `after` differs from `before`.

    Parameters
    ----------
    base : tuple of LockChange
        Differences of Python, platform and builder.
    packages : tuple of LockChange
        By name.
    text_lines : tuple of str
        The specifications compared line by line, as a unified diff without headers; empty when they are the same.
    """

    before: str
    after: str
    base: tuple[LockChange, ...]
    packages: tuple[LockChange, ...]
    text_lines: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether both hold exactly the same."""
        return not self.base and not self.packages


@dataclass(frozen=True, slots=True)
class EnvironmentPreview:
    """What a build would hold, before anything is installed: `lock`, and how it differs from what there is."""

    lock: EnvironmentLock
    diff: EnvironmentDiff


def compare(before: LockSide, after: LockSide) -> EnvironmentDiff:
    """Return how two environments differ."""
    return EnvironmentDiff(
        before.label,
        after.label,
        tuple(_base(before.lock, after.lock)),
        tuple(_packages(before.lock.packages, after.lock.packages)),
        tuple(_lines(before.text, after.text)),
    )


def _base(before: EnvironmentLock, after: EnvironmentLock) -> list[LockChange]:
    pairs = (
        ("Python", before.python_version, after.python_version),
        ("platform", before.platform, after.platform),
        ("builder", before.builder, after.builder),
    )
    return [LockChange(name, ChangeKind.CHANGED, old, new) for name, old, new in pairs if old != new]


def _packages(before: tuple[LockedPackage, ...], after: tuple[LockedPackage, ...]) -> list[LockChange]:
    old, new = {one.name: one for one in before}, {one.name: one for one in after}
    changes = []
    for name in sorted(old.keys() | new.keys()):
        left, right = old.get(name), new.get(name)
        if left is None or right is None:
            kind = ChangeKind.ADDED if left is None else ChangeKind.REMOVED
        elif left.version != right.version:
            kind = ChangeKind.CHANGED
        elif left.url != right.url or _is_another_file(left, right):
            kind = ChangeKind.REPLACED
        else:
            continue
        changes.append(LockChange(name, kind, left.version if left else "", right.version if right else ""))
    return changes


def _is_another_file(left: LockedPackage, right: LockedPackage) -> bool:
    # A release grows files after it was locked; only where no file is common it is another one.
    return bool(left.hashes and right.hashes) and not set(left.hashes) & set(right.hashes)


def _lines(before: str, after: str) -> list[str]:
    compared = difflib.unified_diff(before.splitlines(), after.splitlines(), n=2, lineterm="")
    return list(compared)[2:]
