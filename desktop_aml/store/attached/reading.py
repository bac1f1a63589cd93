"""Points and files of attached runs, read where they lie."""

from __future__ import annotations

import os
from pathlib import Path
from types import MappingProxyType
from typing import Final

from desktop_aml.domain.errors import StorageError
from desktop_aml.domain.metrics import Point
from desktop_aml.store.attached.event_files import TENSORBOARD
from desktop_aml.store.attached.mlflow_database import MLFLOW_DATABASE
from desktop_aml.store.attached.mlruns import MLRUNS
from desktop_aml.store.attached.optuna_storage import OPTUNA
from desktop_aml.store.attached.origins import Origin
from desktop_aml.store.attached.values import Kind

KINDS: Final = MappingProxyType(
    {"mlflow-database": MLFLOW_DATABASE, "mlruns": MLRUNS, "optuna": OPTUNA, "tensorboard": TENSORBOARD}
)
"""Every kind of source; the first that a path is of counts."""
_MOST_FILES: Final = 10_000


def named(kind: str) -> Kind:
    """Return the kind of source with this key.

    Raises
    ------
    StorageError
        When there is none: a later version attached it.
    """
    found = KINDS.get(kind)
    if found is None:
        raise StorageError(
            f"This version of Desktop AML does not know sources called “{kind}”.",
            "Detach it, or use a newer one.",
        )
    return found


def points(origin: Origin, name: str) -> list[Point]:
    """Return the points of a curve.

    Raises
    ------
    StorageError
        When the source is gone or damaged.
    """
    return named(origin.kind).points(Path(origin.path), origin.key, name)


def files(origin: Origin) -> dict[str, Path]:
    """Return the files of a run by their paths; those that lie beside its source, and no links."""
    root, source = Path(origin.artifacts), Path(origin.path)
    around = (source if source.is_dir() else source.parent).resolve()
    if not origin.artifacts or not root.resolve().is_relative_to(around):
        return {}
    found: dict[str, Path] = {}
    for parent, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            path = Path(parent) / name
            if len(found) < _MOST_FILES and path.is_file() and not path.is_symlink():
                found[path.relative_to(root).as_posix()] = path
    return dict(sorted(found.items()))


def kind_of(path: Path) -> str | None:
    """Return the kind of source that a path is, or None."""
    return next((key for key, kind in KINDS.items() if kind.is_one(path)), None)
