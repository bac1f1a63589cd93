"""Interpreters used as they are: their packages are listed once, and again when they change."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.errors import InvalidSpec, PreparationError
from desktop_aml.environments.build import system_interpreter as module
from desktop_aml.environments.build.system_interpreter import existing
from desktop_aml.environments.resolve.interpreters import find_all
from desktop_aml.environments.service import BuilderService


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("venv") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder


def add_package(venv: Path, name: str, version: str) -> None:
    (site_packages,) = venv.glob("lib/*/site-packages")
    info = site_packages / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def test_this_python_lists_what_desktop_aml_runs_on(tmp_path: Path):
    built = BuilderService(tmp_path).this_python()
    assert built.python == sys.executable
    assert built.lock.version_of("scikit-learn")
    assert built.lock.version_of("ruamel.yaml")
    assert built.lock.python_version == ".".join(map(str, sys.version_info[:3]))
    assert len(built.key) == 64


def test_an_interpreter_is_started_once_until_its_packages_change(
    tmp_path: Path, venv: Path, monkeypatch: pytest.MonkeyPatch
):
    asked: list[str] = []
    original = module._ask
    monkeypatch.setattr(module, "_ask", lambda python: (asked.append(python), original(python))[1])
    python = str(venv / "bin" / "python")
    first = existing(python, tmp_path)
    assert existing(python, tmp_path) == first
    assert len(asked) == 1
    add_package(venv, "Some_Package", "1.5")
    second = existing(python, tmp_path)
    assert second.lock.version_of("some-package") == "1.5"
    assert second.key != first.key
    assert len(asked) == 2


def test_name_and_version_are_of_the_headers_alone(tmp_path: Path):
    texts = {
        "one-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nname: One\nVERSION:  1.0 \n\nVersion: 9\n",
        "two-2.egg-info/PKG-INFO": "Name: two\nSummary: Version: 3\n\tName: three\nVersion: 2\n",
        "lost.dist-info/METADATA": "Metadata-Version: 2.1\n\nName: lost\nVersion: 1\n",
        "empty.dist-info/INSTALLER": "pip\n",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    assert module.installed_in([str(tmp_path)]) == {"One": "1.0", "two": "2"}


def test_a_damaged_memory_is_made_anew(tmp_path: Path, venv: Path):
    python = str(venv / "bin" / "python")
    first = existing(python, tmp_path)
    (kept,) = tmp_path.iterdir()
    for text in ("", "[]", "{}", '{"stamps": {}, "version": 3}'):
        kept.write_text(text)
        assert existing(python, tmp_path) == first


def test_the_users_python_path_is_no_part_of_the_interpreter(
    tmp_path: Path, venv: Path, monkeypatch: pytest.MonkeyPatch
):
    info = tmp_path / "planted-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: planted\nVersion: 1.0\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert existing(str(venv / "bin" / "python")).lock.version_of("planted") is None


def test_every_python_of_this_computer_can_be_used_as_it_is():
    for interpreter in find_all():
        assert existing(interpreter.path).lock.python_version == interpreter.version_text


def test_what_is_no_python_is_refused(tmp_path: Path):
    impostor = tmp_path / "python"
    impostor.write_text("#!/bin/sh\necho hello\n")
    impostor.chmod(0o755)
    for path in (str(impostor), str(tmp_path / "absent")):
        with pytest.raises(PreparationError) as raised:
            existing(path)
        assert path in raised.value.message
    impostor.write_text("#!/bin/sh\necho '[\"2.7.18\", []]'\n")
    with pytest.raises(PreparationError, match=r"2\.7\.18"):
        existing(str(impostor))


def test_a_service_uses_an_existing_interpreter_without_building(tmp_path: Path, venv: Path):
    import threading

    service = BuilderService(tmp_path / "builds")
    log = tmp_path / "build.log"
    built = service.make_ready(
        EnvironmentKind.EXISTING, str(venv), report=lambda _: None, cancel=threading.Event(), log_path=log
    )
    assert built.python == str(venv / "bin" / "python")
    assert [path.name for path in (tmp_path / "builds").iterdir()] == ["existing"]
    with pytest.raises(InvalidSpec):
        service.make_ready(
            EnvironmentKind.EXISTING, "/nowhere", report=lambda _: None, cancel=threading.Event(), log_path=log
        )
