"""What a version of a model takes and gives, read from its ``MLmodel`` file."""

from __future__ import annotations

from desktop_aml.domain.registry import ModelVersion
from desktop_aml.domain.summaries.model_signatures import ModelSignature, signature_of
from desktop_aml.engine.registry.described import description
from desktop_aml.store.folder import WorkspaceFolder


def read_signature(folder: WorkspaceFolder, model: ModelVersion) -> ModelSignature:
    """Return what a version takes and gives; empty where it does not say so."""
    return signature_of(description(folder.blobs, model.files))
