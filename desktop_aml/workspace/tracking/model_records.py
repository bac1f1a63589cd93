"""What is kept of a model beyond its versions: aliases, stages and tags as MLflow has them, rules and their checks."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.side_files import SideFiles

_ALIAS: Final = re.compile(r"[\w-]{1,255}")
STAGES: Final = ("None", "Staging", "Production", "Archived")
_NO_ALIAS: Final = re.compile(r"v\d+|latest", re.IGNORECASE)


class VersionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What MLflow says of one version beside the row of the workspace."""

    stage: str = "None"
    source: str = ""
    run_id: str = ""
    run_link: str = ""
    model_id: str = ""
    updated_at: float = 0.0


class ConditionResult(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a condition of a rule held, and why or why not in words."""

    condition: str
    holds: bool
    words: str


class PromotionCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule said of a version. `at` is Unix time in seconds, `target` the alias or the stage (``stage:NAME``)."""

    at: float
    target: str
    version: int
    rule: str
    passed: bool
    results: list[ConditionResult] = []
    forced: bool = False
    """Whether it was promoted all the same."""


class ModelRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What MLflow says of one model beside its versions. Times are Unix seconds."""

    created_at: float
    updated_at: float
    description: str = ""
    tags: dict[str, str] = {}
    aliases: dict[str, int] = {}
    versions: dict[str, VersionRecord] = {}
    rules: dict[str, str] = {}
    """By the alias, or the stage (``stage:NAME``), that they stand before."""
    checks: list[PromotionCheck] = []
    """The newest last."""


def records_of_models(folder: WorkspaceFolder) -> SideFiles[ModelRecord]:
    """Return the documents of a workspace, by the names of the models."""
    return SideFiles(folder.side_files / "mlflow-models", ModelRecord, "model")


def check_alias(alias: str) -> str:
    """Return an alias as it is.

    Raises
    ------
    InvalidInput
        When it cannot be one.
    """
    if not _ALIAS.fullmatch(alias) or _NO_ALIAS.fullmatch(alias):
        raise InvalidInput(
            f"Invalid model alias name: '{alias[:100]}'. Use letters, digits, _ and -; not v1 or latest."
        )
    return alias
