"""Values that stand in the text of a script are worked out as Python would; what is not plain is left."""

from __future__ import annotations

import ast
import math
import os
from pathlib import Path

import pytest

from desktop_aml.domain.scripts.spelling import ANY_WORD, PLAIN, Spelling
from desktop_aml.domain.scripts.static_values import NotPlain, PlainValues

NAMES: dict[str, object] = {"n": 3, "name": "iris", "sizes": [1, 2, 3], "config": {"lr": 0.1}, "none": None}


def worked_out(text: str) -> object:
    values = PlainValues({"os": "os", "Path": "pathlib.Path"})
    values.scopes[-1].update(NAMES)
    return values.of(ast.parse(text, mode="eval").body)


@pytest.mark.parametrize(
    "text",
    [
        "n < 4 <= 4",
        "n < 4 < 4",
        "n == 3 and name",
        "none or name",
        "n and none",
        "1 if n > 2 else 0",
        "1 if n > 3 else 0",
        "name in ('iris', 'wine')",
        "isinstance(name, str)",
        "isinstance(n, (str, float))",
        "sizes[1]",
        "config.get('lr', 1)",
        "list(config.keys())",
        "sorted({3, 1, 2})",
        "name.upper()",
        "f'{name}.csv'",
        "list(range(3))",
        "-n ** 2",
        "not n",
        "n % 2",
        "os.curdir + os.sep + os.pardir + os.path.sep",
        "[math.pi, math.e, math.inf]",
    ],
)
def test_plain_values_are_what_python_makes_of_them(text: str) -> None:
    assert worked_out(text) == eval(text, {"math": math, "os": os, "Path": Path}, dict(NAMES))


def test_paths_are_joined() -> None:
    assert worked_out("Path('data') / 'a' / 'b.csv'") == "data/a/b.csv"


@pytest.mark.parametrize(
    "text",
    [
        "unknown",
        "sizes[0:1]",
        "n.real",
        "n.upper()",
        "f'{n:03d}'",
        "f'{n!r}'",
        "'%999999999d' % n",
        "10**60 * 10",
        "2 ** 65",
        "isinstance(n, unknown)",
        "range(10**9)",
        "name.encode()",
        "sizes.append(4)",
        "(lambda: 3)()",
        "[x for x in sizes]",
    ],
)
def test_what_is_not_plain_or_would_cost_is_left(text: str) -> None:
    with pytest.raises(NotPlain):
        worked_out(text)


def test_words_of_truth_stand_for_what_the_script_makes_of_them() -> None:
    spelling = Spelling(("yes", "1"), ("no",))
    assert (spelling.word(True), spelling.word(False)) == ("yes", "no")
    assert [spelling.value_of(word) for word in ("1", "no")] == [True, False]
    with pytest.raises(ValueError, match="neither true nor false"):
        spelling.value_of("maybe")
    assert ANY_WORD.value_of("anything")
    assert not ANY_WORD.value_of("")
    assert PLAIN.word(True) == "True"


def test_what_cannot_be_told_now_is_left_as_it_is_written() -> None:
    values = PlainValues({})
    values.scopes[-1]["n"] = 3
    unknown, known = (ast.parse(text, mode="eval").body for text in ("elsewhere()", "n + 1"))
    assert values.now(unknown) is unknown
    assert ast.unparse(values.now(known)) == "4"
    assert {name: ast.unparse(one) for name, one in values.spread(ast.parse("{'a': n}", mode="eval").body).items()}
    with pytest.raises(NotPlain):
        values.spread(ast.parse("n", mode="eval").body)
