"""What a version of a model takes and gives, read from its ``MLmodel`` file."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Final

from desktop_aml.domain.errors import InvalidSpec
from desktop_aml.domain.registry import ModelVersion
from desktop_aml.domain.summaries.model_signatures import FILE, ModelSignature, signature_of
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.system.files import read_regular

_LARGEST_DESCRIPTION: Final = 1 << 20


def read_signature(folder: WorkspaceFolder, model: ModelVersion) -> ModelSignature:
    """Return what a version takes and gives; empty where it does not say so."""
    # Imported here: most questions read no YAML.
    from desktop_aml.environments.spec import yaml_values

    for file in model.files:
        if PurePosixPath(file.path).name == FILE and file.size_bytes <= _LARGEST_DESCRIPTION:
            try:
                text = read_regular(folder.blobs.path_of(file.sha256)).decode()
                return signature_of(yaml_values.values(text))
            except (OSError, ValueError, InvalidSpec):
                return ModelSignature()
    return ModelSignature()
