"""What is offered where one types in a specification."""

from __future__ import annotations

import pytest

from desktop_aml.ui.environments.completing import CHANNELS, INSTRUCTIONS, KEYS, offer

PACKAGES = ("numpy", "pip-tools", "scikit-learn", "torch", "unpy")
YAML = "name: x\nchannels:\n  - "


@pytest.mark.parametrize(
    ("before", "file_name", "choices"),
    [
        ("dependencies:\n  - num", "environment.yml", ("numpy",)),
        ("dependencies:\n- num", "environment.yml", ("numpy",)),
        ("dependencies:\n  - python=3.11\n  # why\n\n  - pi", "environment.yml", ("pip-tools", "pip:")),
        ("dependencies:\n  - pip:\n    - tor", "environment.yml", ("torch",)),
        ("dependencies:\n  - pip:\n    - torch\n  - scik", "environment.yml", ("scikit-learn",)),
        (YAML, "environment.yml", CHANNELS),
        (YAML + "forge", "environment.yml", ("conda-forge",)),
        ("dep", "environment.yml", ("dependencies:",)),
        ("", "environment.yml", KEYS),
        ("numpy\ntor", "environment.yml", ("torch",)),
        ("name: tor", "environment.yml", ()),
        ("variables:\n  tor", "environment.yml", ()),
        ("dependencies:\n  - numpy=1", "environment.yml", ()),
        ("dependencies:\n  - numpy", "environment.yml", ()),
        ("# tor", "requirements.txt", ()),
        ("torch npy", "requirements.txt", ()),
        ("PY", "requirements.txt", ("numpy", "unpy")),
        ("ru", "Dockerfile", ("RUN",)),
        ("", "Dockerfile", INSTRUCTIONS),
        ("FROM x\nRUN pip install numpy tor", "Dockerfile", ("torch",)),
        ("FROM py", "Dockerfile", ()),
    ],
)
def test_what_fits_the_place_is_offered(before: str, file_name: str, choices: tuple[str, ...]) -> None:
    assert offer(before, file_name, PACKAGES).choices == choices


def test_what_begins_with_the_word_comes_before_what_holds_it() -> None:
    assert offer("np", "requirements.txt", ("unpy", "input", "npy-x", "NPY")).choices == (
        "NPY",
        "npy-x",
        "input",
        "unpy",
    )
