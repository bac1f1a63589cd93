"""What a run brings along from its submitter: kept for a run again, secrets only until the script runs."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from desktop_aml.inside_run.site.desktop_aml_run.dataset_variables import INPUTS
from desktop_aml.run_folder import script_variables

HERE = {"PATH": "/bin", "DATA": "/mine", "HF_TOKEN": "hidden", "VIRTUAL_ENV": "/v", "CONDA_PREFIX": "/c", "PWD": "/x"}


def test_the_submitters_variables_come_along_without_those_of_its_interpreter(tmp_path: Path) -> None:
    script_variables.keep(tmp_path, {}, {**HERE, "PATH": "/v/bin:/c/bin:/bin", "LD_PRELOAD": "x", "MPLBACKEND": "Qt"})
    found = script_variables.brought(tmp_path)
    assert found is not None
    assert found.inherited == {"PATH": "/bin", "DATA": "/mine", "HF_TOKEN": "hidden"}


def test_secrets_are_in_a_file_of_their_own_until_they_are_forgotten(tmp_path: Path) -> None:
    named = script_variables.keep(tmp_path, {"MODE": "fast", "DB_PASSWORD": "hidden"}, HERE)
    assert named == {"MODE": "fast"}
    holders = [path for path in tmp_path.rglob("*") if "hidden" in path.read_text()]
    assert [path.name for path in holders] == ["secrets.json"]
    assert [stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()] == [0o600, 0o600]
    found = script_variables.brought(tmp_path)
    assert found is not None
    assert (found.given, found.inherited["HF_TOKEN"]) == ({"DB_PASSWORD": "hidden"}, "hidden")
    script_variables.forget_secrets(tmp_path)
    after = script_variables.brought(tmp_path)
    assert after is not None
    assert (after.given, after.secret_names) == ({}, ("DB_PASSWORD", "HF_TOKEN"))
    assert "HF_TOKEN" not in after.inherited


def test_a_run_again_keeps_what_the_first_had_and_says_what_it_lacks(tmp_path: Path) -> None:
    script_variables.keep(tmp_path / "old", {"DB_PASSWORD": "hidden"}, HERE)
    script_variables.forget_secrets(tmp_path / "old")
    here = {"DATA": "/other", "HF_TOKEN": "newer", "MORE": "1"}
    named, missing = script_variables.keep_again(tmp_path / "new", tmp_path / "old", {"MODE": "slow"}, here)
    assert (named, missing) == ({"MODE": "slow"}, ("DB_PASSWORD",))
    found = script_variables.brought(tmp_path / "new")
    assert found is not None
    assert found.inherited == {"PATH": "/bin", "DATA": "/mine", "HF_TOKEN": "newer"}


def test_a_run_of_an_earlier_version_brought_nothing(tmp_path: Path) -> None:
    assert script_variables.brought(tmp_path) is None
    assert script_variables.keep_again(tmp_path / "new", tmp_path, {}, HERE) == ({}, ())
    assert script_variables.brought(tmp_path / "new") is not None


def test_folders_of_the_source_on_the_search_path_are_those_of_the_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, run = tmp_path / "project", tmp_path / "run"
    source.mkdir()
    monkeypatch.chdir(source)
    script_variables.keep(run, {}, {"PYTHONPATH": f".:src::../shared:/lib:{source}/lib"}, source)
    found = script_variables.brought(run)
    assert found is not None
    copy = run / "snapshot"
    expected = [copy, copy / "src", tmp_path / "shared", "/lib", copy / "lib"]
    assert found.inherited["PYTHONPATH"] == ":".join(map(str, expected))


def test_a_dataset_called_token_is_no_secret(tmp_path: Path) -> None:
    given = {INPUTS: "token:direct", "token": "id-7", "AZUREML_DATAREFERENCE_key": "/data"}
    assert script_variables.keep(tmp_path, given, {}) == given


def test_variables_that_are_no_text_survive(tmp_path: Path) -> None:
    script_variables.keep(tmp_path, {}, {"ODD": "a\udcff"})
    found = script_variables.brought(tmp_path)
    assert found is not None
    assert found.inherited == {"ODD": "a\udcff"}


def test_what_a_script_left_in_its_place_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "variables.json").write_text(json.dumps({"inherited": ["no"]}))
    assert script_variables.brought(tmp_path) is None
