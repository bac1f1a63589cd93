"""What the files of a model say of it in words: the ``MLmodel`` file that MLflow writes beside a model."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

from desktop_aml.domain.errors import InvalidSpec
from desktop_aml.domain.runs import Artifact
from desktop_aml.domain.summaries.model_signatures import FILE
from desktop_aml.store.blobs import BlobStore
from desktop_aml.system.files import read_regular

_LARGEST: Final = 1 << 20


def description(blobs: BlobStore, files: Iterable[Artifact]) -> object:
    """Return the values of the ``MLmodel`` file among `files`; None where there is none that can be read."""
    # Imported here: most models have none, and most questions read no YAML.
    from desktop_aml.environments.spec import yaml_values

    for file in files:
        if PurePosixPath(file.path).name == FILE and file.size_bytes <= _LARGEST:
            try:
                return yaml_values.values(read_regular(blobs.path_of(file.sha256)).decode())
            except (OSError, ValueError, InvalidSpec):
                return None
    return None
