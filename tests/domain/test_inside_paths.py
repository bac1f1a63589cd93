"""The guard between names from elsewhere and paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_aml.domain.errors import StorageError
from desktop_aml.domain.inside_paths import checked_inside, inside, part, really_inside

BASE = Path("/ws/runs")


@pytest.mark.parametrize("name", ["a", "..a", "a b", ".hidden", "a\\b", "ü"])
def test_a_name_is_one_step_down(name: str) -> None:
    assert part(BASE, name) == BASE / name


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "/etc", "a\0b", "../../victim"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(StorageError, match="is no name of anything in"):
        part(BASE, name)


def test_a_path_stays_below_its_folder() -> None:
    assert inside(BASE, "outputs/./..model/x") == BASE / "outputs/..model/x"


@pytest.mark.parametrize("path", ["", ".", "/etc/passwd", "..", "a/../../b", "a/..", "a\0", "//x"])
def test_a_path_that_leads_out_is_refused(path: str) -> None:
    with pytest.raises(StorageError, match="is no path inside"):
        inside(BASE, path)


def test_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    (tmp_path / "runs" / "own").mkdir(parents=True)
    (tmp_path / "victim").mkdir()
    (tmp_path / "runs" / "near").symlink_to("own")
    (tmp_path / "runs" / "far").symlink_to("../victim")
    assert really_inside(tmp_path / "runs", tmp_path / "runs" / "near") == tmp_path / "runs" / "own"
    for path in (tmp_path / "runs" / "far", tmp_path / "runs"):
        with pytest.raises(StorageError, match="leads out of"):
            really_inside(tmp_path / "runs", path)


def test_a_path_that_stays_inside_is_given_back_as_it_is() -> None:
    assert checked_inside(BASE, "outputs/model.joblib") == "outputs/model.joblib"
    with pytest.raises(StorageError):
        checked_inside(BASE, "../victim")
