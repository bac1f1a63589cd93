"""Models and endpoints: the values of the registry."""

from __future__ import annotations

import re
from dataclasses import field
from enum import StrEnum
from typing import Final

from desktop_aml.domain.runs import Artifact
from desktop_aml.domain.values import dataclass

MODEL_ENDINGS: Final = (".joblib", ".pkl", ".pickle", ".sav", ".skops")
"""Endings of files that can be registered as models and served, likeliest first."""


_ADDRESS: Final = re.compile(r"(?!file:)[a-z][a-z0-9+.\-]+:/\S+", re.IGNORECASE)


def is_elsewhere(address: str) -> bool:
    """Whether an address is one of files that are not on this computer, such as ``s3://bucket/model``."""
    return _ADDRESS.fullmatch(address) is not None


class Framework:
    """Names of the model frameworks, as Azure ML spells them."""

    SCIKITLEARN = "ScikitLearn"
    CUSTOM = "Custom"


@dataclass(frozen=True, slots=True)
class ResourceConfiguration:
    """Processor share in cores and memory in gigabytes that an endpoint of the model may use; None is no limit."""

    cpu: float | None = None
    memory_in_gb: float | None = None


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One registered version of a model.

    Parameters
    ----------
    run_id, path : str
        The run and artifact it came from; `run_id` is empty for a model that came from elsewhere. An address (see
        `is_elsewhere`) for a version without files: it is described and promoted like any other, and never served.
    environment : str
        ``name:version`` of the environment it was trained in and is loaded in.
    environment_key : str
        Build key of that environment.
    deleted_at : float or None
        When it was put into the trash, in Unix seconds; None when it is not there.
    """

    name: str
    version: int
    created_at: float
    run_id: str = ""
    path: str = ""
    framework: str = ""
    framework_version: str = ""
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    resources: ResourceConfiguration = ResourceConfiguration()
    files: tuple[Artifact, ...] = ()
    environment: str = ""
    environment_key: str = ""
    deleted_at: float | None = None

    @property
    def label(self) -> str:
        """``name:version``."""
        return f"{self.name}:{self.version}"

    @property
    def size_bytes(self) -> int:
        """Size of all its files."""
        return sum(file.size_bytes for file in self.files)

    @property
    def lies_elsewhere(self) -> bool:
        """Whether its files are not in this workspace."""
        return not self.files and is_elsewhere(self.path)


def split_label(label: str) -> tuple[str, int]:
    """Return name and version of the label of a model; version 0, the newest, where it names none."""
    name, _, version = label.partition(":")
    return name, int(version or 0)


class EndpointState(StrEnum):
    """State of an endpoint, spelled as Azure ML spells a webservice's."""

    TRANSITIONING = "Transitioning"
    HEALTHY = "Healthy"
    UNHEALTHY = "Unhealthy"
    STOPPED = "Stopped"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One served model.

    Parameters
    ----------
    scoring_uri : str
        Address to POST to; empty while it is not serving.
    auth_enabled : bool
        Whether a request must carry one of the keys.
    error : str
        What keeps it from being healthy, in words.
    models : tuple of str
        Labels of all models that a scoring script is given; empty when the model itself is served.
    entry_script, source_directory : str
        The scoring script, relative to the folder that was copied; both empty when the model itself is served.
    only_script : bool
        Whether the script alone was copied, not the whole folder.
    environment : str
        ``name:version`` of the environment that a scoring script runs in.
    target : str
        Where the model is loaded: ``"local"`` or ``"docker"``.
    network : bool
        Whether the model may use the network.
    open_network : str
        Why it has the network though it may not, in words; empty when it has none.
    """

    name: str
    model_name: str
    model_version: int
    state: EndpointState
    created_at: float
    port: int = 0
    scoring_uri: str = ""
    swagger_uri: str = ""
    auth_enabled: bool = False
    error: str = ""
    details: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    description: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    entry_script: str = ""
    source_directory: str = ""
    only_script: bool = False
    environment: str = ""
    target: str = "local"
    network: bool = False
    open_network: str = ""

    @property
    def model_label(self) -> str:
        """What it serves, for people: ``name:version`` of each model, or the script when there is no model."""
        own = f"{self.model_name}:{self.model_version}" if self.model_name else self.entry_script
        return ", ".join(self.models) or own


@dataclass(frozen=True, slots=True)
class EndpointKeys:
    """The two keys of an endpoint; either is valid."""

    primary: str
    secondary: str
