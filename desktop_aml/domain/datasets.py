"""Datasets: named, versioned definitions of data that lies in files, as Azure ML v1 understands them.

A dataset never holds the data: it says where the files lie and how to read them, and remembers what the files were when
it was registered.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import field
from enum import StrEnum

from desktop_aml.domain.runs import Artifact
from desktop_aml.domain.values import dataclass


class DatasetKind(StrEnum):
    """What reading a dataset gives: a table, or the files themselves."""

    TABULAR = "tabular"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class DatasetVersion:
    """One registered version of a dataset, or a dataset that a run uses without a name.

    Parameters
    ----------
    name, version : str, int
        Empty and 0 for a dataset without a name.
    id : str
        The same for the same definition over the same bytes.
    definition : str
        JSON text: where the files lie, how to read them, which rows and columns to keep.
    files : tuple of Artifact
        The files as they were when the version was made; `path` is absolute.
    """

    name: str
    version: int
    id: str
    kind: DatasetKind
    created_at: float
    definition: str
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    files: tuple[Artifact, ...] = ()

    @property
    def label(self) -> str:
        """``name:version``."""
        return f"{self.name}:{self.version}"

    @property
    def size_bytes(self) -> int:
        """Size of all its files."""
        return sum(file.size_bytes for file in self.files)


@dataclass(frozen=True, slots=True)
class DatasetUse:
    """A dataset that a run took in, or a folder that it left as one.

    Parameters
    ----------
    name : str
        What the run calls it.
    how : str
        ``"direct"`` (the dataset itself), ``"mount"`` and ``"download"`` (its files in a folder), or ``"output"``.
    dataset : DatasetVersion or None
        None where the workspace no longer knows it, or an output was not registered.
    path : str
        The folder or file that the run saw; empty for ``"direct"``.
    """

    name: str
    how: str
    dataset: DatasetVersion | None
    path: str = ""


def dataset_id(definition: str, files: tuple[Artifact, ...]) -> str:
    """Return the identifier of a definition over these files."""
    text = json.dumps([definition, [[file.path, file.sha256] for file in files]])
    return str(uuid.UUID(hashlib.sha256(text.encode()).hexdigest()[:32]))
