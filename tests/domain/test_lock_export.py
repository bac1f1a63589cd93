"""Locks in the forms of other tools."""

from __future__ import annotations

from dataclasses import replace

import pytest

from desktop_aml.domain.environments import EnvironmentLock, LockedPackage
from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.lock_export import LockFormat, export

TEXT = "lib==2.0 \\\n    --hash=sha256:aa\n"
PYPI = EnvironmentLock("3.11.7", "linux", "uv", (LockedPackage("lib", "2.0", ("sha256:aa",)),), TEXT)
FORGE = "https://conda.anaconda.org/conda-forge"
URLS = (f"{FORGE}/linux-64/python-3.11.7-h0_1.conda", f"{FORGE}/noarch/my-app-1.0-py_0.tar.bz2")
CONDA = replace(
    PYPI,
    builder="conda",
    packages=(
        LockedPackage("python", "3.11.7", ("md5:11",), URLS[0]),
        LockedPackage("my-app", "1.0", ("md5:22",), URLS[1]),
        *PYPI.packages,
    ),
    explicit=f"@EXPLICIT\n{URLS[0]}#11\n{URLS[1]}#22\n",
)


def test_requirements_hold_the_lock_as_it_is_installed():
    heading, rest = export(PYPI, "mine:2", LockFormat.REQUIREMENTS).split("\n", 1)
    assert heading == "# mine:2: Python 3.11.7, linux, locked by Desktop AML (uv)"
    assert rest == TEXT


def test_an_explicit_list_holds_every_conda_package_and_names_those_of_pypi_as_comments():
    lines = export(CONDA, "mine:2", LockFormat.CONDA_EXPLICIT).splitlines()
    assert lines[1:4] == ["@EXPLICIT", f"{URLS[0]}#11", f"{URLS[1]}#22"]
    assert lines[-2:] == ["# lib==2.0 \\", "#     --hash=sha256:aa"]
    alone = export(replace(CONDA, text=""), "mine:2", LockFormat.CONDA_EXPLICIT)
    assert alone.splitlines()[1:] == CONDA.explicit.splitlines()


def test_a_yaml_pins_every_package_where_it_came_from():
    assert export(CONDA, "mine:2", LockFormat.YAML).splitlines()[1:] == [
        "name: mine",
        "channels:",
        "  - conda-forge",
        "dependencies:",
        "  - python=3.11.7=h0_1",
        "  - my-app=1.0=py_0",
        "  - pip",
        "  - pip:",
        "    - lib==2.0",
    ]
    assert "name: my-env\n" in export(CONDA, "my env:2", LockFormat.YAML), "conda makes none with a blank"
    assert "  - python=3.11.7\n  - pip\n  - pip:\n    - lib==2.0\n" in export(PYPI, "mine", LockFormat.YAML)
    assert "pip" not in export(replace(PYPI, packages=(), text=""), "mine", LockFormat.YAML)


@pytest.mark.parametrize(
    ("lock", "form", "words"),
    [
        (CONDA, LockFormat.REQUIREMENTS, "packages of conda"),
        (PYPI, LockFormat.CONDA_EXPLICIT, "built from PyPI"),
        (replace(PYPI, builder="existing"), LockFormat.YAML, "used as it is"),
    ],
)
def test_a_form_that_cannot_say_it_is_refused(lock: EnvironmentLock, form: LockFormat, words: str):
    with pytest.raises(InvalidInput, match=words) as raised:
        export(lock, "mine:2", form)
    assert raised.value.hint
