import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import platformdirs
import pytest

from desktop_aml import settings as settings_module
from desktop_aml.domain.environments import PythonPinPolicy
from desktop_aml.domain.errors import StorageError
from desktop_aml.settings import (
    RECENT_LIMIT,
    RecentWorkspace,
    Settings,
    Theme,
    builds_folder,
    load,
    save,
    settings_path,
    user_directories,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


def test_no_file_gives_the_defaults(file):
    assert load(file) == Settings()
    assert Settings().max_concurrent_runs == 2


def test_what_was_saved_is_loaded(file):
    wanted = Settings(
        theme=Theme.DARK,
        recent_workspaces=(RecentWorkspace("/data/Übung 🌱", pinned=True), RecentWorkspace("/data/b")),
        last_workspace="/data/b",
        max_concurrent_runs=7,
        grace_s=2.5,
        python_pin_policy=PythonPinPolicy.EXACT,
    )
    save(wanted, file)
    assert load(file) == wanted


def test_saving_leaves_one_file_that_only_its_user_reads(file):
    save(Settings(), file)
    save(Settings(grace_s=1.0), file)
    assert [entry.name for entry in file.parent.iterdir()] == ["settings.json"]
    assert file.stat().st_mode & 0o077 == 0


def test_keys_of_a_newer_version_are_kept(file):
    file.parent.mkdir()
    file.write_text('{"theme": "light", "hologram": {"depth": 3}}')
    loaded = load(file)
    assert loaded.theme is Theme.LIGHT
    save(loaded, file)
    assert json.loads(file.read_text())["hologram"] == {"depth": 3}


@pytest.mark.parametrize("content", [b"", b"{", b"[1, 2]", b"\xff\xfe\x00", b"null"])
def test_a_damaged_file_is_set_aside(file, content, caplog):
    file.parent.mkdir()
    file.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert load(file) == Settings()
    assert file.with_name("settings.json.bad").read_bytes() == content
    assert not file.exists()
    assert "set aside as settings.json.bad" in caplog.text


def test_one_value_that_makes_no_sense_does_not_cost_the_others(file, caplog):
    file.parent.mkdir()
    file.write_text('{"max_concurrent_runs": 0, "theme": "dark", "grace_s": "soon"}')
    assert load(file) == Settings(theme=Theme.DARK)
    assert "max_concurrent_runs" in caplog.text
    assert "grace_s" in caplog.text
    assert file.with_name("settings.json.bad").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "pink"),
        ("theme", []),
        ("max_concurrent_runs", "2"),
        ("max_concurrent_runs", True),
        ("max_concurrent_runs", 2.5),
        ("grace_s", float("nan")),
        ("grace_s", 1e9),
        ("docker_network", "a b"),
        ("docker_gpus", 1),
        ("last_workspace", "\ud800"),
        ("recent_workspaces", {"path": "/a"}),
        ("recent_workspaces", [{"pinned": True}]),
        ("recent_workspaces", [{"path": 1}]),
    ],
)
def test_a_value_of_another_kind_is_not_taken(file, name, value):
    file.parent.mkdir()
    file.write_text(json.dumps({name: value, "warm_starts": False}))
    assert load(file) == Settings(warm_starts=False)
    assert file.with_name("settings.json.bad").exists()


def test_the_settings_are_read_without_what_takes_long_to_import(file):
    save(Settings(theme=Theme.DARK), file)
    code = "import sys; from pathlib import Path; from desktop_aml.settings import load; "
    code += "print(load(Path(sys.argv[1])).theme, 'msgspec' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["dark", "False"]


def test_a_file_that_cannot_be_read_is_an_error_not_a_reset(file):
    file.mkdir(parents=True)
    with pytest.raises(StorageError, match="cannot be read"):
        load(file)
    assert file.exists()


def test_a_file_that_cannot_be_written_is_an_error_and_leaves_no_rest(file):
    file.mkdir(parents=True)
    with pytest.raises(StorageError, match="could not be written"):
        save(Settings(), file)
    assert [entry.name for entry in file.parent.iterdir()] == ["settings.json"]


def test_a_failed_write_keeps_the_old_settings(file, monkeypatch):
    save(Settings(theme=Theme.DARK), file)

    def refuse(_descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(settings_module.os, "fsync", refuse)
    with pytest.raises(StorageError, match="No space left"):
        save(Settings(), file)
    monkeypatch.undo()
    assert load(file).theme is Theme.DARK
    assert [entry.name for entry in file.parent.iterdir()] == ["settings.json"]


def test_the_workspace_opened_last_comes_first():
    settings = Settings().with_opened(Path("/a")).with_opened(Path("/b")).with_opened(Path("/a"))
    assert [recent.path for recent in settings.recent_workspaces] == ["/a", "/b"]
    assert settings.last_workspace == "/a"


def test_pinned_workspaces_come_first_and_are_never_forgotten():
    settings = Settings().with_opened(Path("/old")).with_pinned(Path("/old"), pinned=True)
    for number in range(RECENT_LIMIT + 5):
        settings = settings.with_opened(Path(f"/w{number}"))
    assert settings.recent_workspaces[0] == RecentWorkspace("/old", pinned=True)
    assert len(settings.recent_workspaces) == RECENT_LIMIT + 1
    assert settings.recent_workspaces[1].path == f"/w{RECENT_LIMIT + 4}"
    assert settings.with_opened(Path("/old")).recent_workspaces[0].pinned


def test_a_workspace_can_be_forgotten():
    settings = Settings().with_opened(Path("/a")).without_workspace(Path("/a"))
    assert settings == Settings()


def test_one_variable_moves_every_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DESKTOP_AML_HOME", str(tmp_path))
    found = user_directories()
    assert {folder.parent for folder in (found.config, found.cache, found.data, found.state, found.log)} == {tmp_path}
    assert settings_path() == tmp_path / "config" / "settings.json"
    save(Settings(theme=Theme.DARK))
    assert load().theme is Theme.DARK


def test_without_it_the_system_says_where(monkeypatch):
    monkeypatch.delenv("DESKTOP_AML_HOME", raising=False)
    assert user_directories().config == Path(platformdirs.user_config_dir("desktop-aml", appauthor=False))


def test_a_folder_of_builds_below_the_home_folder_is_there_and_not_below_the_current_one(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert builds_folder(Settings(environments_directory="~/builds")) == tmp_path / "builds"
    assert Settings().fault(environments_directory="~nosuchuser/builds")
