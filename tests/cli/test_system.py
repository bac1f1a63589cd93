"""An error that can have several causes names a code, and the code leads to what the documentation says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.cli import main
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.resources import error_codes


def classes(of: type[DesktopAMLError] = DesktopAMLError) -> Iterator[type[DesktopAMLError]]:
    yield of
    for one in of.__subclasses__():
        yield from classes(one)


def test_every_code_has_a_section_and_every_section_a_code() -> None:
    ours = {one.code for one in classes() if one.__module__.startswith("desktop_aml.")} - {""}
    assert ours == set(error_codes())
    assert all(len(text) > 80 for text in error_codes().values()), "a section says what to do"


def test_an_error_names_the_command_that_says_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["workspace", "create", str(tmp_path / "ws")]) == 0
    (tmp_path / "environment.yml").write_text("dependencies: [python=3.11, {pip: 3}]\n")
    capsys.readouterr()
    assert main(["environment", "register", str(tmp_path / "environment.yml"), "-w", str(tmp_path / "ws")]) == 2
    assert "More: desktop-aml explain environment-file" in capsys.readouterr().err
    assert main(["explain", "environment-file"]) == 0
    told = capsys.readouterr().out
    assert "line and column" in told
    assert "](" not in told, "links are for the page"


def test_a_code_that_is_not_known_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "disk-ful"]) == 1
    assert "Did you mean “disk-full”?" in capsys.readouterr().err


def test_without_a_code_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    told = capsys.readouterr().out
    assert all(code in told for code in error_codes())
