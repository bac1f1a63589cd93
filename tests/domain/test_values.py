"""Small values that answer questions."""

from __future__ import annotations

from desktop_aml.domain.environments import (
    BuiltEnvironment,
    EnvironmentKind,
    EnvironmentLock,
    EnvironmentVersion,
    LockedPackage,
)
from desktop_aml.domain.errors import DesktopAMLError, InvalidSpec, ScoringError
from desktop_aml.domain.registry import ModelVersion
from desktop_aml.domain.runs import Artifact


def test_an_error_says_what_and_what_now() -> None:
    assert str(DesktopAMLError("It broke.", "Fix it.")) == "It broke.\nFix it."
    assert str(DesktopAMLError("It broke.")) == "It broke."


def test_errors_carry_what_their_kind_adds() -> None:
    assert (InvalidSpec("x", line=3, column=5).line, ScoringError("x", status=400).status) == (3, 400)


def test_a_lock_finds_packages_by_any_spelling() -> None:
    lock = EnvironmentLock("3.11", "linux", "uv", (LockedPackage("scikit-learn", "1.5.2"),), "")
    assert lock.version_of("Scikit_Learn") == "1.5.2"
    assert lock.version_of("numpy") is None
    assert BuiltEnvironment("k", "/p", lock).lock is lock


def test_versions_have_labels_and_sizes() -> None:
    files = (Artifact("a", 2, "x"), Artifact("b", 3, "y"))
    model = ModelVersion("m", 2, 0.0, files=files)
    assert (model.label, model.size_bytes) == ("m:2", 5)
    assert EnvironmentVersion("e", 1, EnvironmentKind.CONDA, "", 0.0).label == "e:1"
