"""Which interpreters there are, and which one a pin gets."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from desktop_aml.domain.environments import PythonPinPolicy
from desktop_aml.domain.errors import MissingOnComputer
from desktop_aml.environments.resolve import interpreters
from desktop_aml.environments.resolve.interpreters import Interpreter, choose, find_all
from desktop_aml.environments.spec.parse_result import PythonPin

HERE = tuple(
    Interpreter(f"/python{'.'.join(map(str, version))}", version)
    for version in ((3, 13, 0), sys.version_info[:3], (3, 8, 18), (3, 6, 15))
)


@pytest.mark.parametrize(
    ("specifier", "version"),
    [
        ("==3.6.15", (3, 6, 15)),
        ("==3.6.*", (3, 6, 15)),
        ("==3.8.18.*", (3, 8, 18)),
        (">=3.8", sys.version_info[:3]),
        (">=3.13", (3, 13, 0)),
        ("<3.8", (3, 6, 15)),
        ("", sys.version_info[:3]),
    ],
)
def test_a_pin_that_can_be_met_is_met_without_a_note(specifier: str, version: tuple[int, int, int]):
    chosen, note = choose(PythonPin(f"python{specifier}", specifier), HERE)
    assert (chosen.version, note) == (version, "")


@pytest.mark.parametrize("specifier", ["==3.6.2.*", "==3.6.2", "~=3.6.20"])
def test_the_same_minor_version_stands_in_with_a_note(specifier: str):
    chosen, note = choose(PythonPin("python=3.6.2", specifier), HERE)
    assert chosen.version == (3, 6, 15)
    assert "3.6.2" in note
    assert "3.6.15" in note


@pytest.mark.parametrize("specifier", ["==3.7.*", "==3.7.3.*", ">=3.14", "<3.6", ">3.8.18,<3.9"])
def test_another_minor_version_never_stands_in(specifier: str):
    with pytest.raises(MissingOnComputer) as raised:
        choose(PythonPin(f"python{specifier}", specifier, 3), HERE)
    assert "line 3" in raised.value.message
    assert "3.6.15" in raised.value.hint


@pytest.mark.parametrize("specifier", ["==3.6.2", "==3.7.*", ">=3.14"])
def test_under_exact_nothing_stands_in_and_the_setting_is_named(specifier: str):
    with pytest.raises(MissingOnComputer) as raised:
        choose(PythonPin(f"python{specifier}", specifier, 3), HERE, PythonPinPolicy.EXACT)
    assert "exactly" in raised.value.message
    assert "line 3" in raised.value.message
    assert "settings" in raised.value.hint
    assert choose(PythonPin("python=3.6", "==3.6.*"), HERE, PythonPinPolicy.EXACT)[1] == ""


@pytest.mark.parametrize(
    ("specifier", "version"),
    [("==3.6.2", (3, 6, 15)), ("==3.7.*", (3, 8, 18)), (">=3.14", (3, 13, 0)), ("==3.5.*", (3, 6, 15))],
)
def test_under_relaxed_the_nearest_stands_in_with_a_note(specifier: str, version: tuple[int, int, int]):
    chosen, note = choose(PythonPin(f"python{specifier}", specifier, 3), HERE, PythonPinPolicy.RELAXED)
    assert chosen.version == version
    assert chosen.version_text in note
    assert "is used (" in note


def test_without_a_pin_our_own_python_is_used_and_named():
    chosen, note = choose(None, HERE)
    assert chosen.version == sys.version_info[:3]
    assert chosen.version_text in note


def test_a_computer_without_python_says_what_to_install():
    with pytest.raises(MissingOnComputer):
        choose(None, ())


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Let the search see exactly the given candidates."""

    def restrict(*paths: Path) -> None:
        monkeypatch.setattr(interpreters, "_candidates", lambda: iter(paths))

    return restrict


def script(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def test_what_is_no_usable_python_is_passed_over(tmp_path: Path, only):
    only(
        script(tmp_path / "old", "echo 2.7.18; echo 1"),
        script(tmp_path / "preview", "echo 3.15.0; echo 0"),
        script(tmp_path / "noise", "echo hello"),
        script(tmp_path / "failing", "exit 3"),
        tmp_path / "absent",
        script(tmp_path / "good", "echo 3.9.1; echo 1"),
        script(tmp_path / "again", "echo 3.9.1; echo 1"),
    )
    assert find_all() == (Interpreter(str(tmp_path / "good"), (3, 9, 1)),)


def test_an_interpreter_is_started_once_until_it_changes(tmp_path: Path, only):
    count, memory = tmp_path / "count", tmp_path / "memory.json"
    python = script(tmp_path / "python", f"echo x >> {count}; echo 3.9.1; echo 1")
    only(python)
    find_all(memory)
    find_all(memory)
    assert count.read_text().count("x") == 1
    script(python, f"echo x >> {count}; echo 3.9.10; echo 1")
    assert find_all(memory)[0].version == (3, 9, 10)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"/usr/bin/python3": 3}'])
def test_a_damaged_memory_is_made_anew(tmp_path: Path, only, text: str):
    only(script(tmp_path / "python", "echo 3.9.1; echo 1"))
    memory = tmp_path / "memory.json"
    memory.write_text(text)
    assert len(find_all(memory)) == 1


def test_the_interpreters_of_this_computer_are_found_without_shims_and_virtual_environments():
    found = find_all()
    assert sys.version_info[:3] in {one.version for one in found}
    assert len({one.version for one in found}) == len(found)
    assert not any("/shims/" in one.path or "/.venv/" in one.path for one in found)
