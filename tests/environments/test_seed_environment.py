"""The seed's own specification, built from the package index that this computer uses."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import pytest

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.errors import PreparationError
from desktop_aml.environments.resolve.interpreters import find_all
from desktop_aml.environments.service import BuilderService
from tests.environments.spec.test_parsing import SEED


@pytest.mark.skipif(not any(one.version[:2] == (3, 6) for one in find_all()), reason="this computer has no Python 3.6")
def test_the_seeds_specification_builds_with_python_3_6(tmp_path: Path):
    service = BuilderService(tmp_path / "builds")
    try:
        built = service.make_ready(
            EnvironmentKind.CONDA,
            SEED,
            report=lambda _: None,
            cancel=threading.Event(),
            log_path=tmp_path / "build.log",
        )
    except PreparationError as error:
        if "could not be reached" in error.message:
            pytest.skip("no package index can be reached")
        raise
    assert built.lock.python_version.startswith("3.6.")
    assert built.lock.version_of("scikit-learn") == "0.24.2"
    assert any("3.6.2" in note and built.lock.python_version in note for note in built.lock.notes)
    assert any("azureml-defaults" in note for note in built.lock.notes)
    code = "import sys, sklearn; print('%d.%d' % sys.version_info[:2], sklearn.__version__)"
    assert subprocess.check_output([built.python, "-c", code], text=True).split() == ["3.6", "0.24.2"]
