"""Tuning from the terminal: a sweep is begun, followed, shown, and what makes no sense is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from desktop_aml import cli
from desktop_aml.workspace import Workspace

SCRIPT = """
import argparse
from azureml.core.run import Run
parser = argparse.ArgumentParser()
parser.add_argument("--C", type=float)
parser.add_argument("--kernel")
found = parser.parse_args()
Run.get_context().log("Accuracy", found.C if found.kernel == "rbf" else 0.0)
"""


@pytest.fixture
def place(tmp_path: Path, marked_processes: object) -> list[str]:
    Workspace.create(tmp_path / "workspace", "test").close()
    return ["-w", str(tmp_path / "workspace")]


Ask = Callable[..., object]


@pytest.fixture
def ask(place: list[str], capfd: pytest.CaptureFixture[str]) -> Ask:
    def call(*words: str, code: int = 0, as_json: bool = True) -> object:
        more = ["--json"] if as_json else []
        assert cli.main(["sweep", words[0], *place, *more, *words[1:]]) == code
        out, err = capfd.readouterr()
        return json.loads(out) if as_json else out + err

    return call


def test_a_sweep_is_begun_followed_and_looked_at(ask: Ask, write_script: Callable[..., Path]) -> None:
    script = str(write_script(SCRIPT))
    found = ask(
        *(script, "--vary", "--C=uniform(0.1, 1)", "--vary", "kernel=linear,rbf", "--metric", "Accuracy", "--maximize"),
        *("--trials", "4", "--seed", "5", "--concurrent", "2", "--stop", "median()", "--name", "tuned"),
    )
    assert found["state"] == "Completed"
    assert found["spec"]["space"] == {"--C": "uniform(0.1, 1)", "--kernel": "choice(linear, rbf)"}
    values = [trial["values"] for trial in found["trials"]]
    assert found["best"]["values"]["--kernel"] == "rbf"
    assert found["best"]["best"] == max(one["--C"] for one in values if one["--kernel"] == "rbf")
    assert ask("best", "latest")["run_id"] == found["best"]["run_id"]
    (line,) = ask("list")
    assert (line["run_id"], line["best"], line["over"], line["total"]) == (found["run_id"], found["best"]["best"], 4, 4)
    assert "trials" not in line  # a list is as quick with 100,000 of them
    words = ask("show", "tuned", as_json=False)
    assert "maximize Accuracy" in words
    assert "4 of 4 ended" in words
    # One of its trials means the sweep, too.
    assert ask("show", found["trials"][0]["run_id"])["run_id"] == found["run_id"]
    assert "nothing to try" in ask("extend", "latest", "--trials", "4", code=1, as_json=False)


def test_a_sweep_that_has_ended_is_extended_narrowed_repeated_and_its_best_model_registered(
    ask: Ask, write_script: Callable[..., Path]
) -> None:
    leaves = "\nimport os\nos.makedirs('outputs', exist_ok=True)\nopen('outputs/model.pkl', 'w').write('m')\n"
    script = str(write_script(SCRIPT.replace("found =", "parser.add_argument('--seed')\nfound =") + leaves))
    first = ask(
        *(script, "--vary", "--C=uniform(0, 1)", "--metric", "Accuracy", "--maximize", "--trials", "1"),
        *("--", "--kernel", "rbf"),
    )
    best = first["best"]["values"]["--C"]
    ask("extend", "latest", "--trials", "2", as_json=False)
    ask("show", "latest", "--follow")
    assert "1 more trial\n" in ask("narrow", "latest", "--trials", "1", as_json=False)
    found = ask("show", "latest", "--follow")
    assert len(found["trials"]) == 3
    assert found["spec"]["space"] != first["spec"]["space"]
    words = ask("repeat", "latest", "--trial", "0", "--runs", "2", as_json=False)
    assert f"--C {best} --seed 0" in words
    found = ask("show", "latest", "--follow")
    assert [one["values"] for one in found["trials"][3:]] == [{"--C": best, "--seed": n} for n in (0, 1)]
    assert found["standings"]["repeated"] == ["--seed"]
    assert [one["state"] for one in found["trials"]] == ["Completed"] * 5
    model = ask("register", "latest", "--name", "m")
    assert model == {"name": "m", "version": 1, "run_id": found["best"]["run_id"], "path": "outputs/model.pkl"}
    assert ask("register", "latest", "--name", "m") == model


def test_a_metric_that_nobody_logs_is_told_with_the_nearest_name(ask: Ask, write_script: Callable[..., Path]) -> None:
    script = str(write_script(SCRIPT))
    words = ask(
        *(script, "--vary", "--C=1,2", "--metric", "acuracy", "--maximize", "--search", "grid", "--concurrent", "1"),
        as_json=False,
    )
    assert "Did you mean “Accuracy”?" in words
    # After its first trial it is told, too, while there is something to cancel.
    assert words.count("Ctrl+C cancels the sweep") == 1
    assert words.index("Ctrl+C cancels") < words.index("2/2")
    assert "Best:" not in words
    assert "Did you mean “Accuracy”?" in ask("best", "latest", code=1, as_json=False)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--vary", "--C=1,2", "--metric", "m"], "--maximize or --minimize"),
        (["--metric", "m", "--maximize"], "Nothing varies"),
        (["--vary", "--C", "--metric", "m", "--maximize"], "does not say how"),
        (["--vary", "--C=1", "--vary", "C=2", "--metric", "m", "--maximize"], "varies twice"),
        (["--vary", "--C=loguniform(-2, 2)", "--metric", "m", "--maximize"], "exponents"),
        (["--vary", "--C=uniform(0,1)", "--search", "grid", "--metric", "m", "--maximize"], "cannot be counted"),
        (["--vary", "--C=1", "--stop", "hope", "--metric", "m", "--maximize"], "no stopping rule"),
        (["--vary", "--C=1", "--concurrent", "0", "--metric", "m", "--maximize"], "at once"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_made(
    ask: Ask, write_script: Callable[..., Path], words: list[str], said: str
) -> None:
    assert said in ask(str(write_script("pass")), *words, code=2, as_json=False)
    assert ask("list") == []


SEEDED = """
import argparse, random
from azureml.core.run import Run
parser = argparse.ArgumentParser()
parser.add_argument("--C", type=float)
parser.add_argument("--seed", type=int)
found = parser.parse_args()
Run.get_context().log("Accuracy", found.C + 0.01 * random.Random(found.seed * 10 + found.C).random())
"""


def test_seeds_of_one_setting_are_one_row_with_its_error(ask: Ask, write_script: Callable[..., Path]) -> None:
    script = str(write_script(SEEDED))
    found = ask(
        *(script, "--vary", "--C=choice(1, 2)", "--vary", "--seed=choice(1, 2, 3)", "--metric", "Accuracy"),
        *("--maximize", "--search", "grid"),
    )
    settings = found["standings"]["settings"]
    assert [(one["values"], len(one["trials"]), one["is_worse"]) for one in settings] == [
        ({"--C": 2}, 3, False),
        ({"--C": 1}, 3, True),
    ]
    best = ask("best", "latest")
    assert best["number"] in settings[0]["trials"]
    words = ask("show", "latest", as_json=False)
    assert "Tukey and Kramer" in words
    assert "paired by --seed" in words
