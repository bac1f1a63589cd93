"""Words of a command line whose parser is not known, or in part."""

from __future__ import annotations

import pytest

from desktop_aml.domain.scripts.command_lines import TakenArgument
from desktop_aml.domain.scripts.guessing import guessed_words


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", {}),
        ("--rate 0.1 --fast --kernel=rbf", {"rate": "0.1", "fast": "True", "kernel": "rbf"}),
        ("--shift -5 -x -.5", {"shift": "-5", "x": "-.5"}),
        ("data.csv --layers 3 4 --layers 5", {"argument 1": "data.csv", "layers": "3 4 5"}),
        ("--name= rest", {"name": "", "argument 2": "rest"}),
        ("optimizer.lr=0.1 +a/b@c=x ++n= ~old", {"optimizer.lr": "0.1", "a/b@c": "x", "n": "", "~old": "True"}),
        ("-m lr=0.1,0.2 --config-name big lr=3", {"m": "True", "lr": "0.1,0.2 3", "config_name": "big"}),
        ("-m 3 --set a=1 b=2", {"m": "3", "set": "a=1 b=2"}),
    ],
)
def test_what_follows_an_option_belongs_to_it(words: str, expected: dict[str, str]) -> None:
    assert guessed_words(words.split(), {}) == expected


def test_an_option_that_is_known_takes_no_more_than_it_can() -> None:
    known = {
        "--debug": TakenArgument(name="debug", nargs=0),
        "-d": TakenArgument(name="depth"),
        "--size": TakenArgument(name="size", nargs=2),
        "--tag": TakenArgument(name="tag", repeats=True),
        "-v": TakenArgument(name="verbose", nargs=0, repeats=True),
        "--no-log": TakenArgument(name="log", nargs=0, text="False"),
    }
    words = "--debug go -d 7 a.csv -d 8 --size 1 2 b.csv --tag x --tag y --no-log -v -v --other 1 2"
    assert guessed_words(words.split(), known) == {
        "debug": "True",
        "argument 2": "go",
        "depth": "8",
        "argument 5": "a.csv",
        "size": "1 2",
        "argument 11": "b.csv",
        "tag": "x y",
        "log": "False",
        "verbose": "2",
        "other": "1 2",
    }
