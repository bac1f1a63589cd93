"""What a person is told to do about the error that ended a run."""

from __future__ import annotations

import pytest

from desktop_aml.run_folder.failure_hints import hint_for


def test_a_name_that_an_import_left_out_leads_to_its_package() -> None:
    assert "setuptools<82" in hint_for("NameError: name 'pkg_resources' is not defined")
    assert "to the environment" not in hint_for("NameError: name 'numpy' is not defined")


@pytest.mark.parametrize(
    "error",
    [
        "MemoryError (the script ended with exit code 1)",
        "numpy._core._exceptions._ArrayMemoryError: Unable to allocate 7.45 GiB for an array",
        "numpy.core._exceptions.MemoryError: Unable to allocate 7.45 GiB for an array",
    ],
)
def test_an_error_of_memory_leads_to_the_limit(error: str) -> None:
    assert "--memory" in hint_for(error)
    assert "--memory" not in hint_for("ValueError: MemoryError is no limit")
