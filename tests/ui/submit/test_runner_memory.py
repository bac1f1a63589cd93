"""What the script runner remembers: nothing secret, and all of what several windows keep."""

from __future__ import annotations

from pathlib import Path

from desktop_aml.settings import user_directories
from desktop_aml.ui.submit.runner_memory import Recent, RunnerMemory


def test_a_secret_is_never_written_down_by_the_runner(tmp_path: Path) -> None:
    memory = RunnerMemory(tmp_path / "lab")
    (tmp_path / "train.py").write_text("print(1)\n")
    script = str(tmp_path / "train.py")
    memory.remember(Recent(script, str(tmp_path), ("--password", "hunter2"), ""))
    assert not memory.keep_preset(script, "mine", ("--password", "hunter2"))
    assert memory.recent()[0].words == ()
    written = [path.read_text() for path in user_directories().state.rglob("*.json")]
    assert written
    assert not any("hunter2" in text for text in written)
    next(user_directories().state.rglob("scripts/*.json")).write_text("{broken")
    assert RunnerMemory(tmp_path / "lab").recent() == ()


def test_what_two_windows_keep_is_kept_of_both(tmp_path: Path) -> None:
    first, second = RunnerMemory(tmp_path / "lab"), RunnerMemory(tmp_path / "lab")
    assert first.keep_preset("train.py", "one", ("--note", "1"))
    assert second.keep_preset("train.py", "two", ("--note", "2"))
    assert first.keep_preset("other.py", "three", ())
    assert dict(first.presets("train.py")) == {"one": ("--note", "1"), "two": ("--note", "2")}
    for name in ("one", "two"):
        second.forget_preset("train.py", name)
    first.forget_preset("other.py", "three")
    assert list(user_directories().state.rglob("scripts/*")) == []
