"""What a form shows is what the script's own parser makes of its words; untouched it says nothing."""

from __future__ import annotations

import argparse
import contextlib
import io
from collections.abc import Iterator
from textwrap import dedent

import pytest
from PySide6.QtWidgets import QCheckBox, QLineEdit
from pytestqt.qtbot import QtBot

from desktop_aml.domain.scripts.arguments import Action, ArgumentType
from desktop_aml.domain.scripts.reader import describe_arguments
from desktop_aml.ui.submit.argument_field import ArgumentField
from desktop_aml.ui.submit.argument_form import ArgumentForm
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.number_field import NumberField

TYPES = """
import argparse

TRUTHS = ("1", "yes")
def by_tuple(s): return s in ("1", "yes")
def by_constant(s): return s.lower() in TRUTHS
def by_number(s): return bool(int(s))
def by_dict(s):
    return {"on": True, "off": False}[s]
def str2bool(v):
    if isinstance(v, bool):
        return v
    if v.lower() in ("yes", "true", "t", "y", "1"):
        return True
    elif v.lower() in ("no", "false", "f", "n", "0"):
        return False
    raise argparse.ArgumentTypeError("Boolean value expected.")
def by_word(s):
    try:
        return {"ja": True, "nein": False}[s]
    except KeyError:
        raise argparse.ArgumentTypeError(s)
def inverted(s): return s not in ("true", "1")
def equals(s): return s == "True"
def by_length(s): return len(s) > 3
def comma(s): return s.split(",")
def numbers(s): return [int(x) for x in s.split(";")]
def kilo(s): return int(s) * 1000
def positive(s):
    value = int(s)
    if value <= 0:
        raise argparse.ArgumentTypeError("positive")
    return value
def strtobool(val):
    val = val.lower()
    if val in ("y", "yes", "t", "true", "on", "1"):
        return 1
    if val in ("n", "no", "f", "false", "off", "0"):
        return 0
    raise ValueError(val)
def loud(s): return s.upper()
"""

CALLS = [
    *(
        f"p.add_argument('--x', type={function}, default={default})"
        for function in (
            "by_tuple",
            "by_constant",
            "by_number",
            "by_dict",
            "str2bool",
            "by_word",
            "equals",
            "strtobool",
        )
        for default in ("True", "False", "None")
    ),
    "p.add_argument('--x', type=str2bool, nargs='?', const=True, default=False)",
    "p.add_argument('--x', type=str2bool, default='yes')",
    "p.add_argument('--x', type=inverted, default=True)",
    "p.add_argument('--x', type=by_length, default=True)",
    "p.add_argument('--x', type=lambda s: s.lower() == 'true', default=False)",
    "p.add_argument('--x', type=lambda s: s in {'1', 'yes'}, default=True)",
    "p.add_argument('--x', type=lambda s: bool(int(s)), default=1)",
    "p.add_argument('--x', type=lambda s: True if s == 'on' else False, default=False)",
    "p.add_argument('--x', type=lambda s: s.split(','), default=['a', 'b'])",
    "p.add_argument('--x', type=bool, default=True)",
    "p.add_argument('--x', type=bool, default='False')",
    "p.add_argument('--x', type=comma, default=['a', 'b'])",
    "p.add_argument('--x', type=comma, default='a,b')",
    "p.add_argument('--x', type=comma, nargs='+', default=[['a']])",
    "p.add_argument('--x', type=numbers, default=[1, 2])",
    "p.add_argument('--x', type=kilo, default=4)",
    "p.add_argument('--x', type=positive, default=4)",
    "p.add_argument('--x', type=loud, choices=['A', 'B'], default='a')",
    "p.add_argument('--x', type=str.upper, choices=['A', 'B'], default='a')",
    "p.add_argument('--x', type=str.lower, choices=['A', 'B'])",
    "p.add_argument('--x', type=unknown_of_another_module, default=3)",
    "p.add_argument('-v', action='count', default=1)",
    "p.add_argument('-v', '--verbose', action='count', default=3)",
    "p.add_argument('-v', action='count')",
    "p.add_argument('--x', type=int, default=1e3)",
    "p.add_argument('--x', type=int, default='7')",
    "p.add_argument('--x', type=float, default=1)",
    "p.add_argument('--x', type=float, default=float('inf'))",
    "p.add_argument('--x', default=5)",
    "p.add_argument('--x', default=['a'])",
    "p.add_argument('--x', nargs='+', default=64)",
    "p.add_argument('--x', nargs='+', type=int, default=(64, 32))",
    "p.add_argument('--x', nargs='*', type=float, default=[0.5])",
    "p.add_argument('--x', nargs=1, default='a')",
    "p.add_argument('--x', nargs='?', const=5, type=int, default=1)",
    "p.add_argument('--x', choices=['lbfgs', 'saga'], default='auto')",
    "p.add_argument('--x', type=int, choices=[1, 2], default='2')",
    "p.add_argument('--x', type=float, choices=[0.1, 0.5], default=.5)",
    "p.add_argument('--x', type=float, choices=[1, 2], default=1)",
    "p.add_argument('--x', action='append', default=['a'])",
    "p.add_argument('--x', action='extend', nargs='+', default=['a'])",
    "p.add_argument('--x', action='store_false')",
    "p.add_argument('--x', action='store_const', const=7, default=1)",
    "p.add_argument('--x', action='append_const', const=7)",
    "p.add_argument('--x', action=argparse.BooleanOptionalAction, default=1)",
    "p.add_argument('--x', action=argparse.BooleanOptionalAction)",
    "p.add_argument('-x', '--ex', action=argparse.BooleanOptionalAction, default=True)",
    "p.add_argument('place', nargs='?', default='here')",
    "p.add_argument('places', nargs='*', type=int, default=[1])",
    "p.add_argument('--x', type=int)\np.set_defaults(x='7')",
    "p.add_argument('--x', type=str2bool)\np.set_defaults(x=True)",
]
HEAD = "import argparse\np = argparse.ArgumentParser({})\np.add_argument("
PARSERS = [
    *(f"{TYPES}\nunknown_of_another_module = None\np = argparse.ArgumentParser()\n{call}" for call in CALLS),
    HEAD.format("prefix_chars='+-'") + "'+a', '++alpha', type=float, default=1.0)",
    HEAD.format("prefix_chars='/'") + "'/a', default='x')\np.add_argument('n')",
    HEAD.format("fromfile_prefix_chars='@'") + "'--a', default='x')",
    HEAD.format("argument_default=3") + "'--a', type=int)",
    HEAD.format("argument_default=argparse.SUPPRESS") + "'--a', type=int)",
    HEAD.format("") + "'--many', nargs='+', type=int)\np.add_argument('--one', default='a')",
]
WORDS = ("yes", "1", "true", "a,b", "7", "-3", "0.5", "A", "B", "two words", "@x", "+y", "True", "1;2", "64")


def parser_of(source: str) -> argparse.ArgumentParser:
    names: dict[str, object] = {}
    exec(source, names)  # the test's own text
    parser = names["p"]
    assert isinstance(parser, argparse.ArgumentParser)
    return parser


def parsed(source: str, words: tuple[str, ...]) -> dict[str, object] | str:
    """Return what the script gets, or why its parser refuses."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            return {name: (type(v), v) for name, v in vars(parser_of(source).parse_args(list(words))).items()}
    except SystemExit:
        return said.getvalue()
    except (KeyError, TypeError) as error:
        return repr(error)


def fillings(field: ArgumentField) -> Iterator[tuple[object, str]]:
    """Fill a field in every way; yield the value that it shows then, if it shows one, and what was typed."""
    editor = field.editor
    if isinstance(editor, QCheckBox):
        for on in (True, False):
            editor.setChecked(on)
            yield on, ""
    elif isinstance(editor, ChoiceField):
        for number in range(editor.count()):
            editor.setCurrentIndex(number)
            yield editor.value(), ""
    else:
        line = editor.lineEdit() if isinstance(editor, NumberField) else editor
        assert isinstance(line, QLineEdit)
        for word in WORDS:
            line.setText(word)
            if not field.own_fault():
                yield None, word
        line.clear()


def typed_words(field: ArgumentField, word: str) -> list[str]:
    """Return what an author would write for a word that was typed into a field."""
    argument = field.argument
    parts = word.split() if argument.is_list else [word]
    if argument.is_positional:
        return ["--", *parts]
    if argument.action is Action.APPEND:
        return [f"{argument.key}={part}" for part in parts]
    return [f"{argument.key}={parts[0]}"] if len(parts) == 1 else [argument.key, *parts]


def check_shown(argument_value: object, shown: object, source: str) -> None:
    if isinstance(shown, bool):
        assert bool(argument_value) is shown, source
    else:
        assert argument_value == shown, source


@pytest.fixture
def form(qtbot: QtBot) -> ArgumentForm:
    made = ArgumentForm()
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize("source", PARSERS, ids=[source.rpartition("\n")[2][-70:] for source in PARSERS])
def test_what_a_form_says_is_what_it_shows(form: ArgumentForm, qtbot: QtBot, source: str):
    form.show_arguments(describe_arguments(source))
    assert form.fields
    required = [key for key, field in form.fields.items() if field.argument.required]
    if not required:
        assert form.argv() == ()
    again = ArgumentForm()
    qtbot.addWidget(again)
    again.show_arguments(describe_arguments(source))
    for key, field in form.fields.items():
        if key in required:
            continue
        for other in required:
            form.fields[other].set_value("here")
        dest = field.argument.dest
        before = parsed(source, form.argv())
        assert isinstance(before, dict)
        for shown, typed in fillings(field):
            if form.fault():
                continue
            words = form.argv()
            got = parsed(source, words)
            if typed and field.argument.action is Action.COUNT:
                assert isinstance(got, dict)
                assert (got[dest][1] or 0) == int(typed), source
            elif typed:
                tail = ["here"] * len(required)
                assert got == parsed(source, (*typed_words(field, typed), *tail)) or (got == before and not words), (
                    source
                )
            elif shown is None:
                assert got == before
            elif field.argument.action is Action.SWITCH:
                assert (field.argument.key in words) is shown
            else:
                assert isinstance(got, dict), (source, got)
                check_shown(got[dest][1], shown, source)
            again.set_argv(words)
            assert parsed(source, again.argv()) == got, (source, words, again.argv())
        field.reset()
        assert parsed(source, form.argv()) == before


def test_a_function_that_cannot_be_followed_takes_words_as_on_the_command_line(form: ArgumentForm):
    form.show_arguments(describe_arguments(f"{TYPES}\np = argparse.ArgumentParser()\n" + CALLS[-1]))
    source = (
        f"{TYPES}\nfrom tools import flag\np = argparse.ArgumentParser()\np.add_argument('--x', type=flag, default=[1])"
    )
    form.show_arguments(describe_arguments(source))
    field = form.fields["--x"]
    assert field.argument.type is ArgumentType.TEXT
    assert isinstance(field.editor, QLineEdit)
    assert field.editor.placeholderText() == "Script's default: [1]"
    field.editor.setText("yes")
    assert form.argv() == ("--x", "yes")


COMMON = """
    import argparse
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", required=True)
    common.add_argument("--seed", type=int, default=0)
    """
COMMANDS = """
    import argparse
    p = argparse.ArgumentParser()
    s = p.add_subparsers()
    """
HELPER = """
    import argparse
    def add(q):
        q.add_argument("--seed")
    p = argparse.ArgumentParser()
    s = p.add_subparsers()
    fit = s.add_parser("fit")
    add(fit)
    """
GIVING = """
    import argparse
    def base():
        q = argparse.ArgumentParser(add_help=False)
        q.add_argument("--seed")
        return q
    def main():
        p = argparse.ArgumentParser()
        s = p.add_subparsers()
        s.add_parser("a", parents=[base()])
        p.add_argument("--own")
        p.parse_args()
    """
NESTED = """
    import argparse
    def inner(g):
        g.add_argument("--lr")
    def add(q):
        inner(q.add_argument_group("opt"))
        q.add_argument("--n")
    def main():
        p = argparse.ArgumentParser()
        add(p)
        p.parse_args()
    """
MODEL = """
    import argparse
    class Model:
        @staticmethod
        def add_args(parent):
            parent.add_argument("--dim")
            return parent
    p = argparse.ArgumentParser()
    p = Model.add_args(p)
    """
MAIN = "p = argparse.ArgumentParser()\n"


def of(head: str, *lines: str) -> str:
    return "\n".join((dedent(head), *lines))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (of(COMMON, MAIN, "s = p.add_subparsers()", "s.add_parser('fit', parents=[common])"), []),
        (of(COMMON, MAIN, "shared = [common]", "p.add_subparsers().add_parser('fit', parents=shared)"), []),
        (of(COMMON, "p = argparse.ArgumentParser(parents=[common])"), ["--data", "--seed"]),
        (
            of(COMMON, MAIN, "p.add_argument('--own')", "p.add_subparsers().add_parser('a', parents=[common])"),
            ["--own"],
        ),
        (of(HELPER), []),
        (of(HELPER, "add(p)", "add(q=p)"), ["--seed"]),
        (of(COMMANDS, "for q in (s.add_parser('a'), s.add_parser('b')):", "    q.add_argument('--seed')"), []),
        (of(COMMANDS, "d = {}", "d['a'] = s.add_parser('a')", "d['a'].add_argument('--seed')"), []),
        (of(COMMANDS, "fit = s.add_parser('f')", "g = fit.add_argument_group('x')", "g.add_argument('--a')"), []),
        (of(COMMANDS, "f = s.add_parser('f')", "f.add_mutually_exclusive_group().add_argument('--b')"), []),
        (of(COMMANDS, "(f := s.add_parser('f')).add_argument('--b')", "f.add_argument('--c')"), []),
        (of(GIVING), ["--own"]),
        (of(NESTED), ["--lr", "--n"]),
        (of(MODEL), ["--dim"]),
    ],
)
def test_only_what_the_main_parser_takes_stands_in_the_form(source: str, expected: list[str]):
    assert sorted(a.key for a in describe_arguments(source).arguments) == sorted(expected)


def test_defaults_set_on_a_subcommand_change_nothing_of_the_main_parser():
    source = of(COMMANDS, "p.add_argument('--n', default=1)", "s.add_parser('a').set_defaults(n=5)")
    (argument,) = [a for a in describe_arguments(source).arguments if a.key == "--n"]
    assert argument.default == 1


def test_a_subcommand_in_the_extra_line_is_not_swallowed(form: ArgumentForm):
    source = (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--many', nargs='+', type=int)\n"
        "p.add_argument('--one', default='a')\ns = p.add_subparsers(dest='command')\ns.add_parser('fit')"
    )
    form.show_arguments(describe_arguments(source))
    form.extra.setText("fit")
    form.fields["--many"].editor.setText("1 2")
    assert "--many" in form.fault()
    form.fields["--many"].editor.setText("1")
    assert form.fault() == ""
    assert parsed(source, form.argv())["many"] == (list, [1])
    form.fields["--many"].editor.setText("1 2")
    form.fields["--one"].editor.setText("b")
    assert form.fault() == ""
    got = parsed(source, form.argv())
    assert (got["many"][1], got["one"][1], got["command"][1]) == ([1, 2], "b", "fit")


def test_an_empty_word_of_an_earlier_run_is_said_again(form: ArgumentForm):
    source = (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--t', default='abc')\np.add_argument('--n')"
    )
    form.show_arguments(describe_arguments(source))
    form.set_argv(("--t", "", "--n", "x"))
    assert parsed(source, form.argv()) == parsed(source, ("--t", "", "--n", "x"))
    assert form.fields["--n"].value() == "x"
