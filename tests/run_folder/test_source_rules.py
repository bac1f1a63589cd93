"""Which rule leaves something out of a copy."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_aml.run_folder.source_rules import SourceRules


@pytest.mark.parametrize(
    ("relative", "words"),
    [
        ("a.csv", "line 4 of .gitignore, “*.csv”, leaves it out"),
        ("data/deep/x.txt", "line 3 of .gitignore, “data/”, leaves it out"),
        ("keep.csv", None),
        ("__pycache__/x.pyc", "“__pycache__/” is always left out"),
        ("kaggle.json", "it looks like a secret (“kaggle.json”)"),
        ("tool/x.py", "it is a virtual environment"),
        ("train.py", None),
    ],
)
def test_the_rule_is_named(tmp_path: Path, relative: str, words: str | None) -> None:
    (tmp_path / ".gitignore").write_text("# comment\n\ndata/\n*.csv\n!keep.csv\n")
    (tmp_path / relative).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / relative).touch()
    if relative.startswith("tool"):
        (tmp_path / "tool/pyvenv.cfg").touch()
    found = SourceRules(tmp_path).left_out_on_the_way(relative)
    assert (found[1].words() if found else None) == words


@pytest.mark.parametrize("inside", ["ws", ""])
def test_the_workspace_is_no_source_by_whatever_name_each_goes(tmp_path: Path, inside: str) -> None:
    (tmp_path / "real/ws/runs").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real")
    source, workspace = tmp_path / "link", tmp_path / "real" / inside
    for rules in (SourceRules(source, workspace), SourceRules(source.resolve(), source / inside)):
        found = rules.left_out("ws/" if inside else "runs/")
        assert found is not None
        assert found.origin == "workspace"
