"""Real runs side by side, in the façade and typed."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from desktop_aml.cli import cli
from desktop_aml.domain.compare.locks import ChangeKind
from desktop_aml.domain.errors import InvalidInput, NotFound
from desktop_aml.workspace import Workspace
from tests.conftest import wait_until

TRAIN = """
import sys
from azureml.core.run import Run
run = Run.get_context()
for step in range(3):
    run.log("loss", float(sys.argv[2]) / (step + 1), step=step)
run.log("kernel", "linear")
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, str, str]]:
    root = tmp_path_factory.mktemp("comparing")
    source = root / "source"
    source.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESKTOP_AML_HOME", str(root / "home"))
        workspace = Workspace.create(root / "ws")
        workspace.start_engine()

        def ran(rate: str) -> str:
            run_id = workspace.runs.submit(source / "train.py", arguments=("--rate", rate))
            wait_until(lambda: workspace.runs.get(run_id).summary.state.is_terminal(), "the end of the run")
            return run_id

        (source / "train.py").write_text(TRAIN)
        (source / "gone.txt").write_text("x\n")
        (source / "picture.png").write_bytes(b"\0old")
        first = ran("1.0")
        (source / "train.py").write_text(TRAIN + "print('more')\n")
        (source / "gone.txt").unlink()
        (source / "picture.png").write_bytes(b"\0new")
        (source / "new.txt").write_text("y\n")
        yield workspace, first, ran("2.0")
        workspace.close()


def test_values_of_runs_are_the_last_that_were_logged(shop: tuple[Workspace, str, str]) -> None:
    workspace, first, second = shop
    rows = {row.name: row for row in workspace.runs.compare([first, second]).rows}
    assert rows["loss"].values == (1.0 / 3, 2.0 / 3)
    assert rows["rate"].values == ("1.0", "2.0")
    assert not rows["kernel"].differs()


def test_code_is_compared_file_by_file(shop: tuple[Workspace, str, str]) -> None:
    workspace, first, second = shop
    changes = {change.path: change for change in workspace.runs.code.compare(first, second)}
    assert {path: change.kind for path, change in changes.items()} == {
        "gone.txt": ChangeKind.REMOVED,
        "new.txt": ChangeKind.ADDED,
        "picture.png": ChangeKind.CHANGED,
        "train.py": ChangeKind.CHANGED,
    }
    assert changes["train.py"].lines[-1] == "+print('more')"
    assert changes["picture.png"].lines == ()
    assert workspace.runs.code.compare(first, first) == ()


def test_one_run_and_nine_are_refused_in_words(shop: tuple[Workspace, str, str]) -> None:
    workspace, first, _ = shop
    with pytest.raises(InvalidInput, match="one run alone"):
        workspace.runs.compare([first, first])
    with pytest.raises(NotFound):
        workspace.runs.compare([first, "nosuch"])


def test_the_command_shows_differences_and_all_on_demand(shop: tuple[Workspace, str, str]) -> None:
    workspace, first, second = shop

    def typed(*words: str) -> str:
        done = CliRunner().invoke(cli, ["run", "compare", first, second, "-w", str(workspace.path), *words])
        assert done.exit_code == 0, done.output
        return done.output

    lines = typed().splitlines()
    assert lines[0].split()[:2] == ["1", first]
    assert ["Metrics", "loss", "0.3333", "0.6667"] in [line.split() for line in lines]
    assert "kernel" not in typed()
    assert "kernel" in typed("--all")
    found = json.loads(typed("--json"))
    assert found["runs"] == [first, second]
    assert {"section": "Arguments", "name": "rate", "values": ["1.0", "2.0"], "differs": True} in found["rows"]
