"""Words that a form gives to a script are the words that the script understands."""

from __future__ import annotations

import argparse
import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_aml.domain.scripts.arguments import (
    Action,
    ArgumentType,
    ExclusiveGroup,
    ScriptArgument,
    ScriptArguments,
    Value,
    join_words,
    parse_words,
)
from desktop_aml.domain.scripts.reader import describe_arguments
from desktop_aml.domain.scripts.spelling import ANY_WORD

_texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n"), min_size=1, max_size=6).filter(
    lambda text: text != "--"
)
_plain_texts = _texts.filter(lambda text: not text.startswith("-"))
_scalars = {
    "int": st.integers(-(10**9), 10**9),
    "float": st.floats(allow_nan=False, width=32),
    "str": _texts | st.sampled_from(["", "-", "-x", "--flag-0", "-1", "a b", "=", "@file"]),
}
_in_lists = {
    "int": st.integers(-(10**9), 10**9),
    "float": st.floats(-1e9, 1e9, allow_nan=False, width=32),
    "str": _plain_texts,
}


@st.composite
def _declarations(draw: st.DrawFn) -> list[dict[str, object]]:
    """Keyword arguments of some add_argument calls, and under "value" what a form holds."""
    made: list[dict[str, object]] = []
    for number in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(["store", "list", "choice", "switch", "count", "append", "yes_no", "positional"]))
        base = draw(st.sampled_from(["int", "float", "str"]))
        flags = draw(st.sampled_from([[f"--flag-{number}"], [f"-{'abcdef'[number]}", f"--flag{number}"]]))
        entry: dict[str, object] = {"flags": flags, "type": base}
        if kind == "store":
            entry |= {"default": draw(st.none() | _scalars[base]), "value": draw(st.none() | _scalars[base])}
        elif kind == "list":
            items = st.lists(_in_lists[base], min_size=1, max_size=3)
            entry |= {"nargs": draw(st.sampled_from(["+", "*"])), "default": draw(st.none() | items)}
            entry["value"] = draw(st.none() | items.map(tuple))
        elif kind == "choice":
            choices = draw(st.lists(_in_lists[base], min_size=1, max_size=4, unique=True))
            entry |= {"choices": choices, "value": draw(st.none() | st.sampled_from(choices)), "required": False}
        elif kind == "switch":
            entry = {"flags": flags, "action": draw(st.sampled_from(["store_true", "store_false"]))}
            entry["value"] = draw(st.booleans())
        elif kind == "count":
            entry = {"flags": flags, "action": "count", "value": draw(st.integers(0, 3))}
        elif kind == "append":
            entry |= {"action": "append", "value": draw(st.none() | st.lists(_scalars[base], min_size=1).map(tuple))}
        elif kind == "yes_no":
            entry = {"flags": flags[-1:], "action": "BooleanOptionalAction", "default": draw(st.booleans())}
            entry["value"] = draw(st.booleans())
        else:
            entry |= {"flags": [f"place{number}"], "value": draw(_scalars[base])}
        made.append(entry)
    return made


def _source(declarations: list[dict[str, object]]) -> str:
    lines = ["import argparse", "parser = argparse.ArgumentParser()"]
    for entry in declarations:
        parts = [repr(flag) for flag in entry["flags"]]  # type: ignore[attr-defined]
        for name, value in entry.items():
            if name in ("flags", "value"):
                continue
            spelled = value if name == "type" else repr(value)
            if value == "BooleanOptionalAction":
                spelled = "argparse.BooleanOptionalAction"
            if isinstance(value, float) and not math.isfinite(value):
                spelled = f"float('{value}')"
            parts.append(f"{name}={spelled}")
        lines.append(f"parser.add_argument({', '.join(parts)})")
    return "\n".join(lines)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(declarations=_declarations())
def test_words_built_from_a_form_parse_back_to_its_values_with_the_real_argparse(
    declarations: list[dict[str, object]],
) -> None:
    source = _source(declarations)
    described = describe_arguments(source)
    assert described.problems == ()
    assert len(described.arguments) == len(declarations)
    pairs = list(zip(described.arguments, declarations, strict=True))
    values: dict[str, Value] = {argument.key: entry["value"] for argument, entry in pairs}  # type: ignore[misc]
    assert described.faults(values) == {}
    words = described.to_argv(values)

    names: dict[str, object] = {}
    exec(source, names)  # the test's own text
    parser = names["parser"]
    assert isinstance(parser, argparse.ArgumentParser)
    space = vars(parser.parse_args(list(words)))

    for argument, entry in pairs:
        value, found = entry["value"], space[argument.dest]
        if argument.action is Action.SWITCH:
            assert found is (value if entry["action"] == "store_true" else not value)
        elif argument.action is Action.COUNT:
            assert (found or 0) == value
        elif value is None:
            assert found == entry.get("default")
        else:
            assert found == (list(value) if isinstance(value, tuple) else value)

    read_back, rest = described.from_argv(words)
    assert rest == ()
    for argument, entry in pairs:
        if argument.key in read_back:
            assert read_back[argument.key] == entry["value"]
        else:
            assert not argument.is_given(entry["value"])  # type: ignore[arg-type]


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=8), max_size=5))
def test_words_survive_the_free_text_field(words: list[str]) -> None:
    assert parse_words(join_words(words)) == tuple(words)


def test_an_open_quotation_is_refused() -> None:
    with pytest.raises(ValueError, match="quotation"):
        parse_words('--name "half')


def _number(**more: object) -> ScriptArgument:
    return ScriptArgument(**{"flags": ("--lr",), "dest": "lr", "type": ArgumentType.NUMBER, "default": 0.1} | more)  # type: ignore[arg-type]


def test_a_value_that_equals_the_default_is_not_said() -> None:
    assert ScriptArguments((_number(),)).to_argv({"--lr": 0.1}) == ()


def test_a_required_value_is_said_even_when_it_equals_the_default() -> None:
    assert ScriptArguments((_number(required=True),)).to_argv({"--lr": 0.1}) == ("--lr", "0.1")


def test_a_value_is_said_when_the_default_is_unknown() -> None:
    assert ScriptArguments((_number(default=None, default_known=False),)).to_argv({"--lr": 0.1}) == ("--lr", "0.1")


def test_a_number_with_a_point_is_said_where_the_default_has_none() -> None:
    assert ScriptArguments((_number(default=1),)).to_argv({"--lr": 1.0}) == ("--lr", "1.0")


def test_a_negative_value_is_tied_to_its_flag() -> None:
    assert ScriptArguments((_number(),)).to_argv({"--lr": -1e-05}) == ("--lr=-1e-05",)


def test_positionals_come_behind_a_fence_when_one_begins_with_a_dash() -> None:
    described = ScriptArguments((ScriptArgument(dest="name", required=True), _number()))
    assert described.to_argv({"name": "-x", "--lr": 1.0}, ("--more",)) == ("--lr", "1.0", "--more", "--", "-x")


def test_positionals_are_fenced_off_from_a_flag_that_takes_any_number_of_words() -> None:
    layers = ScriptArgument(flags=("--layers",), dest="layers", type=ArgumentType.INTEGER, nargs="+")
    described = ScriptArguments((layers, ScriptArgument(dest="data", required=True)))
    assert described.to_argv({"--layers": (1, 2), "data": "a.csv"}) == ("--layers", "1", "2", "--", "a.csv")


def test_an_earlier_optional_positional_is_said_with_its_default_when_a_later_one_is_given() -> None:
    first = ScriptArgument(dest="first", nargs="?", default="a")
    second = ScriptArgument(dest="second", nargs="?", default="b")
    assert ScriptArguments((first, second)).to_argv({"first": None, "second": "c"}) == ("a", "c")


def test_false_for_the_bool_type_is_the_empty_word_because_bool_takes_any_other_for_true() -> None:
    argument = ScriptArgument(
        flags=("--fast",), dest="fast", type=ArgumentType.BOOLEAN, default=True, spelling=ANY_WORD
    )
    assert ScriptArguments((argument,)).to_argv({"--fast": False}) == ("--fast", "")
    assert ScriptArguments((argument,)).from_argv(("--fast", "")) == ({"--fast": False}, ())


def test_unknown_words_of_an_earlier_run_stay_extra_words() -> None:
    values, rest = ScriptArguments((_number(),)).from_argv(("--lr", "3", "--unknown", "x y"))
    assert values == {"--lr": 3.0}
    assert rest == ("--unknown", "x y")


@pytest.mark.parametrize("words", [("--lr", "fast"), ("--lr",), ("--lr", "1", "--lr")])
def test_words_that_make_no_sense_come_back_whole(words: tuple[str, ...]) -> None:
    assert ScriptArguments((_number(),)).from_argv(words) == ({}, words)


def test_a_missing_required_value_is_a_fault() -> None:
    assert ScriptArguments((_number(required=True),)).faults({}) == {"--lr": "--lr is needed."}


def test_a_value_outside_the_choices_is_a_fault() -> None:
    argument = ScriptArgument(flags=("--kernel",), dest="kernel", choices=("linear", "rbf"))
    assert "It takes linear, rbf." in ScriptArguments((argument,)).faults({"--kernel": "poly"})["--kernel"]


def test_a_wrong_number_of_values_is_a_fault() -> None:
    argument = ScriptArgument(flags=("--size",), dest="size", type=ArgumentType.INTEGER, nargs=2)
    assert ScriptArguments((argument,)).faults({"--size": (1,)}) == {"--size": "--size takes 2 values."}


def test_a_word_with_a_dash_among_others_is_a_fault() -> None:
    argument = ScriptArgument(flags=("--names",), dest="names", nargs="+")
    assert "read as a flag" in ScriptArguments((argument,)).faults({"--names": ("a", "-b")})["--names"]
    assert ScriptArguments((argument,)).faults({"--names": ("-b",)}) == {}


def test_two_of_an_exclusive_group_are_a_fault_and_none_of_a_required_one_is_too() -> None:
    a, b = (ScriptArgument(flags=(f"--{n}",), dest=n, action=Action.SWITCH, default=False) for n in "ab")
    described = ScriptArguments((a, b), exclusive=(ExclusiveGroup(("--a", "--b"), required=True),))
    assert described.faults({"--a": True, "--b": True}) == {"--b": "--b cannot be given together with --a."}
    assert described.faults({}) == {"--a": "One of --a, --b is needed."}
    assert described.faults({"--a": True}) == {}


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        (_number(), 0.1),
        (_number(default_known=False), None),
        (ScriptArgument(flags=("-v",), dest="v", action=Action.COUNT, default=3), 3),
        (ScriptArgument(flags=("-x",), dest="x", action=Action.SWITCH, default=True), False),
        (ScriptArgument(flags=("-x",), dest="x", action=Action.APPEND, default=("a",)), None),
    ],
)
def test_a_form_starts_with_what_leaves_the_script_alone(argument: ScriptArgument, expected: Value) -> None:
    assert argument.starting_value == expected
    assert ScriptArguments((argument,)).to_argv({argument.key: argument.starting_value}) == ()


def test_an_emptied_list_is_said_only_where_the_script_takes_no_words() -> None:
    star = ScriptArgument(flags=("--x",), dest="x", nargs="*", default=("a",))
    plus = ScriptArgument(flags=("--x",), dest="x", nargs="+", default=("a",))
    assert ScriptArguments((star,)).to_argv({"--x": ()}) == ("--x",)
    assert ScriptArguments((plus,)).to_argv({"--x": ()}) == ()


def test_values_are_json_friendly() -> None:
    assert json.loads(json.dumps({"--lr": _number().starting_value})) == {"--lr": 0.1}


def test_extra_words_that_the_last_option_would_take_are_told() -> None:
    described = describe_arguments(
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--sizes', nargs='+')\np.add_argument('--lr')\n"
    )
    assert described.swallowing({"--sizes": ("1", "2")}, ["more"]) == "--sizes"
    assert described.swallowing({"--sizes": ("1",)}, ["--flag"]) == ""
    assert described.swallowing({"--lr": "1"}, ["more"]) == ""
    assert described.swallowing({}, ["more"]) == ""
    assert described.swallowing({"--sizes": ("1", "2")}, []) == ""


def test_words_that_a_script_would_read_as_a_file_are_refused() -> None:
    described = describe_arguments(
        "import argparse\np = argparse.ArgumentParser(fromfile_prefix_chars='@')\np.add_argument('names', nargs='*')\n"
    )
    assert "read it as a file of words" in " ".join(described.faults({"names": ("@a",)}).values())
    assert not described.faults({"names": ("a",)})


def test_an_option_of_any_number_of_words_stands_before_one_of_a_single_word() -> None:
    described = describe_arguments(
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--lr')\np.add_argument('--sizes', nargs='+')\n"
        "p.add_argument('first', nargs='?')\np.add_argument('second', nargs='?')\n"
    )
    words = described.to_argv({"--lr": "1", "--sizes": ("1", "2"), "first": "a"}, ["more"])
    assert words == ("--sizes", "1", "2", "--lr", "1", "a", "more")


def test_an_option_whose_value_may_be_left_out_stays_without_one() -> None:
    text = (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--log', nargs='?', const='all')\n"
        "p.add_argument('--lr', type=float)\np.add_argument('file', nargs='?')\np.parse_args()\n"
    )
    described = describe_arguments(text)
    for words in (("--log",), ("--log", "--lr", "0.5"), ("--lr", "0.5", "a.csv", "--log")):
        values, rest = described.from_argv(words)
        assert rest == ("--log",)
        assert set(described.to_argv(values, rest)) == set(words)
        assert described.to_argv(values, rest)[-1] == "--log"
    assert described.from_argv(("--log", "x")) == ({"--log": "x"}, ())


def test_a_list_that_nobody_touched_is_the_scripts_own() -> None:
    # Said, its whole numbers would become fractions, and the tuple a list.
    pair = ScriptArgument(flags=("--xy",), dest="xy", type=ArgumentType.NUMBER, nargs=2, default=(0, 1))
    described = ScriptArguments((pair,))
    assert described.to_argv({"--xy": pair.starting_value}) == ()
    assert described.to_argv({"--xy": (0.0, 1.0)}) == ("--xy", "0.0", "1.0")


@pytest.mark.parametrize("words", [("--b", "3", "--a", "1"), ("--x", "--x"), ("--x", "--a", "2", "--b", "2")])
def test_words_whose_order_or_number_counts_stay_words(words: tuple[str, ...]) -> None:
    # As with append_const, and with several options that write to one name: no field holds which came last.
    one, other = (ScriptArgument(flags=(flag,), dest="v", type=ArgumentType.INTEGER) for flag in ("--a", "--b"))
    switch = ScriptArgument(flags=("--x",), dest="list", action=Action.SWITCH)
    assert ScriptArguments((one, other, switch)).from_argv(words) == ({}, words)
