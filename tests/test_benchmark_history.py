"""A benchmark that became slower is named; one bad round is no change."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import history
from benchmarks.history import Figure, Standing, machine, note, read, standing


def figures(*rounds: tuple[float, ...], kind: str = "ratio") -> list[Figure]:
    return [Figure("start", one, kind) for one in rounds]


def test_the_first_figure_is_compared_with_nothing() -> None:
    assert standing(figures((2.0,))) == (Standing.FIRST, 1.0)


def test_one_slow_round_is_no_change() -> None:
    how, factor = standing(figures((2.0, 2.0, 2.0), (2.1, 9.0, 2.0)))
    assert (how, factor) == (Standing.AS_BEFORE, pytest.approx(1.05))


def test_a_fifth_more_is_said_and_every_round_half_as_much_again_fails() -> None:
    usual = (2.0, 2.0, 2.0)
    assert standing(figures(usual, (2.5, 2.5, 2.5)))[0] is Standing.SLOWER
    assert standing(figures(usual, (3.1, 2.9, 3.3)))[0] is Standing.SLOWER, "one round was under one and a half"
    assert standing(figures(usual, (3.1, 3.2, 3.3)))[0] is Standing.MUCH_SLOWER
    assert standing(figures(usual, (2.4, 2.4, 2.4), kind="cpu"))[0] is Standing.MUCH_SLOWER, (
        "processor time is steadier"
    )


def test_what_is_usual_is_the_median_of_the_last_ones() -> None:
    slow_days = figures((9.0,), (9.0,), (9.0,), *([(1.0,)] * history.BEFORE), (1.1,))
    assert standing(slow_days)[0] is Standing.AS_BEFORE


def test_figures_are_kept_and_the_newest_are_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "history.jsonl"
    note("start", [1.0])
    assert not kept.exists(), "nothing is kept unless it is asked for"
    monkeypatch.setenv(history.VARIABLE, str(kept))
    for rounds in ([2.0, 2.0], [2.0, 2.1], [4.0, 4.2]):
        note("start", rounds)
    note("list", [1.0])
    elsewhere = {"name": "start", "rounds": [0.1], "kind": "ratio", "commit": "", "machine": "another", "at": 0}
    with kept.open("a") as lines:
        lines.write("<<<<<<< a merge\n" + json.dumps(elsewhere) + "\n")
    assert [figure.name for figure in read(kept.read_text().splitlines())] == [
        "start",
        "start",
        "start",
        "list",
        "start",
    ]
    assert history.main() == 1
    told = capsys.readouterr().out.splitlines()
    assert [line.split("times  ")[1] for line in told] == ["first", "much slower"]
    assert machine() in kept.read_text()


def test_no_benchmark_has_the_name_of_a_module_that_others_import() -> None:
    # Started by its path, its folder is where Python looks first.
    names = {file.stem for file in Path(history.__file__).parent.glob("*.py")}
    assert names & sys.stdlib_module_names == set()
