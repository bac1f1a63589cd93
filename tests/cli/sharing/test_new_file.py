"""What a command writes for the user replaces nothing unasked."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_aml.cli import main
from desktop_aml.workspace import Workspace


@pytest.fixture
def ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return an ended run; the current folder is a new one, from which its workspace is found."""
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "t.py").write_text("")
    with Workspace.create(tmp_path / "ws") as workspace:
        workspace.start_engine()
        run_id = workspace.runs.submit(tmp_path / "source" / "t.py")
        workspace.runs.wait(run_id)
    (tmp_path / "ws" / "here").mkdir()
    monkeypatch.chdir(tmp_path / "ws" / "here")
    return run_id


def test_a_file_that_is_there_is_replaced_only_with_force(ended: str, capsys: pytest.CaptureFixture[str]) -> None:
    for words, name in (
        (["run", "export", ended, "--to", "best.amlrun"], "best.amlrun"),
        (["run", "export", ended], f"{ended}.amlrun"),
        (["run", "report", ended], "report.html"),
    ):
        Path(name).write_text("mine")
        assert main(words) == 1
        assert f"{name}” is there already." in capsys.readouterr().err
        assert Path(name).read_text() == "mine"
        assert main([*words, "--force"]) == 0
        assert Path(name).read_bytes() != b"mine"
