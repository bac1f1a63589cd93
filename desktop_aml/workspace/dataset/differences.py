"""How two versions of a dataset differ: their files by hash, and their columns where both can still be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from os.path import commonpath

from desktop_aml.domain.datasets import DatasetVersion
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.runs import Artifact
from desktop_aml.workspace.dataset.profiling import ColumnProfile, profile


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """A column that differs; None on the side that has none."""

    name: str
    before: ColumnProfile | None
    after: ColumnProfile | None


@dataclass(frozen=True, slots=True)
class DatasetDifference:
    """How one version became another.

    Parameters
    ----------
    added, removed, changed : tuple of str
        Paths below the folder that all files of a side have in common; changed ones have other bytes.
    columns : tuple of ColumnChange
        Columns that differ in anything that `ColumnProfile` says.
    rows : (int, int) or None
        How many rows each side has.
    why_no_columns : str
        Why the columns are not compared; empty when they are.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    columns: tuple[ColumnChange, ...] = ()
    rows: tuple[int, int] | None = None
    why_no_columns: str = ""

    def differs(self) -> bool:
        """Whether anything differs."""
        return bool(self.added or self.removed or self.changed or self.columns)


def difference(
    before: DatasetVersion, after: DatasetVersion, gone: Sequence[Artifact], *, with_columns: bool = True
) -> DatasetDifference:
    """Compare two versions.

    Parameters
    ----------
    gone : sequence of Artifact
        Files of either that no longer have the bytes that they were registered with: their rows cannot be compared.
    """
    old, new = _relative(before), _relative(after)
    found = DatasetDifference(
        added=tuple(path for path in new if path not in old),
        removed=tuple(path for path in old if path not in new),
        changed=tuple(path for path in new if path in old and new[path] != old[path]),
    )
    if not with_columns or not (found.added or found.removed or found.changed):
        return found
    if gone:
        names = ", ".join(file.path for file in gone[:3])
        words = f"Files have other bytes now than when they were registered, or are gone: {names}"
        return _without_columns(found, words)
    try:
        one, other = profile(before), profile(after)
    except DesktopAMLError as error:
        return _without_columns(found, error.message)
    sides = [{column.name: column for column in side.columns} for side in (one, other)]
    changes = [
        ColumnChange(name, sides[0].get(name), sides[1].get(name))
        for name in dict.fromkeys((*sides[0], *sides[1]))
        if sides[0].get(name) != sides[1].get(name)
    ]
    return DatasetDifference(found.added, found.removed, found.changed, tuple(changes), (one.rows, other.rows))


def _without_columns(found: DatasetDifference, why: str) -> DatasetDifference:
    return DatasetDifference(found.added, found.removed, found.changed, why_no_columns=why)


def _relative(dataset: DatasetVersion) -> dict[str, str]:
    """Return the hash of each file by its path below the folder that all of them lie in."""
    if not dataset.files:
        return {}
    paths = [file.path for file in dataset.files]
    base = commonpath(paths) if len(paths) > 1 else paths[0].rpartition("/")[0]
    return {file.path[len(base) :].lstrip("/"): file.sha256 for file in dataset.files}
