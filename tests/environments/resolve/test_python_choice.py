"""Which Python an environment gets that leaves it open, and what old packages are kept from."""

from __future__ import annotations

import sys

import pytest

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.errors import PreparationError
from desktop_aml.environments.resolve.interpreters import find_all
from tests.environments.bench import Bench

BROKEN = "raise RuntimeError('nothing is built here')\n"
OWN = f"{sys.version_info[0]}.{sys.version_info[1]}"
OTHERS = [one for one in dict.fromkeys(f"3.{one.version[1]}" for one in find_all()) if one != OWN]
needs_others = pytest.mark.skipif(len(OTHERS) < 2, reason="this computer has no two other Pythons")


def tag(minor: str) -> str:
    """Return the tag of a wheel for one Python alone."""
    short = minor.replace(".", "")
    return f"cp{short}-cp{short}{'m' if minor in {'3.6', '3.7'} else ''}-linux_x86_64"


def publish_for(bench: Bench, name: str, version: str, *minors: str) -> None:
    for minor in minors:
        bench.index.add_wheel(name, version, tag=tag(minor))
    bench.index.add_source(name, version, BROKEN)


@needs_others
def test_a_pin_without_a_python_gets_the_newest_one_that_has_wheels(bench: Bench):
    newer, older = OTHERS[:2]
    publish_for(bench, "old", "1.0", newer, older)
    built = bench.make("old==1.0\napp\n")
    assert built.lock.python_version.startswith(f"{newer}.")
    note = next(note for note in built.lock.notes if "ready-made" in note)
    assert f"Python {built.lock.python_version} is used" in note
    assert f"none of old 1.0 for Python {OWN}" in note
    assert note in bench.log.read_text()
    assert bench.make("old==1.0\napp\n") == built


@needs_others
def test_pins_that_only_one_python_serves_get_it_from_a_conda_file_too(bench: Bench):
    newer, older = OTHERS[:2]
    publish_for(bench, "one", "1.0", newer, older)
    publish_for(bench, "two", "1.0", older, OWN)
    text = "dependencies:\n  - one=1.0\n  - pip:\n    - two==1.0\n"
    assert bench.make(text, kind=EnvironmentKind.CONDA).lock.python_version.startswith(f"{older}.")


def test_a_range_of_pythons_leaves_the_choice_open(bench: Bench):
    publish_for(bench, "old", "1.0", OTHERS[-1])
    text = "dependencies:\n  - python>=3.6\n  - pip:\n    - old==1.0\n"
    built = bench.make(text, kind=EnvironmentKind.CONDA)
    assert built.lock.python_version.startswith(f"{OTHERS[-1]}.")


def test_what_is_published_as_source_alone_speaks_for_no_python(bench: Bench):
    """Its source is built for the usual Python, as before."""
    bench.index.add_source("plain", "1.0", _PLAIN)
    built = bench.make("plain==1.0\napp\n")
    assert built.lock.python_version.startswith(f"{OWN}.")


@needs_others
def test_source_alone_does_not_hide_what_another_package_needs(bench: Bench):
    bench.index.add_source("plain", "1.0", _PLAIN)
    publish_for(bench, "old", "1.0", OTHERS[0])
    built = bench.make("plain==1.0\nold==1.0\n")
    assert built.lock.python_version.startswith(f"{OTHERS[0]}.")


@needs_others
def test_a_dependency_that_is_source_alone_does_not_hide_it_either(bench: Bench):
    """For one Python the pin is missing, for the other what only comes with another package."""
    bench.index.add_source("plain", "1.0", _PLAIN)
    bench.index.add_wheel("needy", "1.0", ("plain==1.0",))
    publish_for(bench, "old", "1.0", OTHERS[1])
    built = bench.make("needy\nold==1.0\n")
    assert built.lock.python_version.startswith(f"{OTHERS[1]}.")
    assert built.lock.version_of("plain") == "1.0"


def test_a_newer_release_without_a_wheel_does_not_move_an_open_requirement_to_another_python(bench: Bench):
    bench.index.add_wheel("plain", "0.9")
    bench.index.add_source("plain", "1.0", _PLAIN)
    built = bench.make("plain\n")
    assert built.lock.python_version.startswith(f"{OWN}.")
    assert built.lock.version_of("plain") == "1.0"


@needs_others
def test_a_python_that_was_named_is_kept_and_the_one_that_would_do_is_told(bench: Bench):
    publish_for(bench, "old", "1.0", OTHERS[1])
    text = f"dependencies:\n  - python={OWN}\n  - pip:\n    - old==1.0\n"
    with pytest.raises(PreparationError, match="Line 4") as caught:
        bench.make(text, kind=EnvironmentKind.CONDA)
    assert f"Python {OTHERS[1]} has ready-made files" in caught.value.hint
    assert f"write python={OTHERS[1]}" in caught.value.hint


def test_a_python_that_is_not_here_is_told_when_only_it_would_do(bench: Bench):
    missing = next(f"3.{number}" for number in range(14, 5, -1) if f"3.{number}" not in {OWN, *OTHERS})
    publish_for(bench, "old", "1.0", missing)
    with pytest.raises(PreparationError) as caught:
        bench.make("old==1.0\n")
    assert f"Python {missing} has ready-made files" in caught.value.hint
    assert "install it on this computer" in caught.value.hint


def test_a_conflict_that_no_python_solves_is_told_as_it_is(bench: Bench):
    bench.index.add_wheel("strict", "1.0", ("lib<2",))
    with pytest.raises(PreparationError, match="cannot be installed together") as caught:
        bench.make("strict==1.0\nlib==2.0\n")
    assert "Python" not in caught.value.hint


@pytest.mark.parametrize(
    ("name", "old", "bound", "kept"),
    [("scikit-learn", "0.22.1", "numpy<1.24", "1.23.5"), ("pandas", "1.0.4", "numpy<1.20", "1.19.5")],
)
def test_an_old_package_is_kept_from_what_it_cannot_bear(bench: Bench, name: str, old: str, bound: str, kept: str):
    for version in ("1.19.5", "1.23.5", "1.24.0", "2.0.0"):
        bench.index.add_wheel("numpy", version)
    bench.index.add_wheel(name.replace("-", "_"), old, ("numpy",))
    bench.index.add_wheel(name.replace("-", "_"), "2.5.0", ("numpy",))
    built = bench.make(f"{name}=={old}\n")
    assert built.lock.version_of("numpy") == kept
    assert any(f"{name} {old} needs {bound}" in note for note in built.lock.notes)
    assert bench.make(f"{name}\n").lock.version_of("numpy") == "2.0.0"


def test_what_an_old_package_imports_without_asking_for_it_comes_along(bench: Bench):
    bench.index.add_wheel("xgboost", "1.4.2")
    bench.index.add_wheel("xgboost", "1.6.0")
    assert bench.make("xgboost==1.4.2\n").lock.version_of("setuptools") is None
    bench.index.add_wheel("setuptools", "81.0.0")
    bench.index.add_wheel("setuptools", "84.0.0")
    built = bench.make("xgboost<1.6\n")
    assert built.lock.version_of("setuptools") == "81.0.0"
    assert any("setuptools<82 comes along: xgboost 1.4.2" in note for note in built.lock.notes)
    assert bench.make("xgboost\n").lock.version_of("setuptools") is None


def test_an_old_package_whose_metadata_is_written_in_an_older_way_is_resolved(bench: Bench):
    bench.index.add_wheel("pandas", "0.24.2", ("python-dateutil (>=2.5.0)", "pytz (>=2011k)", "numpy (>=1.12.0)"))
    for name, version in (("python_dateutil", "2.9.0"), ("pytz", "2024.1"), ("numpy", "1.16.4")):
        bench.index.add_wheel(name, version)
    built = bench.make("pandas==0.24.2\n")
    assert built.lock.version_of("pandas") == "0.24.2"
    assert built.lock.version_of("pytz") == "2024.1"


def test_a_pin_of_the_user_wins_over_what_an_old_package_can_bear(bench: Bench):
    bench.index.add_wheel("numpy", "1.23.5")
    bench.index.add_wheel("numpy", "1.24.0")
    bench.index.add_wheel("scikit_learn", "0.22.1", ("numpy",))
    built = bench.make("scikit-learn==0.22.1\nnumpy==1.24.0\n")
    assert built.lock.version_of("numpy") == "1.24.0"
    assert any("the specification wants it otherwise" in note for note in built.lock.notes)


def test_setuptools_still_has_pkg_resources_unless_its_version_is_named(bench: Bench):
    bench.index.add_wheel("setuptools", "81.0.0")
    bench.index.add_wheel("setuptools", "84.0.0")
    assert bench.make("setuptools\n").lock.version_of("setuptools") == "81.0.0"
    assert bench.make("setuptools==84.0.0\n").lock.version_of("setuptools") == "84.0.0"


_PLAIN = """
import os, zipfile
def _write(folder, name, text):
    path = os.path.join(folder, name)
    with zipfile.ZipFile(path, "w") as archive:
        for inner, content in text.items():
            archive.writestr(inner, content)
    return name
def build_wheel(folder, settings=None, metadata=None):
    info = "plain-1.0.dist-info"
    files = {
        "plain.py": "VERSION = '1.0'\\n",
        info + "/METADATA": "Metadata-Version: 2.1\\nName: plain\\nVersion: 1.0\\n",
        info + "/WHEEL": "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    files[info + "/RECORD"] = "".join(name + ",,\\n" for name in files) + info + "/RECORD,,\\n"
    return _write(folder, "plain-1.0-py3-none-any.whl", files)
"""
