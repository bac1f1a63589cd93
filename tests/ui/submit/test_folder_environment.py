"""The environment file beside a script, in the runner's pane: with a real workspace and real files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_aml.domain.environment_space import FetchSize
from desktop_aml.domain.environments import THIS_PYTHON, BuildState, EnvironmentKind, EnvironmentSummary
from desktop_aml.domain.events import BuildProgressed
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.submit.script_reading import files_to_watch, read_script
from desktop_aml.ui.submit.script_runner import ScriptRunner
from desktop_aml.workspace import Workspace
from tests.ui.submit.test_script_runner import DEADLINE_MS, SCRIPT, run_it, settle


def test_an_environment_file_beside_the_script_is_used_and_a_later_choice_stays(
    runner: ScriptRunner, bridge: Bridge, workspace: Workspace, qtbot, write_script: Callable[..., Path]
) -> None:
    script = write_script(SCRIPT)
    (script.parent / "environment.yml").write_text("name: beside\ndependencies:\n  - python=3.11\n")
    runner.load_script(script)
    qtbot.waitUntil(lambda: runner.settings.chosen_environment() == "beside", timeout=DEADLINE_MS)
    assert workspace.environments.get("beside").version == 1
    assert runner.settings.use_file_button.accessibleName() == "Use environment.yml of this folder"
    runner.settings.choose_environment(THIS_PYTHON)
    script.write_text(SCRIPT + "p.add_argument('--late')\n")
    qtbot.waitUntil(lambda: "--late" in runner.form.fields, timeout=DEADLINE_MS)
    settle(bridge, qtbot)
    assert runner.settings.chosen_environment() == THIS_PYTHON


@pytest.mark.parametrize(
    ("there", "used"),
    [
        (("environment.yml",), "environment.yml"),
        (("requirements.txt", "src/environment.yml"), "src/environment.yml"),
        (("requirements.txt", "src/environment.yml", "src/models/conda.yml"), "src/models/conda.yml"),
        (("../environment.yml",), ""),
    ],
)
def test_the_nearest_environment_file_up_to_the_top_of_the_source_folder_is_used(
    tmp_path: Path, there: tuple[str, ...], used: str
) -> None:
    source = tmp_path / "around" / "project"
    script = source / "src" / "models" / "train.py"
    script.parent.mkdir(parents=True)
    script.write_text("print(1)\n")
    for name in there:
        (source / name).write_text("dependencies:\n  - python=3.11\n")
    found = read_script(script, source).spec_file
    assert (found.name if found else "") == used
    assert {(source / name).resolve() for name in there if not name.startswith("..")} <= set(
        files_to_watch(script, source)
    )
    assert tmp_path / "around" / "environment.yml" not in files_to_watch(script, source)


def test_an_environment_file_at_the_top_of_the_source_folder_is_followed(
    runner: ScriptRunner, bridge: Bridge, workspace: Workspace, qtbot, write_script: Callable[..., Path]
) -> None:
    script = write_script("print(1)\n")
    source = script.parent
    (source / "src").mkdir()
    script.rename(source / "src" / script.name)
    (source / "environment.yml").write_text(spec("1.26.4"))
    runner.load_script(source)
    qtbot.waitUntil(lambda: "environment.yml" in runner.settings.file_note.text(), timeout=DEADLINE_MS)
    settle(bridge, qtbot)
    assert runner.settings.file_note.text() == "beside:1, from environment.yml."
    write_anew(source / "environment.yml", spec("1.26.3"))
    qtbot.waitUntil(lambda: "beside:2" in runner.settings.file_note.text(), timeout=DEADLINE_MS)
    settle(bridge, qtbot)


def test_a_faulty_environment_file_is_said_and_stops_nothing(
    runner: ScriptRunner, bridge: Bridge, qtbot, write_script: Callable[..., Path]
) -> None:
    script = write_script(SCRIPT)
    (script.parent / "environment.yml").write_text("dependencies: [\n")
    with qtbot.waitSignal(bridge.message_raised, timeout=DEADLINE_MS) as caught:
        runner.load_script(script)
    assert caught.args[0].severity == "error"
    settle(bridge, qtbot)
    assert runner.can_run()


def spec(version: str) -> str:
    return f"name: beside\ndependencies:\n  - python=3.11\n  - pip:\n    - numpy=={version}\n"


@pytest.fixture
def beside(
    runner: ScriptRunner, bridge: Bridge, qtbot, write_script: Callable[..., Path], request: pytest.FixtureRequest
) -> Path:
    """An environment file beside the script that is in the runner, and used."""
    name, text = getattr(request, "param", ("environment.yml", spec("1.26.4")))
    script = write_script("print(1)\n")
    (script.parent / name).write_text(text)
    runner.load_script(script)
    qtbot.waitUntil(lambda: name in runner.settings.file_note.text(), timeout=DEADLINE_MS)
    settle(bridge, qtbot)
    return script.parent / name


def environment_of_next_run(runner: ScriptRunner, workspace: Workspace, bridge: Bridge, qtbot) -> str:
    """Submit and return the text of the environment that the run takes."""
    run_id = run_it(runner, bridge, qtbot)
    label = workspace.runs.get(run_id).summary.environment
    workspace.runs.cancel(run_id)
    name, _, version = label.partition(":")
    return workspace.environments.get(name, int(version)).text


def write_over(path: Path, text: str) -> None:
    path.write_text(text)


def write_anew(path: Path, text: str) -> None:
    """Replace a file as editors do."""
    other = path.with_name(".new")
    other.write_text(text)
    other.replace(path)


@pytest.mark.parametrize("save", [write_over, write_anew])
def test_an_edited_environment_file_is_used_from_the_next_run_on(
    runner: ScriptRunner, bridge: Bridge, workspace: Workspace, qtbot, beside: Path, save: Callable[[Path, str], None]
) -> None:
    for number, version in enumerate(("1.26.3", "1.26.2"), 2):
        save(beside, spec(version))
        qtbot.waitUntil(lambda n=number: f"beside:{n}" in runner.settings.file_note.text(), timeout=DEADLINE_MS)
        settle(bridge, qtbot)
        assert f"numpy=={version}" in workspace.environments.get("beside").text
    assert runner.settings.chosen_environment() == "beside"


@pytest.mark.parametrize("beside", [("requirements.txt", "numpy==1.26.4\n")], indirect=True)
def test_a_file_saved_a_moment_before_run_is_what_the_run_takes(
    runner: ScriptRunner, bridge: Bridge, workspace: Workspace, qtbot, beside: Path
) -> None:
    runner._watch.watch(())
    beside.write_text("numpy==1.26.1\n")
    assert "1.26.1" in environment_of_next_run(runner, workspace, bridge, qtbot)


def test_a_broken_edit_of_the_file_keeps_run_off_and_mending_it_lets_it_run(
    runner: ScriptRunner, bridge: Bridge, qtbot, beside: Path
) -> None:
    beside.write_text("dependencies: [\n")
    qtbot.waitUntil(lambda: not runner.can_run() and not bridge.is_busy(), timeout=DEADLINE_MS)
    assert runner.reason.text().startswith("environment.yml: ")
    assert "changed and cannot be used" in runner.settings.file_note.text()
    runner.settings.choose_environment(THIS_PYTHON)
    assert runner.can_run()
    runner.settings.choose_environment("beside")
    assert not runner.can_run()
    write_anew(beside, spec("1.26.0"))
    qtbot.waitUntil(runner.can_run, timeout=DEADLINE_MS)
    assert "beside:2" in runner.settings.file_note.text()


def test_a_file_that_is_gone_is_said_and_followed_again_when_it_is_back(
    runner: ScriptRunner, bridge: Bridge, qtbot, beside: Path
) -> None:
    beside.unlink()
    qtbot.waitUntil(lambda: "is gone" in runner.settings.file_note.text(), timeout=DEADLINE_MS)
    assert runner.can_run()
    beside.write_text(spec("1.26.3"))
    qtbot.waitUntil(lambda: "beside:2" in runner.settings.file_note.text(), timeout=DEADLINE_MS)


def test_a_file_that_was_faulty_at_first_is_used_once_it_is_right(
    runner: ScriptRunner, bridge: Bridge, qtbot, write_script: Callable[..., Path]
) -> None:
    script = write_script("print(1)\n")
    file = script.parent / "environment.yml"
    file.write_text("dependencies: [\n")
    with qtbot.waitSignal(bridge.message_raised, timeout=DEADLINE_MS):
        runner.load_script(script)
    settle(bridge, qtbot)
    file.write_text(spec("1.26.4"))
    qtbot.waitUntil(lambda: runner.settings.chosen_environment() == "beside", timeout=DEADLINE_MS)


def test_a_file_that_nobody_chose_is_only_offered(
    runner: ScriptRunner, bridge: Bridge, workspace: Workspace, qtbot, beside: Path
) -> None:
    runner.settings.choose_environment(THIS_PYTHON)
    assert runner.settings.file_note.text() == ""
    beside.write_text(spec("1.26.3"))
    qtbot.waitUntil(lambda: not bridge.is_busy() and runner._beside._file != runner._beside._used, timeout=DEADLINE_MS)
    assert workspace.environments.get("beside").version == 1
    assert runner.settings.chosen_environment() == THIS_PYTHON


def test_the_file_of_one_script_is_not_that_of_the_next(
    runner: ScriptRunner, bridge: Bridge, qtbot, beside: Path, write_script: Callable[..., Path]
) -> None:
    other = write_script("print(2)\n", "other.py", "elsewhere")
    runner.load_script(other)
    qtbot.waitUntil(lambda: runner.head.title.text() == "other.py" and not bridge.is_busy(), timeout=DEADLINE_MS)
    assert runner.settings.chosen_environment() == THIS_PYTHON
    assert runner.settings.file_note.text() == ""
    beside.write_text(spec("1.26.3"))
    runner.load_script(beside.parent / "train.py")
    qtbot.waitUntil(lambda: "beside:2" in runner.settings.file_note.text(), timeout=DEADLINE_MS)


def test_what_the_first_run_fetches_is_said_before_run_is_pressed(
    runner: ScriptRunner,
    bridge: Bridge,
    workspace: Workspace,
    qtbot,
    beside: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = [FetchSize(None, why="the package index cannot be reached"), FetchSize(76_451_098, 11), FetchSize(0, 2)]
    asked: list[tuple[str, int]] = []

    def answer(name: str, version: int = 0) -> FetchSize:
        asked.append((name, version))
        return answers[len(asked) - 1]

    monkeypatch.setattr(workspace.environments, "fetch_size", answer)

    def wait_for(words: str) -> None:
        qtbot.waitUntil(lambda: words in runner.settings.fetch_note.text(), timeout=DEADLINE_MS)

    wait_for("The first run fetches its packages, unless")
    wait_for("not known: the package index cannot be reached.")
    # Another environment, chosen by hand, and the file of the folder when it changes.
    workspace.environments.register("mine", spec("1.26.4"))
    runner.settings.choose_environment("mine")
    wait_for("at most 76 MB")
    runner.settings.choose_environment("beside")
    beside.write_text(spec("1.26.3"))
    wait_for("are on this computer already")
    assert asked == [("beside", 1), ("mine", 1), ("beside", 2)]
    monkeypatch.setattr(
        workspace.environments,
        "summary",
        lambda name, version: EnvironmentSummary(name, version, EnvironmentKind.CONDA, BuildState.READY),
    )
    bridge.event_happened.emit(BuildProgressed("beside", 2, BuildState.READY))
    qtbot.waitUntil(lambda: runner.settings.fetch_note.text() == "", timeout=DEADLINE_MS)
    settle(bridge, qtbot)
