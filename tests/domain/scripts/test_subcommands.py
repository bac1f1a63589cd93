"""A command line with a subcommand is read and written as argparse does."""

from __future__ import annotations

import argparse
import shlex

import pytest

from desktop_aml.domain.scripts.reader import describe_arguments
from desktop_aml.domain.scripts.subcommands import command_of, split_words, words_with

SOURCE = """
import argparse
def add_data(parser):
    parser.add_argument("--data", default="a.csv")
common = argparse.ArgumentParser(add_help=False)
common.add_argument("--seed", type=int, default=3)
p = argparse.ArgumentParser()
p.add_argument("place", nargs="?", default="here")
p.add_argument("--verbose", action="store_true")
p.add_argument("--mode")
p.add_argument("--seed", type=int, default=1)
s = p.add_subparsers(dest="command", required=True)
train = s.add_parser("train", parents=[common])
train.add_argument("--lr", type=float, default=0.1)
where = train.add_mutually_exclusive_group()
where.add_argument("--cpu", action="store_true")
where.add_argument("--gpu", action="store_true")
add_data(train)
test = s.add_parser("test")
test.add_argument("model")
inner = s.add_parser("more").add_subparsers(dest="inner")
inner.add_parser("deep").add_argument("--own")
args = p.parse_args()
"""
DESCRIBED = describe_arguments(SOURCE)


def parsed(words: tuple[str, ...]) -> dict[str, object]:
    """Return what the script itself makes of the words."""
    space: dict[str, object] = {}
    exec(compile(SOURCE.replace("args = p.parse_args()", ""), "script", "exec"), space)
    parser = space["p"]
    assert isinstance(parser, argparse.ArgumentParser)
    return vars(parser.parse_args(list(words)))


def test_each_subcommand_has_what_parents_helpers_and_groups_give_it() -> None:
    assert DESCRIBED.needs_command
    assert {name: sorted(a.key for a in own.arguments) for name, own in DESCRIBED.commands} == {
        "train": ["--cpu", "--data", "--gpu", "--lr", "--seed"],
        "test": ["model"],
        "more": [],
    }
    assert [one.keys for one in command_of(DESCRIBED, "train").exclusive] == [("--cpu", "--gpu")]
    assert command_of(DESCRIBED, "more").subcommands == ("deep",)


def test_words_reach_whom_they_are_for_though_both_take_an_argument_of_one_name() -> None:
    words = words_with(
        DESCRIBED, {"--verbose": True, "--mode": "train", "--seed": 8}, "train", {"--seed": 9, "--lr": 0.5}
    )
    got = parsed(words)
    assert (got["verbose"], got["mode"], got["command"], got["seed"], got["lr"]) == (True, "train", "train", 9, 0.5)
    own, name, more = split_words(DESCRIBED, words)
    assert name == "train"
    assert DESCRIBED.from_argv(own)[0] == {"--verbose": True, "--mode": "train", "--seed": 8}
    assert command_of(DESCRIBED, name).from_argv(more)[0] == {"--seed": 9, "--lr": 0.5}


@pytest.mark.parametrize(
    ("line", "split"),
    [
        ("train --lr 2", ("", "train", "--lr 2")),
        ("--mode test test model.pkl", ("--mode test", "test", "model.pkl")),
        ("--mode=train", ("--mode=train", "", "")),
        ("more deep --own 3", ("", "more", "deep --own 3")),
        ("--unknown train", ("--unknown train", "", "")),
        ("", ("", "", "")),
    ],
)
def test_a_line_is_split_at_its_subcommand(line: str, split: tuple[str, str, str]) -> None:
    own, name, more = split_words(DESCRIBED, shlex.split(line))
    assert (shlex.join(own), name, shlex.join(more)) == split


def test_a_command_line_without_a_subcommand_is_that_of_the_script() -> None:
    described = describe_arguments(SOURCE)
    assert words_with(described, {}, "", {"C": 1}, ("more",)) == described.to_argv({}, ("more",))
