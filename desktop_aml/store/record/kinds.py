"""What the record consists of: the kinds of things that a workspace keeps, each with a manifest of its own."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

SCHEMA: Final = 1
"""Version of the manifests. One that cannot be read by older programs any more raises it."""


class RecordKind(StrEnum):
    """What an entry of the outbox is about; its key is in brackets."""

    RUN = "run"
    """[run id]"""
    EXPERIMENT = "experiment"
    """[name]"""
    ENVIRONMENT = "environment"
    """[name:version]"""
    ENVIRONMENT_NAME = "environment name"
    """[name]: which versions of it were ever given."""
    LOCK = "lock"
    """[hash]"""
    MODEL = "model"
    """[name:version]"""
    MODEL_NAME = "model name"
    """[name]: which versions of it were ever given."""
    DATASET = "dataset"
    """[id]"""
    DATASET_VERSION = "dataset version"
    """[name:version]"""
    DATASET_NAME = "dataset name"
    """[name]: which versions of it were ever given."""
    ENDPOINT = "endpoint"
    """[name]"""
    OUTPUT_DATASETS = "output datasets"
    """[run id]: no manifest, but folders that a completed run was to leave as datasets and that are to be measured."""


MANIFESTS: Final = tuple(kind for kind in RecordKind if kind is not RecordKind.OUTPUT_DATASETS)
"""The kinds that have a manifest."""


def label_of(key: str) -> tuple[str, int]:
    """Return name and version of a key that is ``name:version``."""
    name, _, version = key.rpartition(":")
    return name, int(version)
