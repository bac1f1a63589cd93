"""What a script's own function makes of a word is worked out as the real function would."""

from __future__ import annotations

from textwrap import dedent

import pytest

from desktop_aml.domain.scripts.arguments import ArgumentType, ScriptArgument
from desktop_aml.domain.scripts.reader import describe_arguments


def argument_of(function: str, written: str = "own", more: str = "") -> ScriptArgument:
    added = f"p = argparse.ArgumentParser()\np.add_argument('--x', type={written}{more})\n"
    [argument] = describe_arguments(f"{dedent(function)}\nimport argparse\n{added}").arguments
    return argument


TRUTHS = [
    """
    def own(text):
        if text.lower() in ("yes", "true", "1"):
            return True
        elif text.lower() in ("no", "false", "0"):
            return False
        raise argparse.ArgumentTypeError("a truth value")
    """,
    """
    def own(text):
        '''Say yes or no.'''
        pass
        word = text.strip().lower()
        return word == "true" or word == "yes"
    """,
    """
    def own(text, words=("on", "true")):
        return True if text in words else False
    """,
    """
    def own(value):
        if isinstance(value, bool):
            return value
        return not (value[0] in "nf0" or value == "")
    """,
]


@pytest.mark.parametrize("function", TRUTHS)
def test_a_function_of_truth_values_gives_a_check_box_whose_words_it_understands(function: str) -> None:
    argument = argument_of(function)
    assert argument.type is ArgumentType.BOOLEAN
    names: dict[str, object] = {}
    exec("import argparse\n" + dedent(function), names)
    own = names["own"]
    assert callable(own)
    for value in (True, False):
        assert own(argument.spelling.word(value)) is value


@pytest.mark.parametrize(
    "function",
    [
        """
        def own(text):
            number = int(text)
            if number > 10 ** 9:
                raise ValueError
            return number
        """,
        """
        def own(text):
            try:
                return int(text)
            except ValueError:
                raise argparse.ArgumentTypeError(text)
        """,
        """
        def own(text):
            try:
                number = int(text)
            except ValueError:
                raise
            else:
                return number
        """,
    ],
)
def test_a_function_of_whole_numbers_gives_a_field_for_numbers(function: str) -> None:
    assert argument_of(function).type is ArgumentType.INTEGER


@pytest.mark.parametrize(
    "function",
    [
        "def own(text):\n    return 'auto' if text == 'auto' else int(text)",
        "def own(text):\n    return int(text) * 2",
        "def own(text, other):\n    return int(text)",
        "def own():\n    return 1",
        "def own(text):\n    import os\n    return os.environ[text]",
        "def own(text):\n    while True:\n        pass",
        "def own(text):\n" + "    x = 1\n" * 200 + "    return int(text)",
        "def own(text):\n    return True",
        "def own(text):\n    return",
    ],
)
def test_any_other_function_gives_a_field_for_text(function: str) -> None:
    assert argument_of(function).type is ArgumentType.TEXT


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("np.int64", ArgumentType.INTEGER),
        ("np.uint8", ArgumentType.INTEGER),
        ("np.float32", ArgumentType.NUMBER),
        ("np.datetime64", ArgumentType.TEXT),
        ("str.upper", ArgumentType.TEXT),
        ("None", ArgumentType.TEXT),
    ],
)
def test_types_of_numpy_and_methods_of_text_are_known(written: str, expected: ArgumentType) -> None:
    assert argument_of("import numpy as np", written).type is expected


def test_choices_that_the_function_makes_of_no_word_are_left_out() -> None:
    assert argument_of("", "str.upper", ", choices=['A', 'B']").choices == ("A", "B")
    assert argument_of("", "str.upper", ", choices=['a', 'b']").choices == ()
    assert argument_of("import json", "json.loads", ", choices=[1, 2]").choices == ()


@pytest.mark.parametrize(
    "function",
    [
        "def own(text):\n    if int(text) < 10:\n        raise ValueError\n    return int(text)",
        "def own(text):\n    number = int(text)",
        "def own(text):\n    return open(text).read()",
    ],
)
def test_functions_of_some_numbers_none_or_files_are_not_run(function: str) -> None:
    assert argument_of(function).type in (ArgumentType.INTEGER, ArgumentType.TEXT)
