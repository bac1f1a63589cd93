"""What is written about a model, and its aliases, are changed in the terminal."""

from __future__ import annotations

# ruff: noqa: F811 - fixtures
import json
from pathlib import Path

import pytest

from desktop_aml.cli import main
from desktop_aml.workspace import Workspace
from tests.cli.test_odd_words import typed  # noqa: F401 - a fixture
from tests.workspace.conftest import index, workspace  # noqa: F401 - fixtures


@pytest.fixture
def model(workspace: Workspace, tmp_path: Path) -> Workspace:
    (tmp_path / "m.pkl").write_bytes(b"m")
    for _ in range(2):
        workspace.models.register("iris", file=tmp_path / "m.pkl", tags={"kind": "svc"})
    return workspace


def test_tags_and_note_of_a_version_are_set_and_taken_back(
    typed, model: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed("model", "tag", "iris", "--set", "reviewed=yes", "--remove", "kind")[0] == 0
    assert typed("model", "note", "iris:1", "--text", "the first")[0] == 0
    assert [model.models.get("iris", one).tags for one in (1, 2)] == [{"kind": "svc"}, {"reviewed": "yes"}]
    assert [model.models.get("iris", one).description for one in (1, 2)] == ["the first", ""]
    capsys.readouterr()
    assert main(["model", "tag", "iris:1", "--set", "a=b", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"name": "iris", "version": 1, "tags": {"a": "b", "kind": "svc"}}
    assert main(["model", "note", "iris:1", "--text", "", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"name": "iris", "version": 1, "description": ""}
    code, said = typed("model", "tag", "iris")
    assert code == 2
    assert "--set KEY=VALUE" in said


def test_an_alias_is_taken_away_from_the_version_that_has_it(typed, model: Workspace) -> None:
    assert typed("model", "promote", "iris:1", "--to", "champion")[0] == 0
    code, said = typed("model", "promote", "iris:2", "--to", "champion", "--off")
    assert (code != 0, "“champion” is iris:1" in said) == (True, True)
    assert model.models.aliases("iris") == {"iris": {"champion": 1}}
    assert typed("model", "promote", "iris", "--to", "champion", "--off")[0] == 0
    assert model.models.aliases("iris") == {}
    assert "no alias “champion”" in typed("model", "promote", "iris", "--to", "champion", "--off")[1]
