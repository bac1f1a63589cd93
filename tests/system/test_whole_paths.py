"""Two spellings of one place are one path."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_aml.system.whole_paths import real_path, whole_path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the current folder “at/work” and “link”, which leads to “far/deep”."""
    for name in ("at/work", "far/deep"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "link").symlink_to("far/deep")
    monkeypatch.chdir(tmp_path / "at/work")
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("typed", "whole", "real"),
    [
        ("x", "at/work/x", "at/work/x"),
        ("../x", "at/x", "at/x"),
        ("../../link", "link", "far/deep"),
        ("~/link/x", "link/x", "far/deep/x"),
        # Above a link is where it leads, as the system itself has it.
        ("../../link/../x", "far/x", "far/x"),
        ("~/at/../link/x", "link/x", "far/deep/x"),
        ("~nosuchuser/x", "at/work/~nosuchuser/x", "at/work/~nosuchuser/x"),
    ],
)
def test_a_path_is_whole_and_has_no_dots(here: Path, typed: str, whole: str, real: str) -> None:
    assert (whole_path(typed), real_path(Path(typed))) == (here / whole, here / real)


def test_a_path_that_cannot_be_is_left_as_it_is(here: Path) -> None:
    assert real_path("a\0b") == here / "at/work/a\0b"
