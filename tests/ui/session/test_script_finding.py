"""Which scripts of a dropped folder are offered."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_aml.ui.session.script_finding import scripts_of


@pytest.mark.parametrize(
    ("files", "offered"),
    [
        ("a.py train.py pkg/train.py", "train.py a.py"),
        ("setup.py pyproject.toml src/tool/__init__.py src/tool/data.py src/tool/train.py", "train.py data.py"),
        ("setup.py scripts/main.py tests/conftest.py", "main.py"),
        ("pkg/__init__.py pkg/data.py pkg/train.py", "train.py data.py"),
        ("look.ipynb a/b/helper.py", "look.ipynb"),
        ("look.ipynb a/helper.py", "helper.py"),
        ("setup.py README.md", "setup.py"),
        ("venv/pyvenv.cfg venv/lib/x.py .git/hooks/y.py a/b/c/run.py", "run.py"),
        ("a/b/c/d/e/run.py", ""),
        ("data.csv", ""),
    ],
)
def test_the_scripts_nearest_to_the_top_are_offered(tmp_path: Path, files: str, offered: str) -> None:
    for name in files.split():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert [path.name for path in scripts_of(tmp_path)] == offered.split()
