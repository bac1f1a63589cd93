"""Which parser an argument belongs to is followed through names, lists, functions and parents."""

from __future__ import annotations

from textwrap import dedent

import pytest

from desktop_aml.domain.scripts.arguments import ArgumentType, ScriptArguments
from desktop_aml.domain.scripts.reader import describe_arguments


def read(body: str) -> ScriptArguments:
    return describe_arguments("import argparse\n" + dedent(body))


def keys(body: str) -> list[str]:
    described = read(body)
    assert described.problems == ()
    return [argument.key for argument in described.arguments]


@pytest.mark.parametrize(
    "body",
    [
        """
        def made():
            p = argparse.ArgumentParser()
            p.add_argument("--rate")
            return p
        made().parse_args()
        """,
        """
        def add(parser):
            parser.add_argument("--rate")
        p = argparse.ArgumentParser()
        add(p)
        p.parse_args()
        """,
        """
        def add(kind, *, parser=None):
            parser.add_argument("--rate")
        p = argparse.ArgumentParser()
        add("x", parser=p)
        p.parse_args()
        """,
        """
        class Program:
            def __init__(self):
                self.parser = argparse.ArgumentParser()
                self.add(self.parser)
            def add(self, parser):
                parser.add_argument("--rate")
        Program().parser.parse_args()
        """,
        """
        if (p := argparse.ArgumentParser()):
            p.add_argument("--rate")
        p.parse_args()
        """,
        """
        p: argparse.ArgumentParser
        p: argparse.ArgumentParser = argparse.ArgumentParser()
        add = p.add_argument
        add("--rate")
        p.parse_args()
        """,
        """
        common = argparse.ArgumentParser(add_help=False)
        common.add_argument("--rate")
        p = argparse.ArgumentParser(parents=[common])
        p.parse_args()
        """,
        """
        def add(parser):
            add(parser)
            parser.add_argument("--rate")
        p = argparse.ArgumentParser()
        add(p)
        p.parse_args()
        """,
    ],
    ids=[
        "returned",
        "given",
        "by its name",
        "a method",
        "walrus",
        "declared",
        "parents",
        "a function that calls itself",
    ],
)
def test_an_argument_is_found_however_its_parser_gets_there(body: str) -> None:
    assert keys(body) == ["--rate"]


def test_an_argument_may_be_added_to_each_parser_of_a_list() -> None:
    body = """
        a, b = argparse.ArgumentParser(), argparse.ArgumentParser()
        first = argparse.ArgumentParser()
        second = argparse.ArgumentParser()
        more = [second]
        for p in [first] + more:
            p.add_argument("--rate")
        first.parse_args()
        """
    assert keys(body) == ["--rate"]


def test_defaults_that_are_set_afterwards_count() -> None:
    described = read("""
        p = argparse.ArgumentParser()
        p.add_argument("--rate", type=float, default=0.1)
        p.add_argument("--kernel")
        p.set_defaults(rate=0.5)
        p.parse_args()
        """)
    assert [(one.key, one.default) for one in described.arguments] == [("--rate", 0.5), ("--kernel", None)]


def test_a_group_that_is_given_to_a_function_names_its_arguments() -> None:
    described = read("""
        def add(group):
            group.add_argument("--rate")
        p = argparse.ArgumentParser()
        add(p.add_argument_group("training"))
        p.parse_args()
        """)
    assert [(one.key, one.group) for one in described.arguments] == [("--rate", "training")]


def test_which_subcommand_takes_an_argument_of_a_function_is_left_to_text() -> None:
    described = read("""
        def add(parser):
            parser.add_argument("--rate")
        p = argparse.ArgumentParser()
        commands = p.add_subparsers()
        for name in names():
            add(commands.add_parser(name))
        p.parse_args()
        """)
    assert [one.key for one in described.arguments if one.key == "--rate"] == []


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("", "an argument without a name"),
        ("'--x', nargs=compute()", "how many words it takes is known only"),
        ("'--x', nargs='??'", "a way that a form does not know"),
        ("compute()", "the name compute() is known only"),
    ],
)
def test_an_argument_that_cannot_be_read_is_a_problem_with_its_line(written: str, words: str) -> None:
    [problem] = read(f"p = argparse.ArgumentParser()\np.add_argument({written})\np.parse_args()").problems
    assert problem.startswith("Line 3: ")
    assert words in problem


def test_options_that_are_spread_are_read_where_they_are_plain() -> None:
    described = read("""
        COMMON = {"type": int, "default": 3}
        PLAIN = {"default": 4, "help": "how many"}
        p = argparse.ArgumentParser()
        p.add_argument("--unknown", **options())
        p.add_argument("--number", **PLAIN)
        p.add_argument(dest="place")
        p.parse_args()
        """)
    assert [(one.key, one.default, one.help) for one in described.arguments] == [
        ("--unknown", None, ""),
        ("--number", 4, "how many"),
        ("place", None, ""),
    ]


def test_a_default_is_set_for_what_a_loop_named() -> None:
    described = read("""
        p = argparse.ArgumentParser()
        for name in ("rate", "size"):
            p.add_argument("--" + name, default=1)
        name = compute()
        p.set_defaults(rate=2)
        p.parse_args()
        """)
    assert [(one.key, one.default) for one in described.arguments] == [("--rate", 2), ("--size", 1)]


def test_a_parser_that_is_named_where_it_is_used_is_followed() -> None:
    assert keys("""
        (p := argparse.ArgumentParser()).add_argument("--rate")
        [print][0]("a call of no name")
        p.parse_args()
        """) == ["--rate"]


def test_what_a_parser_from_elsewhere_takes_beside_subcommands_is_left_to_text() -> None:
    described = read("""
        p = argparse.ArgumentParser()
        p.add_subparsers().add_parser("train")
        elsewhere.add_argument("--rate")
        p.parse_args()
        """)
    assert [one.key for one in described.arguments if one.key == "--rate"] == []
    assert any("which subcommand takes --rate is known only" in problem for problem in described.problems)


def test_a_default_for_what_cannot_be_read_again_is_not_known() -> None:
    described = read("""
        kind = "store"
        p = argparse.ArgumentParser()
        p.add_argument("--rate", action=kind, default=1)
        kind = "help"
        p.set_defaults(rate=2)
        p.parse_args()
        """)
    assert [(one.key, one.default_known, one.default_text) for one in described.arguments] == [("--rate", False, "2")]


def test_a_later_argument_takes_the_flags_of_an_earlier_one_where_the_parser_says_so() -> None:
    described = read("""
        base = argparse.ArgumentParser(add_help=False)
        base.add_argument("--rate", type=float, default=0.1)
        base.add_argument("-e", "--epochs", type=int, default=3)
        p = argparse.ArgumentParser(parents=[base], conflict_handler="resolve")
        p.add_argument("--rate", default="auto")
        p.add_argument_group("more").add_argument("-e", action="store_true")
        p.parse_args()
        """)
    assert {one.flags: one.default for one in described.arguments} == {
        ("--epochs",): 3,
        ("--rate",): "auto",
        ("-e",): False,
    }


def test_of_two_arguments_that_are_written_alike_the_default_is_not_guessed() -> None:
    described = read("""
        p = argparse.ArgumentParser()
        if quick():
            p.add_argument("--rate", default=1)
            p.add_argument("--size", default=1)
        else:
            p.add_argument("--rate", default=2)
            p.add_argument("--size", default=1)
        p.parse_args()
        """)
    said = {one.key: (one.default, one.default_known, one.default_text) for one in described.arguments}
    assert said == {"--rate": (None, False, "1 or 2"), "--size": (1, True, "1")}
    assert described.to_argv({"--rate": "1"}) == ("--rate", "1")


def test_defaults_count_wherever_they_are_set() -> None:
    described = read("""
        def add(parser):
            parser.add_argument("--momentum", type=float, default=0.9)
        base = argparse.ArgumentParser(add_help=False)
        base.add_argument("--epochs", type=int, default=3)
        p = argparse.ArgumentParser(parents=[base])
        p.set_defaults(rate=0.7)
        p.add_argument("--rate", type=float)
        p.add_argument("--size", type=int, default=1)
        add(p)
        MORE = dict(momentum="0.5")
        p.set_defaults(epochs=9, **MORE)
        p.parse_args()
        """)
    assert {one.key: one.default for one in described.arguments} == {
        "--epochs": 9,
        "--rate": 0.7,
        "--size": 1,
        "--momentum": 0.5,
    }


def test_defaults_of_a_file_that_the_script_reads_are_not_known() -> None:
    described = read("""
        p = argparse.ArgumentParser()
        p.add_argument("--rate", type=float, default=0.1)
        p.set_defaults(**json.load(open("defaults.json")))
        p.parse_args()
        """)
    (rate,) = described.arguments
    assert (rate.starting_value, rate.default_text) == (None, "0.1 or what the script reads")
    assert described.to_argv({"--rate": 0.1}) == ("--rate", "0.1")


def test_words_that_stand_in_a_dictionary_are_read_there() -> None:
    described = read("""
        WHOLE = {"type": int, "default": 8}
        p = argparse.ArgumentParser()
        p.add_argument("--a", **WHOLE)
        p.add_argument("--b", **dict(WHOLE, default=9))
        p.add_argument("--c", **{**WHOLE, "default": 10})
        p.parse_args()
        """)
    assert {one.key: (one.type, one.default) for one in described.arguments} == {
        "--a": (ArgumentType.INTEGER, 8),
        "--b": (ArgumentType.INTEGER, 9),
        "--c": (ArgumentType.INTEGER, 10),
    }
