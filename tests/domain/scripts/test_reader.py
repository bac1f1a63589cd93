"""A script's arguments are recovered from its text, and reading the text does nothing."""

from __future__ import annotations

from textwrap import dedent

import pytest

from desktop_aml.domain.scripts.arguments import Action, ArgumentType, ScriptArgument, ScriptArguments
from desktop_aml.domain.scripts.reader import describe_arguments

IRIS = dedent(
    '''
    """Train a support vector classifier.

    More words.
    """
    import argparse
    import os
    import numpy as np
    from azureml.core.run import Run
    run = Run.get_context()

    def main():
        parser = argparse.ArgumentParser(description=__doc__)
        parser.add_argument('--kernel', type=np.str, default='linear',
                            help='Kernel type to be used in the algorithm')
        parser.add_argument('--penalty', type=np.float, default=1.0, help='Penalty (default: %(default)s, 5%% off)')
        args = parser.parse_args()
    '''
)


MADE = "import argparse\nq = argparse.ArgumentParser()\n"


def read(body: str) -> ScriptArguments:
    return describe_arguments(
        "import argparse, os\nfrom pathlib import Path\np = argparse.ArgumentParser()\n" + dedent(body)
    )


def one(body: str) -> ScriptArgument:
    described = read(body)
    assert described.problems == ()
    (argument,) = described.arguments
    return argument


def test_a_published_training_script_gives_its_form() -> None:
    described = describe_arguments(IRIS)
    kernel, penalty = described.arguments
    assert described.description == "Train a support vector classifier."
    assert described.uses == ("argparse",)
    assert (kernel.key, kernel.type, kernel.default) == ("--kernel", ArgumentType.TEXT, "linear")
    assert kernel.help == "Kernel type to be used in the algorithm"
    assert (penalty.type, penalty.default) == (ArgumentType.NUMBER, 1.0)
    assert penalty.help == "Penalty (default: 1.0, 5% off)"


def test_reading_a_script_runs_nothing(tmp_path) -> None:
    proof = tmp_path / "ran"
    describe_arguments(f"open({str(proof)!r}, 'w')\nimport argparse\nargparse.ArgumentParser().add_argument('--x')")
    assert not proof.exists()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("int", ArgumentType.INTEGER),
        ("float", ArgumentType.NUMBER),
        ("str", ArgumentType.TEXT),
        ("bool", ArgumentType.BOOLEAN),
        ("str2bool", ArgumentType.TEXT),
        ("distutils.util.strtobool", ArgumentType.BOOLEAN),
        ("lambda x: x.split(',')", ArgumentType.TEXT),
        ("Path", ArgumentType.PATH),
        ("os.path.abspath", ArgumentType.PATH),
        ("argparse.FileType('r')", ArgumentType.PATH),
        ("open", ArgumentType.PATH),
        ("json.loads", ArgumentType.TEXT),
    ],
)
def test_types(written: str, expected: ArgumentType) -> None:
    assert one(f"p.add_argument('--x', type={written})").type is expected


def test_a_function_of_the_script_as_type_is_known_by_its_annotation() -> None:
    body = """
        def positive(text) -> int:
            return int(text)
        p.add_argument('--x', type=positive)
    """
    assert one(body).type is ArgumentType.INTEGER


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("3", 3),
        ("-0.5", -0.5),
        ("1e-3", 0.001),
        ("2 ** 10", 1024),
        ("60 * 60", 3600),
        ("'a' 'b'", "ab"),
        ("None", None),
        ("True", True),
        ("[64, 32], nargs='+'", (64, 32)),
        ("os.path.join('data', 'train.csv')", "data/train.csv"),
        ("Path('data') / 'train.csv'", "data/train.csv"),
        ("f'{NAME}.csv'", "iris.csv"),
        ("CONFIG['lr']", 0.1),
        ("Defaults.depth", 4),
        ("LATER", "late"),
        ("float('inf')", float("inf")),
        ("KERNELS[0]", "linear"),
    ],
)
def test_defaults_that_are_plain_are_worked_out(written: str, value: object) -> None:
    body = f"""
        NAME = "iris"
        CONFIG = {{"lr": 0.1}}
        KERNELS = ["linear", "rbf"]
        class Defaults:
            depth = 4
        def main():
            p.add_argument("--x", default={written})
        LATER = "late"
    """
    argument = one(body)
    assert argument.default_known
    assert argument.default == value


@pytest.mark.parametrize(
    "written",
    ["os.getenv('DATA')", "compute()", "lambda: 3", "{'a': 1}", "'x' * 10**9", "10 ** 10 ** 9", "['a' * 9999] * 9999"],
)
def test_a_default_that_is_worked_out_when_the_script_runs_is_shown_as_written(written: str) -> None:
    argument = one(f"p.add_argument('--x', default={written})")
    assert not argument.default_known
    assert argument.default is None
    assert argument.default_text == written.replace("10**9", "10 ** 9")


def test_a_constant_that_changes_is_not_trusted() -> None:
    assert not one("N = 1\nN += 1\np.add_argument('--x', default=N)").default_known


def test_a_parameter_hides_the_constant_of_the_same_name() -> None:
    assert not one("n = 1\ndef add(n):\n    p.add_argument('--x', default=n)").default_known


def test_text_defaults_go_through_the_type_as_argparse_does() -> None:
    assert one("p.add_argument('--x', type=float, default='0.5')").default == 0.5
    assert one("p.add_argument('--x', type=distutils.util.strtobool, default='no')").default is False
    assert not one("p.add_argument('--x', type=int, default='many')").default_known


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("['a', 'b']", ("a", "b")),
        ("('a', 'b')", ("a", "b")),
        ("range(1, 4)", (1, 2, 3)),
        ("KERNELS", ("linear", "rbf")),
        ("sorted(MODELS)", ("forest", "svm")),
        ("list(MODELS.keys())", ("svm", "forest")),
        ("MODELS", ("svm", "forest")),
        ("{'b', 'a'}", ("a", "b")),
        ("'a,b'.split(',')", ("a", "b")),
        ("range(10**7)", ()),
        ("find_plugins()", ()),
    ],
)
def test_choices(written: str, expected: tuple[object, ...]) -> None:
    body = f"""
        KERNELS = ("linear", "rbf")
        MODELS = {{"svm": 1, "forest": 2}}
        p.add_argument("--x", choices={written})
    """
    assert one(body).choices == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("'store_true'", Action.SWITCH),
        ("'store_false'", Action.SWITCH),
        ("'count'", Action.COUNT),
        ("'append'", Action.APPEND),
        ("'extend', nargs='+'", Action.EXTEND),
        ("'store_const', const=3", Action.SWITCH),
        ("'append_const', const=3", Action.SWITCH),
        ("argparse.BooleanOptionalAction", Action.YES_NO),
        ("MyAction", Action.STORE),
    ],
)
def test_actions(written: str, expected: Action) -> None:
    assert one(f"p.add_argument('--x', action={written})").action is expected


@pytest.mark.parametrize("written", ["'help'", "'version', version='1'"])
def test_help_and_version_are_no_part_of_a_form(written: str) -> None:
    assert read(f"p.add_argument('--x', action={written})").arguments == ()


def test_hidden_arguments_are_left_out() -> None:
    assert read("p.add_argument('--x', help=argparse.SUPPRESS)").arguments == ()


@pytest.mark.parametrize(("written", "expected"), [("2", 2), ("'+'", "+"), ("'?'", "?"), ("argparse.REMAINDER", "...")])
def test_numbers_of_words(written: str, expected: object) -> None:
    assert one(f"p.add_argument('--x', nargs={written})").nargs == expected


def test_a_positional_is_required_unless_it_may_be_left_out() -> None:
    assert one("p.add_argument('data')").required
    assert not one("p.add_argument('data', nargs='?')").required
    assert one("p.add_argument('--x', required=True)").required


def test_the_longest_flag_names_the_argument_and_dest_may_differ() -> None:
    argument = one("p.add_argument('-l', '--learning-rate', dest='lr')")
    assert (argument.key, argument.dest, argument.flags) == ("--learning-rate", "lr", ("-l", "--learning-rate"))
    assert one("p.add_argument('-n', '--n-estimators')").dest == "n_estimators"


def test_groups_name_their_arguments_and_exclusive_ones_know_each_other() -> None:
    described = read(
        """
        g = p.add_argument_group("data options")
        g.add_argument("--data")
        e = p.add_mutually_exclusive_group(required=True)
        e.add_argument("--a", action="store_true")
        e.add_argument("--b", action="store_true")
        p.add_argument_group(title="inline").add_argument("--c")
        """
    )
    assert [(a.key, a.group) for a in described.arguments] == [
        ("--data", "data options"),
        ("--a", ""),
        ("--b", ""),
        ("--c", "inline"),
    ]
    (group,) = described.exclusive
    assert (group.keys, group.required) == (("--a", "--b"), True)


def test_subcommands_are_named_each_with_its_own_arguments() -> None:
    described = read(
        """
        p.add_argument("--verbose", action="store_true")
        s = p.add_subparsers(dest="command")
        train = s.add_parser("train")
        train.add_argument("--lr")
        s.add_parser("test").add_argument("--data")
        """
    )
    assert described.subcommands == ("train", "test")
    assert [a.key for a in described.arguments] == ["--verbose"]
    assert [(name, [a.key for a in own.arguments]) for name, own in described.commands] == [
        ("train", ["--lr"]),
        ("test", ["--data"]),
    ]
    assert not described.needs_command


@pytest.mark.parametrize(
    "source",
    [
        "from argparse import ArgumentParser as AP\ndef make():\n    q = AP()\n    q.add_argument('--x', default=3)",
        "import argparse as ap\nap.ArgumentParser().add_argument('--x', default=3)",
        "from argparse import *\nq = ArgumentParser()\nq.add_argument('--x', default=3)",
        "def add(parser):\n    parser.add_argument('--x', default=3)",
        MADE
        + "class T:\n  def a(self): self.p = argparse.ArgumentParser()\n"
        + "  def b(self): self.p.add_argument('--x', default=3)",
        MADE + "add = q.add_argument\nadd('--x', default=3)",
        "import argparse\nclass P(argparse.ArgumentParser): pass\nq = P()\nq.add_argument('--x', default=3)",
        MADE + "q.add_argument('--x')\nq.set_defaults(x=3)",
        MADE + "for n in ['x']:\n    q.add_argument('--' + n, default=3)",
        MADE + "for n, d in {'x': 3}.items():\n    q.add_argument(f'--{n}', default=d)",
        MADE + "KW = dict(default=3)\nq.add_argument('--x', **KW)",
        MADE + "if True:\n    q.add_argument('--x', default=3)\nelse:\n    q.add_argument('--x', default=3)",
        MADE + "async def main():\n    r: argparse.ArgumentParser = q\n    r.add_argument('--x', default=3)",
    ],
)
def test_ways_of_making_a_parser(source: str) -> None:
    described = describe_arguments(source)
    assert described.problems == ()
    assert [(a.key, a.default) for a in described.arguments] == [("--x", 3)]


def test_a_star_brings_every_name_of_argparse() -> None:
    found = describe_arguments(
        "from argparse import *\n"
        "p = ArgumentParser(formatter_class=ArgumentDefaultsHelpFormatter)\n"
        "p.add_argument('--shuffle', action=BooleanOptionalAction, default=True)\n"
        "p.add_argument('--C', nargs=OPTIONAL)\n"
        "p.add_argument('--layers', nargs=ZERO_OR_MORE)\n"
        "p.add_argument('files', nargs=ONE_OR_MORE)\n"
        "p.parse_args()\n"
    )
    shuffle, *others = found.arguments
    assert (shuffle.action, shuffle.default) == (Action.YES_NO, True)
    assert [one.nargs for one in others] == ["?", "*", "+"]
    assert found.problems == ()


def test_an_argument_whose_name_is_computed_is_a_problem_with_its_line() -> None:
    described = read("import sys\np.add_argument(sys.argv[1])\np.add_argument('--ok')")
    assert described.problems == ("Line 5: the name sys.argv[1] is known only when the script runs.",)
    assert [a.key for a in described.arguments] == ["--ok"]


def test_words_in_several_groups_are_left_to_text() -> None:
    assert (
        "--pair takes several words several times"
        in read("p.add_argument('--pair', action='append', nargs=2)").problems[0]
    )


def test_a_syntax_error_is_a_problem_with_its_line() -> None:
    assert describe_arguments("import os\nprint 'old'").problems[0].startswith("Line 2: ")


@pytest.mark.parametrize("source", ["\x00", "(" * 5000, "x = " + "-" * 100_000 + "1", "a." * 20_000 + "b"])
def test_hostile_text_is_a_problem_and_never_an_exception(source: str) -> None:
    assert describe_arguments(source).problems


def test_invalid_escapes_in_a_script_raise_no_warning() -> None:
    assert describe_arguments("x = '\\d'").problems == ()


def test_a_long_loop_is_not_followed() -> None:
    described = read("for i in range(5000):\n    p.add_argument(f'--x{i}')")
    assert described.arguments == ()
    assert len(described.problems) == 1


@pytest.mark.parametrize(
    ("written", "default", "known"),
    [
        ("default=argparse.SUPPRESS", None, True),
        ("default=[1, 2]", None, False),
        ("default=math.pi, type=float", 3.141592653589793, True),
    ],
)
def test_defaults_that_no_words_would_give_are_shown_as_written(written: str, default: object, known: bool) -> None:
    argument = one(f"import math\np.add_argument('--x', {written})")
    assert argument.default_known is known
    assert not known or argument.default == default


def test_a_yes_or_no_without_a_long_flag_is_a_switch() -> None:
    assert one("p.add_argument('-x', action=argparse.BooleanOptionalAction)").action is Action.SWITCH


def test_too_many_choices_are_none() -> None:
    assert one("p.add_argument('--x', choices=range(10**5))").choices == ()
    assert one("p.add_argument('--x', choices='ab' * 1000)").choices == ()


def test_names_of_a_class_and_of_several_at_once_are_known() -> None:
    body = """
        class Options:
            depth: int = 4
            width: int
        first, (second, third) = "a", "b"
        one, two = 1, 2
        taken = {}
        taken["two"] = 3
        for a, b in [1, (2, 3)]:
            print(a)
        p.add_argument("--depth", default=Options.depth)
        p.add_argument("--two", default=two)
    """
    assert [argument.default for argument in read(body).arguments] == [4, 2]
