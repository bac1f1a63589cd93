"""What a script takes is read from its text, so that its arguments become parameters as it reads them itself."""

from __future__ import annotations

import pytest

from desktop_aml.domain.parameters import of_arguments
from desktop_aml.domain.scripts.command_line_reading import command_line_of
from desktop_aml.domain.scripts.command_lines import UNKNOWN

ARGPARSE = """
import argparse
p = argparse.ArgumentParser()
p.add_argument("data")
p.add_argument("more", nargs="*")
p.add_argument("--debug", action="store_true")
p.add_argument("-d", dest="depth", type=int)
p.add_argument("-v", "--verbose", action="count", default=0)
p.add_argument("--tag", action="append")
p.add_argument("--layers", nargs="+", type=int)
p.add_argument("--shuffle", action=argparse.BooleanOptionalAction)
p.add_argument("--log", nargs="?", const="x")
p.add_argument("-q", dest="password")
args = p.parse_args()
"""
SUBCOMMANDS = """
import argparse
p = argparse.ArgumentParser()
p.add_argument("--debug", action="store_true")
s = p.add_subparsers(dest="what")
f = s.add_parser("fit")
f.add_argument("path")
f.add_argument("-C", type=float)
e = s.add_parser("eval")
e.add_argument("--fast", action="store_true")
p.parse_args()
"""
CLICK = """
import click
@click.group()
@click.option("--debug", is_flag=True)
def cli(debug): ...
@cli.command()
@click.argument("path")
@click.option("-n", "--number", "count_of", default=1)
@click.option("--shout/--no-shout", default=False)
@click.option("-v", "verbose", count=True)
@click.option("--upper", "case", flag_value="upper")
@click.option("--size", nargs=2)
@click.option("--tag", multiple=True)
def fit_it(**given): ...
"""
TYPER = """
from typing import Annotated, Optional
import typer
def main(
    path: str, depth: int = 3, debug: bool = False, tags: list[str] = typer.Option([]),
    lr: Annotated[float, typer.Option("--lr", "-l")] = 0.1, name: Optional[str] = typer.Argument(None),
): ...
typer.run(main)
"""
TYPER_APP = """
import typer
app = typer.Typer()
@app.command()
def fit(path: str, fast: bool = typer.Option(False, "--fast")): ...
@app.command("score-it")
def score(context: typer.Context, path: str): ...
"""
TYPER_CALLBACK = """
import typer
app = typer.Typer()
@app.callback()
def main(debug: bool = False): ...
@app.command()
def fit(path: str): ...
"""
TYPER_ALONE = """
import typer
app = typer.Typer()
@app.command()
@typer.unknown
def fit(path: str, debug: bool = False): ...
"""
CLICK_BARE = """
import click
@click.command
@click.option("--debug", is_flag=True)
def fit(debug): ...
"""
CLICK_ALONE = """
import click
@click.command("fit")
@click.option("-n", type=click.IntRange(MIN, 10), nargs=COUNT)
@click.option("n_jobs")
@click.argument("path", required=False)
@click.pass_context
def fit(**given): ...
"""
ABSL = """
from absl import app, flags
flags.DEFINE_alias(name)
flags.DEFINE_bool("debug", False, "x")
flags.DEFINE_integer("depth", 3, "y")
flags.DEFINE_multi_string("tag", [], "z")
"""
OPTPARSE = """
from optparse import OptionParser
p = OptionParser()
p.add_option("-d", "--debug", action="store_true")
p.add_option("-n", dest="number", type="int")
"""


def given(source: str, words: str) -> dict[str, str]:
    line = command_line_of(source, lambda module: "")
    return {one.name: one.text for one in of_arguments(words.split(), line)}


@pytest.mark.parametrize(
    ("source", "words", "expected"),
    [
        (ARGPARSE, "--debug go a.csv", {"data": "go", "more": "a.csv", "debug": "True"}),
        (ARGPARSE, "-d 7 go", {"data": "go", "depth": "7"}),
        (ARGPARSE, "go -d7 -vv --verbose", {"data": "go", "depth": "7", "verbose": "3"}),
        (ARGPARSE, "go -d 1 -d=2", {"data": "go", "depth": "2"}),
        (ARGPARSE, "go --tag a --tag b --layers 1 2", {"data": "go", "tag": "a b", "layers": "1 2"}),
        (ARGPARSE, "--log go --no-shuffle -- x", {"data": "x", "shuffle": "False", "log": "go"}),
        (ARGPARSE, "go --lay 3", {"data": "go", "layers": "3"}),
        (ARGPARSE, "-q hunter2 go", {"data": "go", "password": "•••"}),
        (ARGPARSE, "--debug go --unknown 3", {"debug": "True", "argument 2": "go", "unknown": "3"}),
        (SUBCOMMANDS, "--debug fit a.csv -C 3", {"debug": "True", "command": "fit", "path": "a.csv", "C": "3"}),
        (SUBCOMMANDS, "eval --fast", {"command": "eval", "fast": "True"}),
        (SUBCOMMANDS, "none --fast x", {"argument 1": "none", "fast": "True", "argument 3": "x"}),
        (CLICK, "--debug fit-it a.csv -n 3", {"debug": "True", "command": "fit-it", "path": "a.csv", "number": "3"}),
        (CLICK, "fit-it --no-shout -vv a", {"command": "fit-it", "path": "a", "shout": "False", "verbose": "2"}),
        (CLICK, "fit-it a --upper --size 1 2", {"command": "fit-it", "path": "a", "upper": "upper", "size": "1 2"}),
        (CLICK, "fit-it a --tag x --tag y", {"command": "fit-it", "path": "a", "tag": "x y"}),
        (TYPER, "--debug a.csv", {"path": "a.csv", "debug": "True"}),
        (TYPER, "a.csv bob --no-debug -l 0.5", {"path": "a.csv", "debug": "False", "lr": "0.5", "name": "bob"}),
        (TYPER, "a.csv --tags a --tags b", {"path": "a.csv", "tags": "a b"}),
        (TYPER_APP, "fit --fast a.csv", {"command": "fit", "path": "a.csv", "fast": "True"}),
        (TYPER_APP, "score-it a.csv", {"command": "score-it", "path": "a.csv"}),
        (TYPER_CALLBACK, "--debug fit a.csv", {"debug": "True", "command": "fit", "path": "a.csv"}),
        (CLICK_ALONE, "-n 3 a.csv", {"n": "3", "path": "a.csv"}),
        (TYPER_ALONE, "--debug a.csv", {"path": "a.csv", "debug": "True"}),
        (CLICK_BARE, "--debug", {"debug": "True"}),
        (ABSL, "--debug go", {"debug": "True", "argument 2": "go"}),
        (ABSL, "--nodebug -depth=4 --tag a --tag b", {"debug": "False", "depth": "4", "tag": "a b"}),
        (OPTPARSE, "--debug go -n 3", {"debug": "True", "argument 2": "go", "number": "3"}),
    ],
)
def test_words_belong_to_the_argument_that_the_script_gives_them_to(
    source: str, words: str, expected: dict[str, str]
) -> None:
    assert given(source, words) == expected


@pytest.mark.parametrize(
    "source",
    ["", "import sys\nprint(sys.argv)", "def (", "import fire", "import click", "import typer\ntyper.run(elsewhere)"],
)
def test_a_script_that_does_not_tell_is_not_known(source: str) -> None:
    assert command_line_of(source, lambda module: "") == UNKNOWN


def test_what_a_module_beside_the_script_takes_counts() -> None:
    beside = (
        "import argparse\ndef given():\n    p = argparse.ArgumentParser()\n    p.add_argument('-d', dest='depth')\n"
    )
    line = command_line_of("from options import given\ngiven()", lambda module: beside if module == "options" else "")
    assert of_arguments(["-d", "3"], line)[0].name == "depth"
